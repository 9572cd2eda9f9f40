"""The house: set-up, services, start and stop."""
