"""The material seen from all sides."""
