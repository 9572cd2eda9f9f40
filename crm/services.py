"""Deeds of the app: verbs, keyword-only, one transaction each."""
