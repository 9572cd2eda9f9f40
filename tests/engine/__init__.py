"""Tests of the planning engine; they need no database."""
