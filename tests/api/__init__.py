"""The REST interface: keys, rights, problems, idempotency, versions, description."""
