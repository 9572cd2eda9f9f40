"""Rush requests as people meet them: from quotation and order, approved, taken, given back."""
