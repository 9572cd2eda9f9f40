"""Receivables through the front door."""
