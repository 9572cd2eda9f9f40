"""Pages of bank accounts and their statements."""
