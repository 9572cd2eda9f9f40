"""Import of a manufacturer's masters, stock and orders from CSV: all checked first, then written in one transaction."""
