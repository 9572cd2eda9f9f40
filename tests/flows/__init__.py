"""The stories from fact to result, told with real workers, a real broker and real PostgreSQL."""
