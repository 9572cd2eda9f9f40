"""The operations of each machine in time order, and the first gap an operation fits into."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from aps.engine.arrays import DONE, STARTED, Arrays, Times
from aps.engine.calendar import add_work, back_work, place
from aps.engine.compiled import NEVER, Ints, inner, jit

JOINS = 1 << 41
"""A position from here on: not a place in the lane but the batch of the operation with the number behind it."""


class Lanes(NamedTuple):
    """The operations of each machine in time order, a row per machine; `tail` is where appending begins.

    Of a batch the lane holds the first operation, its leader; `load` is what the leader's batch takes of the machine
    (no rows without ovens). `busy_from` and `busy_until` are the intervals in which each resource is held, in order,
    `busy` how many.
    """

    sequence: Ints
    used: Ints
    tail: Ints
    load: Ints
    busy_from: Ints
    busy_until: Ints
    busy: Ints


def lanes_for(a: Arrays, extra: int = 0) -> Lanes:
    """Empty lanes, wide enough for every operation that could go to the busiest machine and `extra` more."""
    machines = len(a.machine_family)
    started = a.fixed_machine[a.fixed_machine >= 0]
    busiest = np.bincount(a.option_machine, minlength=machines) + np.bincount(started, minlength=machines)
    width = int(busiest.max(initial=0)) + 1 + extra
    held = np.bincount(a.held, minlength=a.units) + np.bincount(a.fixed_held, minlength=a.units)
    room = int(held.max(initial=0)) + 1
    return Lanes(
        np.zeros((machines, width), np.int64),
        np.zeros(machines, np.int64),
        np.zeros(machines, np.int64),
        np.zeros(len(a.order) if bool((a.capacity > 1).any()) else 0, np.int64),
        np.zeros((a.units, room), np.int64),
        np.zeros((a.units, room), np.int64),
        np.zeros(a.units, np.int64),
    )


@jit
def clear(lanes: Lanes) -> None:
    """Nothing on any machine, nobody busy."""
    lanes.used[:] = 0
    lanes.tail[:] = 0
    lanes.load[:] = 0
    lanes.busy[:] = 0


def lanes_of(a: Arrays, times: Times, extra: int = 0) -> Lanes:
    """The lanes of a plan that exists."""
    lanes = lanes_for(a, extra)
    planned = np.flatnonzero((times.machine >= 0) & (a.state != DONE))
    for at in planned.tolist() if a.units else ():
        hold_all(a, lanes, times, at)
    by_time = times.start[planned], times.machine[planned]
    by_lane = planned[np.lexsort((planned, -times.setup[planned], times.end[planned], *by_time))]
    if len(lanes.load):
        by_lane = by_lane[batches(a, lanes, times, by_lane)]
    count = np.bincount(times.machine[by_lane], minlength=len(a.machine_family))
    lanes.used[:] = count
    lanes.tail[:] = count
    offset = np.cumsum(count) - count
    machine = times.machine[by_lane]
    lanes.sequence[machine, np.arange(len(by_lane)) - offset[machine]] = by_lane
    return lanes


def batches(a: Arrays, lanes: Lanes, times: Times, by_lane: Ints) -> npt.NDArray[np.bool_]:
    """Marks the leaders among operations in lane order, and adds up the loads of their batches.

    Whoever has the setup comes first in its batch, and so stays the leader.
    """
    machine, start = times.machine[by_lane], times.start[by_lane]
    joins = (machine[1:] == machine[:-1]) & (start[1:] == start[:-1])
    joins &= (a.capacity[machine[1:]] > 1) & (a.state[by_lane[1:]] != STARTED)
    leads = np.ones(len(by_lane), np.bool_)
    leads[1:] = ~joins
    np.add.at(lanes.load, by_lane[leads][np.cumsum(leads) - 1], a.size[by_lane])
    return leads


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
def hold(lanes: Lanes, unit: int, start: int, end: int) -> None:
    """The resource is busy in [start, end)."""
    if start >= end:
        return
    at = lanes.busy[unit]
    while at > 0 and lanes.busy_from[unit, at - 1] > start:
        lanes.busy_from[unit, at] = lanes.busy_from[unit, at - 1]
        lanes.busy_until[unit, at] = lanes.busy_until[unit, at - 1]
        at -= 1
    lanes.busy_from[unit, at], lanes.busy_until[unit, at] = start, end
    lanes.busy[unit] += 1


@jit
def hold_all(a: Arrays, lanes: Lanes, times: Times, operation: int) -> None:
    """The resources of the operation's mode are busy with it; started work has its own."""
    if a.state[operation] == STARTED:
        for k in range(a.first_fixed[operation], a.first_fixed[operation + 1]):
            hold(lanes, a.fixed_held[k], times.start[operation], times.end[operation])
        return
    option = times.option[operation]
    for k in range(a.first_held[option], a.first_held[option + 1]):
        if a.held_setup[k] == 1:
            hold(lanes, a.held[k], times.begin[operation], times.start[operation])
        else:
            hold(lanes, a.held[k], times.start[operation], times.end[operation])


