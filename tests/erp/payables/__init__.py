"""Tests of payables."""
