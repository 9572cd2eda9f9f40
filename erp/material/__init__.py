"""One material seen from all sides: what comes, what goes, and how much will be there when."""
