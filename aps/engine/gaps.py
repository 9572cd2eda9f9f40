"""When new work could start in the gaps of a plan that stays as it is, and what no answer that moves nobody can beat.

Everything here is a relaxation: new operations are looked at one by one, and where another new one might stand beside
them the smaller setup is assumed. So a start that is left out is impossible, and an end is never too late.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from aps.engine.arrays import STARTED, Arrays, Shop, Times
from aps.engine.calendar import add_work, back_work, window_at
from aps.engine.compiled import NEVER, Ints, inner, jit
from aps.engine.lanes import JOINS, Lanes, first_gap, setup_before, setup_between

FIRST, LAST, CLOSED, PLACE = 0, 1, 2, 3
"""Columns of openings: first and last start, closed minutes that the run crosses, position in the lane."""


class Guests(NamedTuple):
    """The new operations as the relaxation sees them, from operation `first` on; sites and families by number.

    `family` are the families that come to each machine, `many` how many operations of each (0: end of the row).
    `head` is the earliest end of each new operation (row) on each site, NEVER where it cannot be.
    """

    first: int
    family: Ints
    many: Ints
    head: Ints


def guests_of(shop: Shop, first: int) -> Guests:
    """The new operations of a joined shop, `first` being the number of those that it had before."""
    a, count = shop.a, len(shop.a.order) - first
    met: list[dict[int, int]] = [{} for _ in a.capacity]
    machines = a.option_machine.tolist()
    for at in range(first, first + count):
        family = int(a.family[at])
        for machine in {machines[k] for k in range(a.first_option[at], a.first_option[at + 1])}:
            met[machine][family] = met[machine].get(family, 0) + 1
    width = max((len(row) for row in met), default=0) + 1
    families, counts = np.zeros((len(met), width), np.int64), np.zeros((len(met), width), np.int64)
    for machine, row in enumerate(met):
        for at, (family, many) in enumerate(row.items()):
            families[machine, at], counts[machine, at] = family, many
    return Guests(first, families, counts, np.full((count, max(1, len(a.travel))), NEVER, np.int64))


@inner
def eased_in(a: Arrays, guests: Guests, machine: int, operation: int, option: int, setup: int) -> int:
    """The setup of a new operation, or less when another new one might be ahead of it."""
    k = 0
    while guests.many[machine, k] > 0 and setup > 0:
        family = guests.family[machine, k]
        if family != a.family[operation] or guests.many[machine, k] > 1:
            setup = min(setup, setup_between(a, family, a.family[operation], a.option_setup[option]))
        k += 1
    return int(setup)


@inner
def eased_out(a: Arrays, guests: Guests, machine: int, follower: int, option: int, setup: int) -> int:
    """The setup of the operation behind the gap, or less when another new one might be behind the one in question."""
    if option < 0 or a.state[follower] == STARTED:
        return 0
    k = 0
    while guests.many[machine, k] > 0 and setup > 0:
        setup = min(setup, setup_between(a, guests.family[machine, k], a.family[follower], a.option_setup[option]))
        k += 1
    return int(setup)


@inner
def starts_within(
    a: Arrays, operation: int, option: int, low: int, high: int, place: int, found: int, out: Ints
) -> int:
    """Add the starts from `low` on from which the run ends by `high`; how many rows there are then."""
    row, run = a.option_calendar[option], a.option_run[option]
    count = a.windows[row]
    k = max(0, window_at(a.starts[row], count, low))
    while k < count and a.starts[row, k] < high and found < len(out):
        first = max(a.starts[row, k], low)
        closed, reach, j = 0, a.ends[row, k] - run, k
        while first < a.ends[row, k] and found < len(out):
            last = min(reach, a.ends[row, k] - 1, high - run - closed)
            if first <= last:
                out[found, FIRST], out[found, LAST], out[found, CLOSED], out[found, PLACE] = first, last, closed, place
                found += 1
                first = last + 1
            j += 1
            if a.splittable[operation] == 0 or j >= count or reach >= a.ends[row, k] - 1 or a.starts[row, j] >= high:
                break
            closed += a.starts[row, j] - a.ends[row, j - 1]
            reach += a.ends[row, j] - a.starts[row, j]
        k += 1
    return found


@inner
def may_join(a: Arrays, lanes: Lanes, times: Times, operation: int, option: int, leader: int) -> bool:
    """Whether the operation may go into the batch of the leader, whenever that starts."""
    run, other = a.option_run[option], times.option[leader]
    if a.state[leader] == STARTED or a.family[leader] != a.family[operation] or a.family[operation] == 0:
        return False
    fits = a.splittable[operation] == 1 or times.end[leader] - times.start[leader] <= run
    room = lanes.load[leader] + a.size[operation] <= a.capacity[a.option_machine[option]]
    joins: bool = fits and room and a.option_run[other] == run
    return joins


@inner
def batches_within(
    a: Arrays, lanes: Lanes, times: Times, operation: int, option: int, low: int, high: int, found: int, out: Ints
) -> int:
    """Add the batches that the operation may join, by their starts; how many rows there are then."""
    machine, run = a.option_machine[option], a.option_run[option]
    for position in range(lanes.used[machine]):
        leader = lanes.sequence[machine, position]
        start, end = times.start[leader], times.end[leader]
        if start < low or end > high or found >= len(out):
            continue
        if may_join(a, lanes, times, operation, option, leader):
            out[found, FIRST], out[found, LAST] = start, start
            out[found, CLOSED], out[found, PLACE] = end - start - run, JOINS + leader
            found += 1
    return found


@jit
def openings(
    a: Arrays, guests: Guests, lanes: Lanes, times: Times, operation: int, option: int, low: int, high: int, out: Ints
) -> int:
    """Write when the operation could start on the option's machine at `low` or later and end by `high`.

    Rows of `out`: FIRST, LAST, CLOSED, PLACE, by position in the lane; returns how many. With room for fewer than there
    are the first are written.
    """
    machine, setting = a.option_machine[option], a.option_setting[option]
    found = 0
    for position in range(first_gap(lanes, times, machine, low), lanes.used[machine] + 1):
        last, free = -1, a.now
        if position > 0:
            last = lanes.sequence[machine, position - 1]
            free = max(free, times.end[last])
        if free > high or found >= len(out):
            break
        setup = setup_before(a, machine, last, operation, option)
        if setup > 0:
            setup = eased_in(a, guests, machine, operation, option, setup)
            free = add_work(a.starts[setting], a.ends[setting], a.windows[setting], free, setup)
        until = high
        if position < lanes.used[machine]:
            until = min(until, leave_by(a, guests, lanes, times, operation, machine, position))
        if max(low, free) <= until:
            found = starts_within(a, operation, option, max(low, free), until, position, found, out)
    if a.capacity[machine] > 1:
        found = batches_within(a, lanes, times, operation, option, low, high, found, out)
    return found


@jit
def meets_by(a: Arrays, times: Times, operation: int, machine: int, follower: int) -> int:
    """When the operation must be done to stand directly ahead of the follower."""
    until: int = times.start[follower]
    option = times.option[follower]
    setup = setup_before(a, machine, operation, follower, option)
    if setup > 0:
        row = a.option_setting[option]
        until = back_work(a.starts[row], a.ends[row], a.windows[row], until, setup)
    return until


@inner
def leave_by(a: Arrays, guests: Guests, lanes: Lanes, times: Times, operation: int, machine: int, position: int) -> int:
    """When the operation must be done so that the one at `position` can start as planned."""
    follower = lanes.sequence[machine, position]
    option = times.option[follower]
    until: int = times.start[follower]
    setup = setup_before(a, machine, operation, follower, option)
    if setup > 0:
        setup = eased_out(a, guests, machine, follower, option, setup)
    if setup > 0:
        row = a.option_setting[option]
        until = back_work(a.starts[row], a.ends[row], a.windows[row], until, setup)
    return until


@jit
def ready_on(a: Arrays, guests: Guests, times: Times, operation: int, machine: int) -> int:
    """The earliest start that material and predecessors allow on a machine, whichever of theirs they choose."""
    ready: int = max(a.now, a.release[operation])
    for k in range(a.first_before[operation], a.first_before[operation + 1]):
        before, lag = a.before[k], a.before_lag[k]
        if a.before_first[k] >= 0:
            continue
        if before < guests.first:
            way = 0
            if len(a.travel) > 0:
                way = a.travel[a.site[times.machine[before]], a.site[machine]]
            ready = max(ready, times.end[before] + lag + way)
            continue
        least = NEVER
        for site in range(guests.head.shape[1]):
            way = 0
            if len(a.travel) > 0:
                way = a.travel[site, a.site[machine]]
            least = min(least, guests.head[before - guests.first, site] + way)
        ready = max(ready, least + lag)
    return ready


@jit
def earliest_ends(a: Arrays, guests: Guests, lanes: Lanes, times: Times, news: Ints, ends: Ints, out: Ints) -> None:
    """Write when each of `news` (predecessors first) could end at the earliest, and `guests.head`; NEVER: nowhere.

    Transfer batches are passed over. `out` is room for one row of openings.
    """
    for operation in news:
        ends[operation] = NEVER
        for option in range(a.first_option[operation], a.first_option[operation + 1]):
            machine = a.option_machine[option]
            low = ready_on(a, guests, times, operation, machine)
            if low >= NEVER:
                continue
            end = NEVER
            if openings(a, guests, lanes, times, operation, option, low, NEVER - 1, out) > 0:
                end = out[0, FIRST] + a.option_run[option] + out[0, CLOSED]
            if a.capacity[machine] > 1:
                end = min(end, first_joined(a, lanes, times, operation, option, low))
            site = 0
            if len(a.travel) > 0:
                site = a.site[machine]
            head = guests.head[operation - guests.first]
            head[site] = min(head[site], end)
            ends[operation] = min(ends[operation], end)


@inner
def first_joined(a: Arrays, lanes: Lanes, times: Times, operation: int, option: int, low: int) -> int:
    """The end of the first batch that the operation may join, NEVER without one."""
    machine = a.option_machine[option]
    for position in range(lanes.used[machine]):
        leader = lanes.sequence[machine, position]
        if times.start[leader] >= low and may_join(a, lanes, times, operation, option, leader):
            return int(times.end[leader])
    return NEVER


def least_ends(shop: Shop, guests: Guests, lanes: Lanes, times: Times, news: Ints) -> Ints:
    """The earliest ends of all operations, NEVER for a new one that fits nowhere; those of the plan as they are.

    `lanes` hold the plan without the new operations, `news` come predecessors first.
    """
    ends = times.end.copy()
    earliest_ends(shop.a, guests, lanes, times, news, ends, np.zeros((1, 4), np.int64))
    return ends
