"""Weight-space search: not the plan is changed but how much each order counts for the dispatch rule that makes it.

After Storer, Wu and Vaccari (1992), New search spaces for sequencing problems with application to job shop scheduling.
One change moves all the work of an order, on every level, which no single move of the local search can.
"""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np

from aps.engine.arrays import FREE, Arrays, Shop, Times
from aps.engine.compiled import NEVER, Ints, jit
from aps.engine.construct import GRID, Cancelled, Dispatcher, Tuning
from aps.engine.dispatch import TARDINESS
from aps.engine.objective import ends_of, total

SCALE = 1024
LEAST, MOST = SCALE // 64, SCALE * 64
FACTORS = ((1, 4), (1, 2), (2, 3), (3, 4), (4, 3), (3, 2), (2, 1), (4, 1))
RULES = 6
"""So many of the grid's apparent-tardiness rules are tried first; the best of them is the one that is tuned."""


class Weighing:
    """The best dispatch found so far, and what each order counts in it."""

    def __init__(self, shop: Shop, seed: int, cancelled: Cancelled | None = None) -> None:
        """Dispatches by the first RULES rules, by one at least when `cancelled` says so."""
        self.shop, self._dispatcher = shop, Dispatcher(shop)
        self._dice = random.Random(seed)  # noqa: S311 - not a secret
        self._root = roots(shop)
        self._orders = np.unique(self._root).tolist()
        self.factor = np.full(len(shop.a.due), SCALE, np.int64)
        rules = [tuning for tuning in GRID if tuning[0] == TARDINESS][:RULES]
        self.least = -1
        for one in rules:
            times = self._dispatched(one, self.factor)
            cost = total(shop, times)
            if self.least < 0 or cost < self.least:
                self.least, self.times, self.tuning = cost, times, one
            if cancelled is not None and cancelled():
                break
        self._late = self._late_orders()

    def step(self) -> None:
        """Change what some orders count, now and then the rule's tuning; keep it when the plan is no worse."""
        factor, tuning = self.factor.copy(), self.tuning
        count = 1 + self._dice.randrange(1 + len(self._orders) // 100)
        for _ in range(count):
            raised = self._late and self._dice.random() < 0.5
            order = self._dice.choice(self._late if raised else self._orders)
            up, down = self._dice.choice(FACTORS[4:] if raised else FACTORS)
            factor[order] = min(MOST, max(LEAST, factor[order] * up // down))
        if self._dice.random() < 0.15:
            tuning = self._tuned()
        times = self._dispatched(tuning, factor)
        cost = total(self.shop, times)
        if cost <= self.least:
            self.least, self.times, self.factor, self.tuning = cost, times, factor, tuning
            self._late = self._late_orders()

    def _dispatched(self, tuning: Tuning, factor: Ints) -> Times:
        return self._dispatcher.dispatched(tuning, self._dispatcher.weight * factor[self._root])

    def _tuned(self) -> Tuning:
        kind, look, setup, early = self.tuning
        factors = (0.7, 0.9, 1.1, 1.4)
        early = max(0.0, early + self._dice.choice((-5.0, 0.0, 5.0)))
        return kind, look * self._dice.choice(factors), setup * self._dice.choice(factors), early

    def _late_orders(self) -> list[int]:
        a = self.shop.a
        return [int(one) for one in np.flatnonzero((ends_of(self.shop, self.times) > a.due) & (a.weight > 0))]


def weighed(
    shop: Shop,
    times: Times,
    dispatches: int,
    seed: int,
    progress: Callable[[int, int], None] | None = None,
    cancelled: Cancelled | None = None,
) -> Times:
    """The better of `times` and the best plan that so many dispatches find. `progress` gets (dispatches, least)."""
    if dispatches <= RULES or not (shop.a.state == FREE).any():
        return times
    begin = total(shop, times)
    search = Weighing(shop, seed, cancelled)
    for number in range(dispatches - RULES):
        if cancelled is not None and cancelled():
            break
        search.step()
        if progress is not None:
            progress(number + RULES + 1, min(begin, search.least))
    return search.times if search.least < begin else times


def roots(shop: Shop) -> Ints:
    """The order with a due date that each operation works for in the end; its own order when there is none."""
    root = np.full(len(shop.a.state), -1, np.int64)
    hand_up(shop.a, shop.topological, root)
    return root


@jit
def hand_up(a: Arrays, topological: Ints, root: Ints) -> None:
    """Write the root of each operation, followers first."""
    for at in range(len(topological) - 1, -1, -1):
        operation = topological[at]
        if root[operation] < 0:
            root[operation] = a.order[operation]
        for k in range(a.first_before[operation], a.first_before[operation + 1]):
            if a.due[a.order[a.before[k]]] >= NEVER:
                root[a.before[k]] = root[operation]
