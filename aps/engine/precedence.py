"""Who waits for whom, as arrays: by follower (as the problem gives it), by predecessor, and in an order that fits."""

from __future__ import annotations

import numpy as np

from aps.engine.compiled import Ints, jit


def followers(first_before: Ints, before: Ints) -> tuple[Ints, Ints, Ints]:
    """The operations that wait for each operation: offsets, operations, and at which row of `before` each waits."""
    count = len(first_before) - 1
    owner = np.repeat(np.arange(count), np.diff(first_before))
    row = np.argsort(before, kind="stable")
    first = np.concatenate([np.zeros(1, np.int64), np.cumsum(np.bincount(before, minlength=count))])
    return first.astype(np.int64), owner[row].astype(np.int64), row.astype(np.int64)


def needs_first(first_before: Ints, before: Ints) -> Ints:
    """What `problem.topological` gives for all operations of a problem, a hundred times as fast."""
    found = np.zeros(len(first_before) - 1, np.int64)
    first_after, after, _ = followers(first_before, before)
    line_up(np.diff(first_before), first_after, after, found)
    return found


@jit
def line_up(waiting: Ints, first_after: Ints, after: Ints, found: Ints) -> None:
    """Write the operations, those that wait for nothing first; `waiting` counts what each waits for and is used up."""
    length = 0
    for operation in range(len(found)):
        if waiting[operation] == 0:
            found[length] = operation
            length += 1
    for at in range(len(found)):
        operation = found[at]
        for k in range(first_after[operation], first_after[operation + 1]):
            waiting[after[k]] -= 1
            if waiting[after[k]] == 0:
                found[length] = after[k]
                length += 1
