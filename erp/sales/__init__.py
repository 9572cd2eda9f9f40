"""Sales orders, shipments, invoices, payments."""
