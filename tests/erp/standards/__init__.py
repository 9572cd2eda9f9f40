"""Standard costs: rolled up, asked what if, released."""
