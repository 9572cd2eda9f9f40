"""What follows by itself from what happened, one story a file; table.py is the front page."""
