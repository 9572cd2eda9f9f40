"""Pages of customers: quotations, rush requests, promises, notices."""
