"""The stockroom, through pages and interface."""
