"""Webhooks: which endpoints a fact is for, what they are told, how it is signed and sent."""
