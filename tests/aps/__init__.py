"""Planning: wishes, the worker's turn, publication, offers and what people are shown."""
