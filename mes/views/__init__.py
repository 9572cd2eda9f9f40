"""Pages of the shop floor: the tablet at a machine, and the floor in the office."""
