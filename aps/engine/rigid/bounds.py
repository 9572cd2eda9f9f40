"""Makespans that no plan can beat, by counting only."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from itertools import pairwise

import numpy as np

from aps.engine.compiled import Ints
from aps.engine.rigid.net import Net
from aps.engine.rigid.start import heads_of, tails_of

GROUPS = 200
"""Groups of machines that are looked at, the smallest first."""


LEVELS = 50
"""Lengths of the way to the end that are looked at, from the shortest on."""


def lower_bound(net: Net) -> int:
    """The end of all is never before this: the longest chain, and the work of each machine and group of machines."""
    head, tail = heads_of(net), tails_of(net)
    shortest = np.minimum.reduceat(net.option_run, net.first_option[:-1])
    best = int((head + tail).max())
    for machine in range(len(net.first_lane) - 1):
        own = bound_to(net, frozenset([machine]))
        best = max(best, one_machine(head[own], shortest[own], tail[own] - shortest[own]))
    for group in groups_of(net):
        inside = bound_to(net, group)
        if len(inside):
            best = max(best, together(head[inside], shortest[inside], tail[inside] - shortest[inside], len(group)))
    return best


def machines_of(net: Net) -> list[frozenset[int]]:
    """The machines that can do each operation."""
    machines = net.option_machine.tolist()
    first = net.first_option.tolist()
    return [frozenset(machines[k:end]) for k, end in pairwise(first)]


def groups_of(net: Net) -> list[frozenset[int]]:
    """Sets of machines that some operation is bound to, unions of two of them, and all machines."""
    single = sorted(set(machines_of(net)), key=lambda group: (len(group), sorted(group)))[:GROUPS]
    pairs = {one | other for one in single[:30] for other in single[:30]}
    every = frozenset(range(len(net.first_lane) - 1))
    return [*single, *sorted(pairs - set(single), key=sorted), every]


def bound_to(net: Net, group: frozenset[int]) -> Ints:
    """The operations that only machines of the group can do."""
    inside = np.isin(net.option_machine, list(group)).astype(np.int64)
    return np.flatnonzero(np.minimum.reduceat(inside, net.first_option[:-1])).astype(np.int64)


def together(head: Ints, run: Ints, rest: Ints, machines: int) -> int:
    """`machines` share the work: for each set of operations that start late or have a long way to go, its load."""
    best = 0
    levels = np.unique(rest)
    for least in levels[:: 1 + len(levels) // LEVELS].tolist():
        some = rest >= least
        order = np.argsort(-head[some], kind="stable")
        heads, load = head[some][order], np.cumsum(run[some][order])
        best = max(best, int((heads - (-load // machines)).max()) + least)
    return best


def one_machine(head: Ints, run: Ints, rest: Ints) -> int:
    """The least end of all on one machine if work could be interrupted: the longest way to go first (Jackson, 1955)."""
    waiting: list[tuple[int, int]] = []
    t, best = 0, 0
    for at in by_head(head):
        t, best = worked_until(waiting, t, int(head[at]), best)
        t = max(t, int(head[at]))
        heapq.heappush(waiting, (-int(rest[at]), int(run[at])))
    return worked_until(waiting, t, 1 << 60, best)[1]


def by_head(head: Ints) -> Iterable[int]:
    """Positions by start."""
    return [int(at) for at in np.argsort(head, kind="stable")]


def worked_until(waiting: list[tuple[int, int]], t: int, end: int, best: int) -> tuple[int, int]:
    """Work on what waits from `t` until `end`; the time reached and the longest end of all so far."""
    while waiting and t < end:
        rest, run = heapq.heappop(waiting)
        done = min(run, end - t)
        t += done
        if done == run:
            best = max(best, t - rest)
        else:
            heapq.heappush(waiting, (rest, run - done))
    return t, best
