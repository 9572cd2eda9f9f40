"""Chance that is the same compiled and in plain Python: one random state, whole numbers only."""

from __future__ import annotations

from aps.engine.compiled import Ints, inner

SIDES = 2147483647


@inner
def throw(dice: Ints, sides: int) -> int:
    """A number in [0, sides) from the minimal standard generator."""
    dice[0] = dice[0] * 48271 % SIDES
    value: int = dice[0] % sides
    return value


@inner
def hops(dice: Ints, most: int) -> int:
    """A number from 1 to `most`: half of the time near 1, otherwise any."""
    if throw(dice, 2) == 0:
        return 1 + throw(dice, most)
    count = 1
    while count < most and throw(dice, 2) == 0:
        count += 1
    return count


@inner
def patience(dice: Ints, heat: int) -> int:
    """How much worse a move may be: exponentially distributed around `heat`, piecewise linear between powers of two."""
    if heat == 0:
        return 0
    value = throw(dice, SIDES - 1) + 1
    halvings = 0
    while value < SIDES // 2:
        value *= 2
        halvings += 1
    scaled = halvings * 1024 + (SIDES - value) // 1048576
    return heat * scaled * 710 // 1048576


@inner
def trust(dice: Ints) -> int:
    """How many operations a move may change while it costs too much: mostly few, now and then very many."""
    most = 16
    while most < 10000 and throw(dice, 4) == 0:
        most *= 4
    return most
