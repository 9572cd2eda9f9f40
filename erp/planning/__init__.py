"""Material planning: what has to be made, bought and moved for all demands together, level by level."""
