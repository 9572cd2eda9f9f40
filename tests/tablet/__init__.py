"""The tablet's scripts: pure modules under node's own test runner."""
