"""The house: settings, flows, asks, deeds, roles and the shell."""
