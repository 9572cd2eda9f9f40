"""Standard costs: rolled up over all levels, asked what if, released on a day."""
