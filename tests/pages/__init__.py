"""Tests of the shell and the patterns of pages."""
