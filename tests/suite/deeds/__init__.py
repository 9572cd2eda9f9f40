"""Deeds across apps."""
