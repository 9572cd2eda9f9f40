"""Pages of payables."""
