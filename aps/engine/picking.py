"""Where the search looks next: an operation on the chain behind an order that could end earlier."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from aps.engine.arrays import FREE, Arrays, Times
from aps.engine.calendar import place
from aps.engine.compiled import NEVER, Ints, inner, jit
from aps.engine.crew import awaits
from aps.engine.dice import throw
from aps.engine.net import Net
from aps.engine.objective import saved_points
from aps.engine.wake import BLOCK

SIZE, OPTION, MACHINE, AT, INTO, LOW, LATES = range(7)


class Draft(NamedTuple):
    """The move in the making: its `block` of operations, neighbours on a machine.

    `to`: how many they are, option and machine of the first, position in the lane of its old and its new machine
    (counted before the move), the latest start that must stay ahead of them, and how many orders could end earlier.
    `lates` are those orders, `sums` the points they might save summed up, `soonest` the end of each order if machines
    were never busy. `mine` is 1 for machines on which moves are made, `own` are the operations there, `cares` is 1 for
    their orders. `dice` is the random state.
    """

    block: Ints
    to: Ints
    lates: Ints
    sums: Ints
    soonest: Ints
    mine: Ints
    own: Ints
    cares: Ints
    dice: Ints


def draft_for(a: Arrays, times: Times, topological: Ints, seed: int, mine: Ints | None = None) -> Draft:
    """No move yet; `mine` is 1 for machines on which moves may be made (default: all)."""
    orders = len(a.due)
    mine = np.ones(len(a.capacity), np.int64) if mine is None else mine
    own = np.flatnonzero((times.machine >= 0) & (mine[times.machine] == 1)).astype(np.int64)
    cares = np.zeros(orders, np.int64)
    cares[a.order[own]] = 1
    ends = np.full(orders, -1, np.int64)
    soonest(a, times, topological, np.zeros(len(a.state), np.int64), ends)
    return Draft(
        np.zeros(BLOCK, np.int64),
        np.zeros(7, np.int64),
        np.zeros(orders, np.int64),
        np.zeros(orders, np.int64),
        ends,
        mine,
        own,
        cares,
        np.full(1, seed % 2147483646 + 1, np.int64),
    )


@jit
def soonest(a: Arrays, times: Times, topological: Ints, least: Ints, ends: Ints) -> None:
    """Write the end of each operation (`least`) and order if machines were never busy: no plan is better than that."""
    for operation in topological:
        least[operation] = times.end[operation]
        if a.state[operation] == FREE:
            least[operation] = NEVER
            ready, until = max(a.now, a.release[operation]), a.now
            for k in range(a.first_before[operation], a.first_before[operation + 1]):
                if a.before_first[k] < 0:
                    ready = max(ready, least[a.before[k]] + a.before_lag[k])
                else:
                    until = max(until, least[a.before[k]] + a.before_lag[k])
            for k in range(a.first_option[operation], a.first_option[operation + 1]):
                row, whole = a.option_calendar[k], a.splittable[operation]
                _, end = place(a.starts[row], a.ends[row], a.windows[row], ready, a.option_run[k], whole)
                least[operation] = min(least[operation], max(end, until))
        order = a.order[operation]
        ends[order] = max(ends[order], least[operation])


@inner
def note_late(a: Arrays, net: Net, draft: Draft) -> None:
    """List the orders that could end earlier and sum up the points that they might save."""
    found, points = 0, 0
    for order in range(len(a.due)):
        if net.ends[order] < 0 or draft.cares[order] == 0:
            continue
        saved = saved_points(a, order, net.ends[order], draft.soonest[order])
        if saved > 0:
            points += saved
            draft.lates[found], draft.sums[found] = order, points
            found += 1
    draft.to[LATES] = found


@inner
def late_order(draft: Draft) -> int:
    """An order that could end earlier, likelier the more it might save; -1 when none could."""
    length = draft.to[LATES]
    if length == 0:
        return -1
    thrown = throw(draft.dice, draft.sums[length - 1])
    low, high = 0, length - 1
    while low < high:
        middle = (low + high) // 2
        if draft.sums[middle] > thrown:
            high = middle
        else:
            low = middle + 1
    order: int = draft.lates[low]
    return order


@inner
def arrived(a: Arrays, times: Times, k: int) -> int:
    """About when the predecessor at row `k` lets its follower start: breaks in a transfer batch are not looked at."""
    before = a.before[k]
    if a.before_first[k] < 0:
        return int(times.end[before] + a.before_lag[k])
    return int(min(times.end[before], times.start[before] + a.before_first[k]) + a.before_lag[k])


@inner
def last_of(times: Times, net: Net, order: int) -> int:
    """The operation of the order that ends last, -1 when it has none."""
    last = -1
    for k in range(net.first_of[order], net.first_of[order + 1]):
        if last < 0 or times.end[net.of[k]] > times.end[last]:
            last = net.of[k]
    return last


@inner
def holding(a: Arrays, times: Times, net: Net, operation: int) -> int:
    """What the operation waits for: its latest predecessor, who is ahead on the machine or with its people; -1 none."""
    leader = net.lead[operation]
    behind: int = net.ahead[leader]
    latest = -1
    if behind >= 0:
        latest = times.end[behind] + times.setup[operation]
    if a.units > 0:
        busy = awaits(net.crew, times, leader)
        if busy >= 0 and times.end[busy] > latest:
            behind, latest = busy, times.end[busy]
    for k in range(a.first_before[operation], a.first_before[operation + 1]):
        ready = arrived(a, times, k)
        if ready > latest:
            behind, latest = a.before[k], ready
    return behind


@inner
def pick(a: Arrays, times: Times, net: Net, draft: Draft) -> int:
    """An operation worth moving: mostly one on the chain behind a late order that waits for its machine, else any."""
    thrown: int = draft.own[throw(draft.dice, len(draft.own))]
    if throw(draft.dice, 10) >= 7:
        return thrown
    order = late_order(draft)
    if order < 0:
        return thrown
    last = last_of(times, net, order)
    chosen = last if last >= 0 and draft.mine[times.machine[last]] == 1 else -1
    for _ in range(1 + throw(draft.dice, 24)):
        if last < 0 or a.state[last] != FREE:
            break
        behind = holding(a, times, net, last)
        beside = behind == net.ahead[last] or (a.units > 0 and not waits_for(a, last, behind))
        on_lane = behind >= 0 and beside and a.capacity[times.machine[last]] == 1
        if on_lane and draft.mine[times.machine[last]] == 1:
            chosen = last
        last = behind
    return chosen if chosen >= 0 else thrown


@inner
def waits_for(a: Arrays, operation: int, other: int) -> bool:
    """Whether the other is one of the operation's predecessors."""
    found = False
    for k in range(a.first_before[operation], a.first_before[operation + 1]):
        found = found or a.before[k] == other
    return found
