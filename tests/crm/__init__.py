"""Quotations, rush requests, promises and notices."""
