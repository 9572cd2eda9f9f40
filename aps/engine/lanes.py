"""The operations of each machine in time order, and the first gap an operation fits into."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from aps.engine.arrays import DONE, STARTED, Arrays, Times
from aps.engine.calendar import add_work, place
from aps.engine.compiled import NEVER, Ints, inner, jit


class Lanes(NamedTuple):
    """The operations of each machine in time order, a row per machine; `tail` is where appending begins."""

    sequence: Ints
    used: Ints
    tail: Ints


def lanes_for(a: Arrays, extra: int = 0) -> Lanes:
    """Empty lanes, wide enough for every operation that could go to the busiest machine and `extra` more."""
    machines = len(a.windows)
    started = a.fixed_machine[a.fixed_machine >= 0]
    busiest = np.bincount(a.option_machine, minlength=machines) + np.bincount(started, minlength=machines)
    width = int(busiest.max(initial=0)) + 1 + extra
    return Lanes(np.zeros((machines, width), np.int64), np.zeros(machines, np.int64), np.zeros(machines, np.int64))


def lanes_of(a: Arrays, times: Times, extra: int = 0) -> Lanes:
    """The lanes of a plan that exists."""
    lanes = lanes_for(a, extra)
    planned = np.flatnonzero((times.machine >= 0) & (a.state != DONE))
    by_lane = planned[np.lexsort((planned, times.end[planned], times.start[planned], times.machine[planned]))]
    count = np.bincount(times.machine[planned], minlength=len(a.windows))
    lanes.used[:] = count
    lanes.tail[:] = count
    offset = np.cumsum(count) - count
    machine = times.machine[by_lane]
    lanes.sequence[machine, np.arange(len(by_lane)) - offset[machine]] = by_lane
    return lanes


@jit
def setup_between(a: Arrays, old: int, new: int, minutes: int) -> int:
    """Setup minutes from family to family when the option asks for `minutes`; none within a family."""
    if old == new and new > 0:
        return 0
    if a.change.shape[0] > 0 and a.change[old, new] >= 0:
        return int(a.change[old, new])
    return minutes


@jit
def setup_before(a: Arrays, machine: int, last: int, operation: int, option: int) -> int:
    """Setup minutes of the operation behind operation `last` (-1: first on the machine)."""
    if option < 0 or a.state[operation] == STARTED:
        return 0
    family = a.machine_family[machine] if last < 0 else a.family[last]
    return setup_between(a, family, a.family[operation], a.option_setup[option])


@inner
def insert(lanes: Lanes, machine: int, at: int, operation: int) -> None:
    """Put the operation at position `at` of its machine."""
    row = lanes.sequence[machine]
    for k in range(lanes.used[machine], at, -1):
        row[k] = row[k - 1]
    row[at] = operation
    lanes.used[machine] += 1


@inner
def first_gap(lanes: Lanes, times: Times, machine: int, ready: int) -> int:
    """The first position of the lane whose follower ends after `ready`."""
    low = 0
    high = lanes.used[machine]
    while low < high:
        middle = (low + high) // 2
        if times.end[lanes.sequence[machine, middle]] <= ready:
            low = middle + 1
        else:
            high = middle
    return low


@inner
def leaves_follower(
    a: Arrays, lanes: Lanes, times: Times, operation: int, machine: int, position: int, start: int, end: int
) -> bool:
    """Whether [start, end) ahead of the operation at `position` leaves that one in place, its new setup included."""
    if position == lanes.used[machine]:
        return True
    follower = lanes.sequence[machine, position]
    if start >= times.start[follower]:
        return False
    setup = setup_before(a, machine, operation, follower, times.option[follower])
    if setup > 0:
        end = add_work(a.starts[machine], a.ends[machine], a.windows[machine], end, setup)
    fits: bool = end <= times.start[follower]
    return fits


@inner
def slot(
    a: Arrays, lanes: Lanes, times: Times, operation: int, option: int, ready: int, at: int, bound: int
) -> tuple[int, int, int]:
    """First (start, end, position) from position `at` on with nobody moved; NEVER when that ends after `bound`."""
    machine = a.option_machine[option]
    starts, ends, windows = a.starts[machine], a.ends[machine], a.windows[machine]
    for position in range(at, lanes.used[machine] + 1):
        last = -1
        free = a.now
        if position > 0:
            last = lanes.sequence[machine, position - 1]
            free = max(free, times.end[last])
        if free > bound:
            break
        setup = setup_before(a, machine, last, operation, option)
        if setup > 0:
            free = add_work(starts, ends, windows, free, setup)
        start, end = place(starts, ends, windows, max(free, ready), a.option_run[option], a.splittable[operation])
        if end <= bound and leaves_follower(a, lanes, times, operation, machine, position, start, end):
            return start, end, position
    return NEVER, NEVER, -1


@inner
def put(a: Arrays, lanes: Lanes, times: Times, operation: int, option: int, start: int, end: int, at: int) -> None:
    """Write the operation's times and its position in the lane."""
    machine = a.option_machine[option]
    insert(lanes, machine, at, operation)
    lanes.tail[machine] = max(lanes.tail[machine] + (1 if at < lanes.tail[machine] else 0), at + 1)
    times.machine[operation] = machine
    times.option[operation] = option
    times.start[operation] = start
    times.end[operation] = end
