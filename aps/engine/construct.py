"""Plans from nothing: a grid of dispatch rules, and the best of them by the objective."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from aps.engine.arrays import PINNED, Arrays, Shop, Times, empty_times
from aps.engine.compiled import NEVER, Ints, jit
from aps.engine.decode import by_time, decode, fixed_operations
from aps.engine.dispatch import DUE, FIRST, RATIO, SHORTEST, SLACK, TARDINESS, Rule, dispatch
from aps.engine.lanes import lanes_for
from aps.engine.loads import least_minutes
from aps.engine.objective import HOPELESS, total
from aps.engine.queues import desk_for

Cancelled = Callable[[], bool]
Tuning = tuple[int, float, float, float]

GRID: tuple[Tuning, ...] = (
    (DUE, 1.0, 8.0, 0.0),
    (TARDINESS, 250.0, 6.0, 10.0),
    (TARDINESS, 500.0, 15.0, 0.0),
    (SLACK, 1.0, 2.0, 0.0),
    (DUE, 1.0, 0.0, 0.0),
    (SHORTEST, 1.0, 1.0, 0.0),
    (RATIO, 1.0, 0.01, 0.0),
    (FIRST, 1.0, 4.0, 0.0),
    (DUE, 1.0, 30.0, 10.0),
    *(
        (TARDINESS, look, setup, early)
        for look in (250.0, 500.0, 2000.0, 8000.0)
        for setup in (6.0, 15.0, 40.0)
        for early in (0.0, 10.0)
        if (look, setup, early) not in ((250.0, 6.0, 10.0), (500.0, 15.0, 0.0))
    ),
)
"""Rule, look-ahead in minutes, what a setup minute costs, and minutes that an operation is chosen ahead: see Rule."""
EFFORT = 400_000
"""Operations that all rules together may place: large problems get the first few rules."""
FILLED = 3
"""Of so many of the best rules the sequence is also decoded into gaps; of all where the problem is SMALL."""
SMALL = 1000


class Dispatcher:
    """Dispatches one shop again and again: what the rules look at, queues and lanes are built once."""

    def __init__(self, shop: Shop) -> None:
        """Milliseconds for ten thousand operations."""
        self.shop = shop
        self.wanted, self.weight = urgency(shop), importance(shop)
        self._desk, self._lanes = desk_for(shop), lanes_for(shop.a)
        self._fixed, self._loose = fixed_operations(shop.a), np.zeros(len(shop.a.state), np.int64)
        self._decodes = shop.is_tied or bool((shop.a.state == PINNED).any())

    def dispatched(self, tuning: Tuning, weight: Ints | None = None) -> Times:
        """A plan by one rule, mended where anything is pinned or tied; `weight` replaces the importance."""
        a = self.shop.a
        kind, *numbers = tuning
        rule = Rule(kind, self.wanted, self.weight if weight is None else weight, np.array(numbers, np.float64))
        times = empty_times(len(a.state))
        dispatch(a, self._lanes, times, self._fixed, self._loose, self._desk, rule)
        if not self._decodes:
            return times
        none = np.zeros(len(a.state), np.int64)
        return decode(self.shop, by_time(self.shop, times.start), times.option, none, none)


def first_plan(shop: Shop) -> Times:
    """The earliest due first, setups weighed: a plan within milliseconds, good enough to publish in a hurry."""
    return Dispatcher(shop).dispatched(GRID[0])


def best_plan(shop: Shop, cancelled: Cancelled | None = None) -> Times:
    """The best plan of all rules; the first one at least, when `cancelled` says so between two rules."""
    best, least = None, HOPELESS + 1
    for times in candidates(shop):
        cost = total(shop, times)
        if cost < least:
            best, least = times, cost
        if cancelled is not None and cancelled():
            break
    return best if best is not None else empty_times(len(shop.operations))


def candidates(shop: Shop) -> Iterator[Times]:
    """A plan per rule, then the sequences of the best decoded into gaps with the machines free to choose."""
    count = len(shop.operations)
    none, one, any_option = np.zeros(count, np.int64), np.ones(count, np.int64), np.full(count, -1, np.int64)
    dispatcher = Dispatcher(shop)
    ranked: list[tuple[int, int, Ints]] = []
    for number, tuning in enumerate(GRID[: max(1, EFFORT // max(count, 1))]):
        times = dispatcher.dispatched(tuning)
        ranked.append((total(shop, times), number, times.start))
        yield times
    if len(ranked) < len(GRID):
        return
    yield decode(shop, by_time(shop, dispatcher.wanted), any_option, none, one)
    ranked.sort(key=lambda row: row[:2])
    for _, _, start in ranked if count <= SMALL else ranked[:FILLED]:
        yield decode(shop, by_time(shop, start), any_option, none, one)


def urgency(shop: Shop) -> Ints:
    """Latest sensible end per operation: the due date it works towards, less the work behind it."""
    a = shop.a
    wanted = (a.due - a.transport)[a.order].astype(np.int64)
    pull_back(a, shop.topological, least_minutes(a), wanted)
    return wanted


def importance(shop: Shop) -> Ints:
    """Weight per operation: the largest of the orders with a due date that it works for."""
    a = shop.a
    weight = np.where(a.due < NEVER, a.weight, 0)[a.order].astype(np.int64)
    hand_down(a, shop.topological, weight)
    return np.maximum(weight, 1)


@jit
def pull_back(a: Arrays, topological: Ints, shortest: Ints, wanted: Ints) -> None:
    """Pull what an operation waits for ahead of it, followers first."""
    for at in range(len(topological) - 1, -1, -1):
        operation = topological[at]
        latest = wanted[operation] - shortest[operation]
        for k in range(a.first_before[operation], a.first_before[operation + 1]):
            before = a.before[k]
            wanted[before] = min(wanted[before], latest - a.before_lag[k])


@jit
def hand_down(a: Arrays, topological: Ints, weight: Ints) -> None:
    """Give what an operation waits for at least its weight, followers first."""
    for at in range(len(topological) - 1, -1, -1):
        operation = topological[at]
        for k in range(a.first_before[operation], a.first_before[operation + 1]):
            weight[a.before[k]] = max(weight[a.before[k]], weight[operation])
