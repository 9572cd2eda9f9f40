"""When machines can be through with their work at the earliest, if it could be interrupted and shared among them."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from aps.engine.arrays import FREE, PINNED, Arrays
from aps.engine.compiled import NEVER, Ints

MOST_GROUPS = 400
"""Groups of machines that are looked at, those with the most work first."""
MOST_MEMBERS = 300_000
"""Operations looked at in all groups together."""
STEPS = 12
"""Of heads and of tails, by which the work of machines with shifts is cut into what comes early and what late."""
LONG = NEVER >> 2
"""A window that reaches further never ends."""


class Group(NamedTuple):
    """Machines, and the operations that can be done on none but these, with their least minutes.

    An oven that takes six at a time counts as six machines, an operation of size two in it with twice its minutes.
    """

    machines: tuple[int, ...]
    operations: Ints
    minutes: Ints
    speed: int


def latest_load(a: Arrays, heads: Ints, tails: Ints, stop: Callable[[], bool] | None = None) -> int:
    """The earliest possible end of the last order, by the busiest group of machines; -NEVER without open work. `stop`
    is asked before each group.

    `heads` are earliest starts, `tails` least minutes from an operation's end to the end of the last order behind it.
    """
    found, seen = -NEVER, 0
    for group in groups(a):
        seen += len(group.operations)
        if seen > MOST_MEMBERS or (stop is not None and stop()):
            break
        end = jackson(group, heads, tails) if _never_rests(a, group) else _shifts(a, group, heads, tails)
        found = max(found, end)
    return found


def groups(a: Arrays) -> Iterator[Group]:
    """A group per set of machines that some operation may choose from, the most work per machine first, and all."""
    least = least_minutes(a) * _places(a)
    sets: dict[int, list[int]] = {}
    for at in np.flatnonzero((a.state == FREE) | (a.state == PINNED)).tolist():
        mask = 0
        for machine in a.option_machine[a.first_option[at] : a.first_option[at + 1]].tolist():
            mask |= 1 << machine
        sets.setdefault(mask, []).append(at)
    whole = 0
    for mask in sets:
        whole |= mask
    speed = {mask: sum(int(a.capacity[one]) for one in _machines(a, mask)) for mask in [*sets, whole]}
    work = {mask: int(least[members].sum()) // speed[mask] for mask, members in sets.items()}
    chosen = sorted(sets, key=lambda mask: (-work[mask], mask))[:MOST_GROUPS]
    for mask in dict.fromkeys([*chosen, whole] if whole else ()):
        members = np.array([at for other, rows in sets.items() if other & mask == other for at in rows], np.int64)
        yield Group(_machines(a, mask), members, least[members], speed[mask])


def _machines(a: Arrays, mask: int) -> tuple[int, ...]:
    return tuple(one for one in range(len(a.capacity)) if mask >> one & 1)


def _places(a: Arrays) -> Ints:
    """The least that each operation takes of a machine's capacity: its size in an oven, the whole of any other."""
    count = np.diff(a.first_option)
    owner = np.repeat(np.arange(len(count)), count)
    taken = np.where(a.capacity[a.option_machine] > 1, a.size[owner], 1)
    least = np.full(len(count), NEVER, np.int64)
    np.minimum.at(least, owner, taken)
    return np.where(count > 0, least, 0)


def least_minutes(a: Arrays) -> Ints:
    """Run minutes of each operation on its fastest machine; 0 without options."""
    count = np.diff(a.first_option)
    least = np.full(len(count), NEVER, np.int64)
    np.minimum.at(least, np.repeat(np.arange(len(count)), count), a.option_run)
    return np.where(count > 0, least, 0)


def _never_rests(a: Arrays, group: Group) -> bool:
    return all(a.windows[one] == 1 and a.starts[one, 0] <= a.now and a.ends[one, 0] >= LONG for one in group.machines)


def jackson(group: Group, heads: Ints, tails: Ints) -> int:
    """Jackson's preemptive schedule: always the ready operation with the longest tail.

    The least max(end + tail) on one machine with interruptions; several machines count as one that is so much faster,
    for which heads and tails are multiplied instead (Carlier and Pinson 1989 for one machine).
    """
    speed = group.speed
    columns = (heads[group.operations] * speed, group.minutes, tails[group.operations] * speed)
    waiting = sorted(zip(*(column.tolist() for column in columns), strict=True))
    ready: list[tuple[int, int]] = []
    t, at, found = 0, 0, 0
    while at < len(waiting) or ready:
        if not ready:
            t = max(t, waiting[at][0])
        while at < len(waiting) and waiting[at][0] <= t:
            heapq.heappush(ready, (-waiting[at][2], waiting[at][1]))
            at += 1
        tail, rest = heapq.heappop(ready)
        until = t + rest if at >= len(waiting) else min(t + rest, waiting[at][0])
        if until < t + rest:
            heapq.heappush(ready, (tail, t + rest - until))
        else:
            found = max(found, until - tail)
        t = until
    return -(-found // speed)


def _shifts(a: Arrays, group: Group, heads: Ints, tails: Ints) -> int:
    """As exact for machines with shifts as simple goes: for what is ready late and has much behind it, the first time
    by which all machines of the group together were open long enough, and the shortest tail behind that.
    """
    capacity = Capacity(a, group.machines)
    head, tail = heads[group.operations], tails[group.operations]
    found = -NEVER
    for ready in _steps(head):
        for behind in _steps(tail):
            work = int(group.minutes[(head >= ready) & (tail >= behind)].sum())
            if work:
                found = max(found, capacity.through(ready, work) + behind)
    return found


def _steps(values: Ints) -> list[int]:
    """Some of the values, from the least on."""
    ranked = np.unique(values)
    return [int(one) for one in ranked[:: max(1, len(ranked) // STEPS)]]


class Capacity:
    """The open minutes of some machines together: edges, minutes until each, and how many are open behind each."""

    def __init__(self, a: Arrays, machines: tuple[int, ...]) -> None:
        """Add up the windows of the machines."""
        opens = np.concatenate([a.starts[one, : a.windows[one]] for one in machines])
        closes = np.concatenate([a.ends[one, : a.windows[one]] for one in machines])
        places = np.repeat(a.capacity[list(machines)], a.windows[list(machines)])
        edges = np.unique(np.concatenate([opens, closes]))
        change = np.zeros(len(edges), np.int64)
        np.add.at(change, np.searchsorted(edges, opens), places)
        np.add.at(change, np.searchsorted(edges, closes), -places)
        self.edges, self.open = edges, np.cumsum(change)
        self.until = np.concatenate([np.zeros(1, np.int64), np.cumsum(self.open[:-1] * np.diff(edges))])

    def through(self, start: int, work: int) -> int:
        """The first time by which the machines were open for `work` minutes since `start`; the last edge if never."""
        k = int(np.searchsorted(self.edges, start, side="right")) - 1
        before = int(self.until[k] + self.open[k] * (start - self.edges[k])) if k >= 0 else 0
        k = int(np.searchsorted(self.until, before + work, side="left"))
        if k >= len(self.edges):
            return int(self.edges[-1])
        rest = before + work - int(self.until[k - 1])
        return int(self.edges[k - 1]) + -(-rest // int(self.open[k - 1]))
