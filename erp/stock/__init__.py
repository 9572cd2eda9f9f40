"""Exact stock: moves, balances, values, reservations, owed issues."""
