"""Pages of fulfilment, by subject."""
