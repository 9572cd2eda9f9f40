"""Plans: snapshot, engine, publication."""
