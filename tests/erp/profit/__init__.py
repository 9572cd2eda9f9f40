"""Tests of profit."""
