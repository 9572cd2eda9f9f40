"""docs/contract.md, run: each example is sent and its answer compared with what is written there."""
