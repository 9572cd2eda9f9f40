"""Tests of documents for people."""
