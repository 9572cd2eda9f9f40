"""Double entry: accounts, journal, periods."""
