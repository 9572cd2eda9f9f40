"""Benchmarks: what they answer, never how fast."""
