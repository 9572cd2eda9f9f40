"""Tests of the board's and the tablet's scripts."""
