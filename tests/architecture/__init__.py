"""The walls: what may stand on what, how large a thing may grow, and that each check catches its violation."""
