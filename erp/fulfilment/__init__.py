"""How goods reach the customer: packing, shipping."""
