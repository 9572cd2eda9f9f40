"""Pages of the stockroom."""
