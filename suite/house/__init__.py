"""Pages of the house: flow runs, the proof of the audit, people and keys."""
