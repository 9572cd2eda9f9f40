"""What has to come: netting, pegs, purchase orders, receipts."""
