"""Questions across apps that somebody waits for. They write no business rows."""
