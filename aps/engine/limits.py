"""What CP-SAT is asked, where it need not be loaded to know."""

WHOLE = 150
"""Free operations up to which the whole problem is given to CP-SAT."""
MOST = 2000
"""Free operations beyond which it is not asked at all: it answers a cancel too slowly, and finds nothing in windows
that the search does not find sooner.
"""
