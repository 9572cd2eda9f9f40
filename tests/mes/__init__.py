"""Tests of the shop floor."""
