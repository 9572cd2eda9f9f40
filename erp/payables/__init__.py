"""What suppliers are owed: invoices matched with orders and receipts, credit notes, payments, landed costs."""
