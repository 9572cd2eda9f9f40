"""Cost per order as it happens, and what it is estimated to become."""
