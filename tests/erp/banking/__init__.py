"""Bank statements and their matches."""
