"""Working windows of a machine, its holes, and time compressed to working minutes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from aps.engine.compiled import NEVER, Ints, inner, jit
from aps.engine.problem import Machine, Resource, Window


def open_windows(machine: Machine | Resource) -> list[Window]:
    """The working windows without the holes; windows that touch are joined."""
    joined: list[Window] = []
    for start, end in without(machine.windows, machine.holes):
        if joined and joined[-1][1] == start:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def without(windows: Sequence[Window], holes: Sequence[Window]) -> list[Window]:
    """What is left of sorted windows when the holes are cut out."""
    cut: list[Window] = []
    holes = sorted(holes)
    for start, end in windows:
        at = start
        for hole_start, hole_end in holes:
            if hole_end <= at or hole_start >= end:
                continue
            if hole_start > at:
                cut.append((at, hole_start))
            at = max(at, hole_end)
        if at < end:
            cut.append((at, end))
    return cut


def common(one: Sequence[Window], other: Sequence[Window]) -> list[Window]:
    """The windows in which both are open."""
    found: list[Window] = []
    i = j = 0
    while i < len(one) and j < len(other):
        start, end = max(one[i][0], other[j][0]), min(one[i][1], other[j][1])
        if start < end:
            found.append((start, end))
        if one[i][1] < other[j][1]:
            i += 1
        else:
            j += 1
    return found


def rows_of_windows(rows: Sequence[Sequence[Window]]) -> tuple[Ints, Ints, Ints]:
    """Starts and ends of the windows, and how many of each row count; NEVER behind the last."""
    widest = max((len(row) for row in rows), default=0)
    starts = np.full((len(rows), widest + 1), NEVER, np.int64)
    ends = np.full((len(rows), widest + 1), NEVER, np.int64)
    for at, row in enumerate(rows):
        if row:
            starts[at, : len(row)], ends[at, : len(row)] = np.array(row, np.int64).T
    return starts, ends, np.array([len(row) for row in rows], np.int64)


@inner
def window_at(starts: Ints, count: int, t: int) -> int:
    """The last window that starts at or before `t`, -1 when there is none."""
    low = 0
    high = count
    while low < high:
        middle = (low + high) // 2
        if starts[middle] <= t:
            low = middle + 1
        else:
            high = middle
    return low - 1


@jit
def add_work(starts: Ints, ends: Ints, count: int, t: int, minutes: int) -> int:
    """When `minutes` of work begun at `t` are done; 0 minutes: the next working minute. NEVER past the calendar."""
    k = window_at(starts, count, t)
    if k < 0:
        k = 0
        t = starts[0]
    elif t >= ends[k]:
        k += 1
        t = starts[k]
    if k >= count:
        return NEVER
    while minutes > ends[k] - t:
        minutes -= ends[k] - t
        k += 1
        if k >= count:
            return NEVER
        t = starts[k]
    return t + minutes


@inner
def back_work(starts: Ints, ends: Ints, count: int, t: int, minutes: int) -> int:
    """The latest time from which `minutes` of work are done by `t`; -NEVER before the calendar."""
    k = window_at(starts, count, t - 1)
    if k < 0:
        return -NEVER
    t = min(t, ends[k])
    while minutes > t - starts[k]:
        minutes -= t - starts[k]
        k -= 1
        if k < 0:
            return -NEVER
        t = ends[k]
    return t - minutes


@jit
def place(starts: Ints, ends: Ints, count: int, t: int, minutes: int, splittable: int) -> tuple[int, int]:
    """First (start, end) at or after `t` for `minutes` of work, in one window unless `splittable`."""
    t = add_work(starts, ends, count, t, 0)
    if t >= NEVER:
        return NEVER, NEVER
    if splittable == 1:
        return t, add_work(starts, ends, count, t, minutes)
    k = window_at(starts, count, t)
    while ends[k] - t < minutes:
        k += 1
        if k >= count:
            return NEVER, NEVER
        t = starts[k]
    return t, t + minutes
