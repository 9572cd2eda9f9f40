"""Mail as bytes: server addresses, reply tokens, building what goes out, reading what comes in. Writes no rows."""