@inner
def busy_until(lanes: Lanes, unit: int, start: int, end: int) -> int:
    """The end of the first interval that overlaps [start, end), -1 when the resource is free."""
    low = 0
    high = lanes.busy[unit]
    while low < high:
        middle = (low + high) // 2
        if lanes.busy_until[unit, middle] <= start:
            low = middle + 1
        else:
            high = middle
    if low < lanes.busy[unit] and lanes.busy_from[unit, low] < end:
        return int(lanes.busy_until[unit, low])
    return -1


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
    option = times.option[follower]
    setup = setup_before(a, machine, operation, follower, option)
    if a.units > 0 and setup != times.setup[follower] and a.first_held[option] < a.first_held[option + 1]:
        return False
    if setup > 0:
        row = a.option_setting[option]
        end = add_work(a.starts[row], a.ends[row], a.windows[row], end, setup)
    fits: bool = end <= times.start[follower]
    return fits


@inner
def first_batch(a: Arrays, times: Times, operation: int, minutes: int) -> int:
    """When so many working minutes of the operation are done; not after its end."""
    row = times.machine[operation]
    if times.option[operation] >= 0:
        row = a.option_calendar[times.option[operation]]
    done = add_work(a.starts[row], a.ends[row], a.windows[row], times.start[operation], minutes)
    return int(min(done, times.end[operation]))


@inner
def finish_by(a: Arrays, times: Times, operation: int, option: int) -> int:
    """The earliest end that work which it overlaps with allows; 0 when it overlaps with none."""
    row = a.option_calendar[option]
    least = 0
    for k in range(a.first_before[operation], a.first_before[operation + 1]):
        before = a.before[k]
        if a.before_first[k] >= 0 and times.machine[before] >= 0:
            end = times.end[before] + a.before_lag[k]
            if len(a.travel) > 0:
                end += a.travel[a.site[times.machine[before]], a.site[a.option_machine[option]]]
            if a.before_last[k] > 0:
                end = add_work(a.starts[row], a.ends[row], a.windows[row], end, a.before_last[k])
            least = max(least, end)
    return int(least)


@inner
def arrival(a: Arrays, times: Times, operation: int, machine: int) -> int:
    """When everything that comes from other sites is there; 0 when nothing travels."""
    latest = 0
    for k in range(a.first_before[operation], a.first_before[operation + 1]):
        before = a.before[k]
        if times.machine[before] < 0:
            continue
        minutes = a.travel[a.site[times.machine[before]], a.site[machine]]
        if minutes > 0:
            there = times.end[before]
            if a.before_first[k] >= 0:
                there = first_batch(a, times, before, a.before_first[k])
            latest = max(latest, there + a.before_lag[k] + minutes)
    return int(latest)


@inner
def clash(a: Arrays, lanes: Lanes, option: int, setup: int, begin: int, start: int, end: int) -> int:
    """When to try again because a resource is busy, -1 when all are free: not before it is, its setup behind that."""
    again = -1
    for k in range(a.first_held[option], a.first_held[option + 1]):
        unit = a.held[k]
        if a.held_setup[k] == 1:
            until = busy_until(lanes, unit, begin, start) if setup > 0 else -1
            if until >= 0:
                row = a.option_setting[option]
                until = add_work(a.starts[row], a.ends[row], a.windows[row], until, setup)
        else:
            until = busy_until(lanes, unit, start, end)
        again = max(again, until)
    return int(again)


