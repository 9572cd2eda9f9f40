"""The hub: sales, supply, stock, production, cost and ledger."""
