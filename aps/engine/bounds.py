"""What no plan can beat: earliest ends along the longest path, the load of machines, and the points that follow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from aps.engine.arrays import DONE, FREE, PINNED, STARTED, Arrays, Shop
from aps.engine.calendar import add_work, place
from aps.engine.compiled import NEVER, Ints, jit
from aps.engine.loads import latest_load, least_minutes
from aps.engine.objective import COMPLETION, LATENESS, MAKESPAN


@dataclass(frozen=True, slots=True)
class Bounds:
    """No plan has less: `makespan` minutes from now to the end of the last order, `points` of the objective."""

    makespan: int
    points: int


def bounds(shop: Shop, stop: Callable[[], bool] | None = None) -> Bounds:
    """The bounds of a problem: each order's longest path against its due date, and for the makespan the longest path or
    the largest load. Setups, stability and people cost nothing here: a plan full of them lies far above.

    `stop` ends the looking for a larger load early; what was found until then is a bound too.
    """
    a = shop.a
    if len(a.state) == 0:
        return Bounds(0, 0)
    heads, ends = earliest(shop)
    order_end = np.full(len(a.due), -1, np.int64)
    np.maximum.at(order_end, a.order, ends)
    order_end = _delivered(a, order_end)
    last = max(a.now, int(order_end.max()))
    if stop is None or not stop():
        last = max(last, latest_load(a, heads, tails(shop), stop))
    weights, known = a.weights, order_end >= 0
    late = np.where(known, np.maximum(0, order_end - a.due), 0) * a.weight
    wait = np.where(known, np.maximum(0, order_end - a.now), 0) * a.weight
    makespan = last - a.now
    points = int(weights[LATENESS] * late.sum() + weights[COMPLETION] * wait.sum() + weights[MAKESPAN] * makespan)
    return Bounds(makespan, points)


def _delivered(a: Arrays, ends: Ints) -> Ints:
    """When orders whose work ends then are at the customer: the next shipping time, and the transport."""
    found = np.where(ends >= 0, ends + a.transport, -1)
    for order in np.flatnonzero((a.shipping >= 0) & (ends >= 0)).tolist():
        row = int(a.shipping[order])
        leaves = add_work(a.starts[row], a.ends[row], int(a.windows[row]), int(ends[order]), 0)
        found[order] = leaves + a.transport[order]
    return found


def earliest(shop: Shop) -> tuple[Ints, Ints]:
    """Earliest start and end of each operation if it had every machine for itself, calendars kept, without setups."""
    a = shop.a
    starts, ends = np.zeros(len(a.state), np.int64), np.zeros(len(a.state), np.int64)
    _walk(a, shop.topological, ways(a), starts, ends)
    return starts, ends


def ways(a: Arrays) -> Ints:
    """Least minutes from site to site between each two operations that follow one another; 0 where they may be near."""
    far = np.zeros(len(a.before), np.int64)
    if len(a.travel) == 0 or len(far) == 0:
        return far
    site = np.full(len(a.state), -1, np.int64)
    count = np.diff(a.first_option)
    owner = np.repeat(np.arange(len(count)), count)
    lowest, highest = np.full(len(count), NEVER, np.int64), np.full(len(count), -1, np.int64)
    np.minimum.at(lowest, owner, a.site[a.option_machine])
    np.maximum.at(highest, owner, a.site[a.option_machine])
    same = (count > 0) & (lowest == highest)
    site[same] = lowest[same]
    fixed = np.flatnonzero(((a.state == STARTED) | (a.state == DONE)) & (a.fixed_machine >= 0))
    site[fixed] = a.site[a.fixed_machine[fixed]]
    after = np.repeat(np.arange(len(count)), np.diff(a.first_before))
    known = (site[a.before] >= 0) & (site[after] >= 0)
    far[known] = a.travel[site[a.before[known]], site[after[known]]]
    return far


@jit
def _walk(a: Arrays, topological: Ints, far: Ints, heads: Ints, ends: Ints) -> None:
    """Predecessors first: when each operation could start and end."""
    for at in topological:
        if a.state[at] == DONE or a.state[at] == STARTED:
            decided(a, at, heads, ends)
            continue
        ready = max(a.now, a.release[at])
        least = 0
        for k in range(a.first_before[at], a.first_before[at + 1]):
            before = a.before[k]
            done = ends[before] + a.before_lag[k] + far[k]
            if a.before_first[k] >= 0:
                least = max(least, done + a.before_last[k])
                begun = heads[before]
                if a.state[before] == STARTED:
                    begun = a.fixed_start[before]
                done = min(begun + a.before_first[k] + a.before_lag[k] + far[k], done)
            ready = max(ready, done)
        fastest(a, at, ready, heads, ends)
        ends[at] = max(ends[at], least)


@jit
def fastest(a: Arrays, at: int, ready: int, heads: Ints, ends: Ints) -> None:
    """Earliest start and earliest end over all ways to do it, a pin on its machine and not before its start."""
    heads[at] = NEVER
    ends[at] = NEVER
    if a.state[at] == PINNED:
        ready = max(ready, a.fixed_start[at])
    for option in range(a.first_option[at], a.first_option[at + 1]):
        if a.state[at] == PINNED and a.option_machine[option] != a.fixed_machine[at]:
            continue
        row = a.option_calendar[option]
        start, end = place(a.starts[row], a.ends[row], a.windows[row], ready, a.option_run[option], a.splittable[at])
        heads[at] = min(heads[at], start)
        ends[at] = min(ends[at], end)


@jit
def decided(a: Arrays, at: int, heads: Ints, ends: Ints) -> None:
    """Done work is where it was; started work takes what remains of it from now on."""
    heads[at] = a.fixed_start[at]
    ends[at] = a.fixed_rest[at]
    if a.state[at] == STARTED:
        machine = a.fixed_machine[at]
        heads[at] = max(a.now, a.fixed_start[at])
        ends[at] = heads[at]
        if a.fixed_rest[at] > 0:
            ends[at] = add_work(a.starts[machine], a.ends[machine], a.windows[machine], heads[at], a.fixed_rest[at])


def tails(shop: Shop) -> Ints:
    """Least minutes from the end of each operation to the end of the last order that waits for it."""
    a = shop.a
    found = a.transport[a.order].astype(np.int64)
    _walk_back(a, shop.topological, least_minutes(a), ways(a), found)
    return found


@jit
def _walk_back(a: Arrays, topological: Ints, least: Ints, far: Ints, found: Ints) -> None:
    """Followers first: what must still be done behind each operation."""
    for at in topological[::-1]:
        if a.state[at] == FREE or a.state[at] == PINNED:
            for k in range(a.first_before[at], a.first_before[at + 1]):
                behind = least[at] if a.before_first[k] < 0 else a.before_last[k]
                found[a.before[k]] = max(found[a.before[k]], found[at] + a.before_lag[k] + far[k] + behind)