@inner
def fitted(
    a: Arrays, lanes: Lanes, operation: int, option: int, t: int, setup: int, least: int, bound: int
) -> tuple[int, int]:
    """First (start, end) at or after `t` in the mode's calendar, ending at `least` or later, its resources free."""
    row = a.option_calendar[option]
    starts, ends, windows = a.starts[row], a.ends[row], a.windows[row]
    run, whole = a.option_run[option], a.splittable[operation]
    start, end = place(starts, ends, windows, t, run, whole)
    while end <= bound:
        if end < least:
            start, end = place(
                starts, ends, windows, max(start + 1, back_work(starts, ends, windows, least, run)), run, whole
            )
            continue
        if a.units == 0:
            return start, end
        begin = start
        if setup > 0:
            setting = a.option_setting[option]
            begin = back_work(a.starts[setting], a.ends[setting], a.windows[setting], start, setup)
        again = clash(a, lanes, option, setup, begin, start, end)
        if again < 0:
            return start, end
        start, end = place(starts, ends, windows, max(start + 1, again), run, whole)
    return NEVER, NEVER


@inner
def same_people(a: Arrays, one: int, other: int) -> bool:
    """Whether two modes hold the same resources."""
    count = a.first_held[one + 1] - a.first_held[one]
    if count != a.first_held[other + 1] - a.first_held[other]:
        return False
    same = True
    for k in range(count):
        same = same and a.held[a.first_held[one] + k] == a.held[a.first_held[other] + k]
    return same


@inner
def batch(
    a: Arrays, lanes: Lanes, times: Times, operation: int, option: int, ready: int, least: int, at: int, bound: int
) -> tuple[int, int, int]:
    """(start, end, position) of the first batch from position `at` on that the operation may join.

    It must start at `ready` or later, end at `least` or later, and not rest when the operation may not.
    """
    machine = a.option_machine[option]
    longest = NEVER if a.splittable[operation] == 1 else a.option_run[option]
    for position in range(max(0, at - 1), lanes.used[machine]):
        leader = lanes.sequence[machine, position]
        start, end = times.start[leader], times.end[leader]
        if start >= ready and least <= end <= bound and end - start <= longest and a.state[leader] != STARTED:
            other = times.option[leader]
            same = a.family[leader] == a.family[operation] and a.option_run[other] == a.option_run[option]
            same = same and same_people(a, other, option)
            if same and a.family[operation] > 0 and lanes.load[leader] + a.size[operation] <= a.capacity[machine]:
                return start, end, JOINS + leader
    return NEVER, NEVER, -1


@inner
def slot(
    a: Arrays, lanes: Lanes, times: Times, operation: int, option: int, ready: int, at: int, bound: int
) -> tuple[int, int, int]:
    """First (start, end, position) from position `at` on with nobody moved; NEVER when that ends after `bound`.

    A position from JOINS on is a batch; it is taken when nothing on the machine ends earlier.
    """
    machine = a.option_machine[option]
    row = a.option_setting[option]
    starts, ends, windows = a.starts[row], a.ends[row], a.windows[row]
    if len(a.travel) > 0:
        ready = max(ready, arrival(a, times, operation, machine))
    least = finish_by(a, times, operation, option)
    joined = NEVER, NEVER, -1
    if a.capacity[machine] > 1:
        joined = batch(a, lanes, times, operation, option, ready, least, at, bound)
        bound = min(bound, joined[1] - 1)
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
        start, end = fitted(a, lanes, operation, option, max(free, ready), setup, least, bound)
        if end <= bound and leaves_follower(a, lanes, times, operation, machine, position, start, end):
            return start, end, position
    return joined


@inner
def put(a: Arrays, lanes: Lanes, times: Times, operation: int, option: int, start: int, end: int, at: int) -> None:
    """Write the operation's times and its position in the lane, or that it joins a batch."""
    machine = a.option_machine[option]
    times.machine[operation] = machine
    times.option[operation] = option
    times.start[operation] = start
    times.end[operation] = end
    times.begin[operation] = start
    times.setup[operation] = 0
    if at >= JOINS:
        lanes.load[at - JOINS] += a.size[operation]
        return
    if len(lanes.load) > 0:
        lanes.load[operation] = a.size[operation]
    if a.units > 0:
        last = -1
        if at > 0:
            last = lanes.sequence[machine, at - 1]
        setup = setup_before(a, machine, last, operation, option)
        times.setup[operation] = setup
        if setup > 0:
            row = a.option_setting[option]
            times.begin[operation] = back_work(a.starts[row], a.ends[row], a.windows[row], start, setup)
        hold_all(a, lanes, times, operation)
    insert(lanes, machine, at, operation)
    lanes.tail[machine] = max(lanes.tail[machine] + (1 if at < lanes.tail[machine] else 0), at + 1)
