"""Pages of planning: the scheduling board, plans, orders that come late."""
