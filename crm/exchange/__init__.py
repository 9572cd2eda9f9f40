"""The way to mail servers: sends what waits, fetches what lies there. Slow, so outside any transaction."""
