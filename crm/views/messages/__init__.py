"""Pages of messages: lists, a conversation, writing, logging, assigning, templates, and the parts that others embed."""
