"""Answers for an order that is not in the plan yet: (A) nobody moved, (C) as early as possible with its victims."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from aps.engine.arrays import Shop, Times, joined, shop_of
from aps.engine.compiled import NEVER, Ints
from aps.engine.decode import by_time, decode, fill_setups_of, serial
from aps.engine.explain import Link, binding, links
from aps.engine.frozen import held
from aps.engine.lanes import Lanes, lanes_of
from aps.engine.objective import Objective, ends_of, objective_of
from aps.engine.problem import HorizonTooShortError, Id, Operation, Order, Placement, Plan, Problem
from aps.engine.repair import broken

ROOM = 256
"""Places kept free on each machine of a live plan for the operations of a question."""


@dataclass(frozen=True, slots=True)
class Victim:
    """An order that ends later than due because of the new one; `late_min` minutes after due, transport included."""

    order: Id
    old_end: int
    new_end: int
    late_min: int
    newly_late: bool


@dataclass(frozen=True, slots=True)
class Offer:
    """One answer. `end_min` is the end of the order, transport included.

    `placements` are those of the new operations. `changed` are the new placements of all others that differ from the
    plan (in A only setups: no start, end or machine); `moved` names those whose start, end or machine differ.
    `cause` is the wait that binds. Cost drivers: `setup_min` more setup in the whole plan, `work_min` of the new work
    per machine. `worth` are the points of the whole plan once the offer is taken.
    """

    key: str
    end_min: int
    placements: Mapping[Id, Placement]
    changed: Mapping[Id, Placement]
    moved: tuple[Id, ...]
    victims: tuple[Victim, ...]
    cause: Link
    setup_min: int
    work_min: Mapping[Id, int]
    worth: Objective

    def applied(self, plan: Plan) -> Plan:
        """The plan once the offer is taken."""
        return Plan({**plan.placements, **self.changed, **self.placements})


class LivePlan:
    """A plan kept ready as arrays, for many questions. It is never changed by them."""

    def __init__(self, problem: Problem, plan: Plan) -> None:
        """`plan` is a legal plan of `problem`; building takes some milliseconds, a question then about one.

        What stands in its frozen window is pushed aside by no offer.
        """
        self.shop = shop_of(held(problem, plan))
        self.times = self.shop.times(plan)
        self.ends = ends_of(self.shop, self.times)
        self.lanes = lanes_of(self.shop.a, self.times, ROOM)

    def offers(
        self,
        order: Order,
        operations: Sequence[Operation],
        parts: Sequence[Order] = (),
        keys: Collection[str] = ("A", "C"),
    ) -> list[Offer]:
        """Offers A and C for `order`, whose `operations` may also belong to its component orders `parts`.

        `keys` are those that are wanted. A is left out when the order fits into no gap; raises HorizonTooShortError
        when it fits nowhere.
        """
        shop = joined(self.shop, [*parts, order], operations)
        news = by_tail(shop, len(self.shop.operations))
        times = _stacked(self.times, len(operations))
        gap, lanes = self._gaps(shop, times, news)
        found = []
        if "A" in keys and self._fits(gap):
            found.append(self._offer("A", shop, gap, lanes))
        if "C" in keys:
            pushed = self._pushed(shop, times, news)
            if self._fits(gap) and int(ends_of(shop, gap)[-1]) <= int(ends_of(shop, pushed)[-1]):
                found.append(replace(found[0], key="C") if found else self._offer("C", shop, gap, lanes))
            elif self._fits(pushed):
                found.append(self._offer("C", shop, pushed, lanes_of(shop.a, pushed)))
        if not found:
            raise HorizonTooShortError(f"order {order.id}: expected working windows long enough for its operations")
        return found

    def down(self, machine: Id, from_min: int, until_min: int) -> dict[Id, Placement]:
        """What changes at once when the machine does not work in [from_min, until_min): the plan shifted to the right.

        A few milliseconds at thousands of operations; the live plan itself stays as it is. Raises HorizonTooShortError.
        """
        shop, times = broken(self.shop, self.times, machine, (from_min, until_min))
        return dict(shop.plan(times, np.flatnonzero(_differs(self.times, times)).tolist()))

    def _lanes(self, shop: Shop, times: Times) -> Lanes:
        """The lanes of the live plan, to be filled with new operations."""
        more = len(times.start) - len(self.times.start)
        if more > ROOM or shop.a.units > 0:
            return lanes_of(shop.a, times)
        copied = Lanes(*(column.copy() for column in self.lanes))
        load = np.concatenate([copied.load, np.zeros(more, np.int64)]) if len(copied.load) else copied.load
        return copied._replace(load=load)

    def _gaps(self, shop: Shop, times: Times, news: Ints) -> tuple[Times, Lanes]:
        """Each new operation into the earliest gap, the others where they are; the lanes with all of them."""
        result = times.copy()
        count = len(result.start)
        lanes = self._lanes(shop, times)
        none, one = np.zeros(count, np.int64), np.ones(count, np.int64)
        serial(shop.a, lanes, result, news, np.full(count, -1, np.int64), none, one)
        for machine in np.unique(result.machine[news][result.machine[news] >= 0]).tolist():
            fill_setups_of(shop.a, lanes, result, machine, machine + 1)
        return result, lanes

    def _pushed(self, shop: Shop, times: Times, news: Ints) -> Times:
        """The new operations first, the others as they were or as little later as they must."""
        count = len(times.start)
        old = by_time(shop, np.where(times.machine >= 0, times.start, NEVER))
        sequence = np.concatenate([news, old[old < len(self.shop.operations)]])
        floor = np.where(times.machine >= 0, times.start, 0)
        return decode(shop, sequence, times.option, floor, np.ones(count, np.int64))

    @staticmethod
    def _fits(times: Times) -> bool:
        return bool((times.machine >= 0).all() and (times.end < NEVER).all())

    def _offer(self, key: str, shop: Shop, times: Times, lanes: Lanes) -> Offer:
        count = len(self.shop.operations)
        news = range(count, len(times.start))
        differs = _differs(self.times, times)
        shifted = (self.times.start != times.start[:count]) | (self.times.end != times.end[:count])
        shifted |= self.times.machine != times.machine[:count]
        ends = ends_of(shop, times)
        last = max(news, key=lambda at: (times.end[at] + shop.a.transport[shop.a.order[at]], at))
        work: dict[Id, int] = {}
        for at in news:
            machine = shop.problem.machines[int(times.machine[at])].id
            work[machine] = work.get(machine, 0) + int(shop.a.option_run[times.option[at]])
        return Offer(
            key=key,
            end_min=int(ends[-1]),
            placements=shop.plan(times, news).placements,
            changed=shop.plan(times, np.flatnonzero(differs).tolist()).placements,
            moved=tuple(shop.operations[at].id for at in np.flatnonzero(shifted).tolist()),
            victims=self._victims(shop, ends),
            cause=binding(self._own_links(shop, times, lanes, last)),
            setup_min=int(times.setup.sum() - self.times.setup.sum()),
            work_min=work,
            worth=objective_of(shop, times),
        )

    def _own_links(self, shop: Shop, times: Times, lanes: Lanes, at: int) -> list[Link]:
        """The waits along the new operations only: why this order is not earlier."""
        first = len(self.shop.operations)
        found: list[Link] = []
        while at >= first:
            link = links(shop, times, lanes, at, 1)[0]
            found.append(link)
            before = range(shop.a.first_before[at], shop.a.first_before[at + 1])
            at = max((int(shop.a.before[k]) for k in before), key=lambda one: int(times.end[one]), default=-1)
        return found

    def _victims(self, shop: Shop, ends: Ints) -> tuple[Victim, ...]:
        known = len(self.ends)
        hit = np.flatnonzero((ends[:known] > self.ends) & (ends[:known] > shop.a.due[:known]))
        found = []
        for at in hit.tolist():
            old, new, due = int(self.ends[at]), int(ends[at]), int(shop.a.due[at])
            found.append(Victim(shop.problem.orders[at].id, old, new, new - due, old <= due))
        return tuple(sorted(found, key=lambda victim: (-victim.late_min, str(victim.order))))


def offer(
    problem: Problem, plan: Plan, order: Order, operations: Sequence[Operation], parts: Sequence[Order] = ()
) -> list[Offer]:
    """Offers for one order; keep a LivePlan when there are more questions."""
    return LivePlan(problem, plan).offers(order, operations, parts)


def by_tail(shop: Shop, first: int) -> Ints:
    """The joined operations, from `first` on: those with the longest work behind them first, so predecessors first."""
    a = shop.a
    tail = dict.fromkeys(range(first, len(a.state)), 0)
    for at in shop.topological[first:][::-1].tolist():
        tail[at] += _shortest(a.option_run[a.first_option[at] : a.first_option[at + 1]].tolist())
        for k in range(a.first_before[at], a.first_before[at + 1]):
            before = int(a.before[k])
            if before >= first:
                tail[before] = max(tail[before], tail[at] + int(a.before_lag[k]))
    return np.array(sorted(tail, key=lambda at: (-tail[at], at)), np.int64)


def _shortest(minutes: Iterable[int]) -> int:
    return min(minutes, default=1)


def _differs(old: Times, new: Times) -> npt.NDArray[np.bool_]:
    """Marks the operations that both know and that stand elsewhere, or are set up otherwise."""
    count = len(old.start)
    found = np.zeros(count, bool)
    for one, other in zip(old, new, strict=True):
        found |= one != other[:count]
    return found


def _stacked(times: Times, more: int) -> Times:
    filler = (-1, -1, 0, 0, 0, 0)
    return Times(
        *(np.concatenate([column, np.full(more, value, np.int64)]) for column, value in zip(times, filler, strict=True))
    )
