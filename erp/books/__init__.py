"""The accountant's desk: periods and years, manual entries, reports from the journal."""
