"""Bank statements: read from files, matched with invoices, payments and accounts."""
