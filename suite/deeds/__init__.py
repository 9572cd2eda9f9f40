"""Deeds across apps that somebody waits for: each is one atomic block, and a stale one is answered again."""
