"""Work orders: what is made, of what, by which operations."""
