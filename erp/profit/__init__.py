"""What orders earn: from quote to now to final, each step with its cause; by product, customer, plant and month."""
