"""What customers owe: invoices, payments and what they pay."""
