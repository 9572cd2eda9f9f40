"""Pages of material planning."""
