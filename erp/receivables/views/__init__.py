"""Pages of receivables."""
