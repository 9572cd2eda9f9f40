"""What is to be timed anew after a move: a heap of operations, those with the smallest key first."""

from __future__ import annotations

from typing import NamedTuple

from aps.engine.arrays import PINNED
from aps.engine.compiled import Ints, inner

HEAPED, LOGGED, ENDED, RAISED, FALLS, COST = range(6)
BLOCK = 64
"""Operations that one move may take along."""


class Wake(NamedTuple):
    """A heap of operations by key; `queued` is 1, or 2 when the operation may become earlier."""

    heap: Ints
    key: Ints
    queued: Ints
    tally: Ints


@inner
def push(wake: Wake, state: Ints, operation: int, key: int, falls: bool) -> None:
    """Let the operation be timed anew, unless the shop has begun it."""
    if operation < 0 or state[operation] > PINNED:
        return
    if falls and wake.queued[operation] != 2:
        wake.tally[FALLS] += 1
    if wake.queued[operation] > 0:
        if falls:
            wake.queued[operation] = 2
        return
    wake.queued[operation] = 2 if falls else 1
    wake.key[operation] = key
    at = wake.tally[HEAPED]
    wake.tally[HEAPED] += 1
    while at > 0:
        parent = (at - 1) // 2
        other = wake.heap[parent]
        if wake.key[other] <= key:
            break
        wake.heap[at] = other
        at = parent
    wake.heap[at] = operation


@inner
def pop(wake: Wake) -> int:
    """Take the operation with the smallest key off."""
    first: int = wake.heap[0]
    if wake.queued[first] == 2:
        wake.tally[FALLS] -= 1
    wake.queued[first] = 0
    wake.tally[HEAPED] -= 1
    length = wake.tally[HEAPED]
    one = wake.heap[length]
    at, child = 0, 1
    while child < length:
        if child + 1 < length and wake.key[wake.heap[child + 1]] < wake.key[wake.heap[child]]:
            child += 1
        other = wake.heap[child]
        if wake.key[one] <= wake.key[other]:
            break
        wake.heap[at] = other
        at = child
        child = 2 * at + 1
    wake.heap[at] = one
    return first
