"""Questions across apps."""
