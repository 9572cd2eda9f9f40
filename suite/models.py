"""No rows of its own: the house joins the rooms."""
