"""Pages of sales orders: the list, the order, what is done with it."""
