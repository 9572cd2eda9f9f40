"""Answers for an order that is not in the plan yet, from a plan kept ready in memory.

(A) nobody moved; (B) others moved, but nobody late because of it; (C) as early as possible, with its victims.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from aps.engine import inserting
from aps.engine.arrays import Shop, Times, joined, shop_of
from aps.engine.compiled import Ints
from aps.engine.explain import Link, binding, links, material_of
from aps.engine.frozen import held
from aps.engine.hours import Hours, lengthened
from aps.engine.inserting import Asked
from aps.engine.lanes import Lanes, lanes_of
from aps.engine.objective import Objective, ends_of, objective_of
from aps.engine.problem import HorizonTooShortError, Id, Operation, Order, Placement, Plan, Problem, ProblemError
from aps.engine.repair import broken

ROOM = 256
"""Places kept free on each machine of a live plan for the operations of a question."""
KEYS = ("A", "B", "C")
EFFORT = 0.3
"""CP-SAT's deterministic time for a proof: some 0.2 s at the most."""


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

    `bound_min`, of A only: no answer that moves nobody ends earlier; `proved` when that is this one's end.

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
    bound_min: int | None = None

    @property
    def proved(self) -> bool:
        """Whether nothing earlier is possible with nobody moved."""
        return self.bound_min is not None and self.bound_min >= self.end_min

    def applied(self, plan: Plan) -> Plan:
        """The plan once the offer is taken."""
        return Plan({**plan.placements, **self.changed, **self.placements})


class LivePlan:
    """A plan kept ready as arrays, for many questions. It is never changed by them."""

    def __init__(self, problem: Problem, plan: Plan) -> None:
        """`plan` is a legal plan of `problem`; building takes some milliseconds, a question then about one.

        What stands in its frozen window is pushed aside by no offer.
        """
        shop = shop_of(held(problem, plan))
        self._keep(shop, shop.times(plan))

    def _keep(self, shop: Shop, times: Times) -> None:
        self.shop, self.times = shop, times
        self.ends = ends_of(shop, times)
        self.lanes = lanes_of(shop.a, times, ROOM)
        self.extra: Hours = {}

    def with_hours(self, hours: Hours) -> LivePlan:
        """The same plan where machines work overtime; nobody in it moves, so `extra` are the hours that are really new.

        Hours in which a machine works anyway, or over which an operation of it rests, are left out. Milliseconds where
        nobody shares people and tools. Raises ProblemError for an unknown machine.
        """
        shop, extra = lengthened(self.shop, self.times, hours)
        found = object.__new__(LivePlan)
        found._keep(shop, self.times)
        found.extra = extra
        return found

    def offers(
        self,
        order: Order,
        operations: Sequence[Operation],
        parts: Sequence[Order] = (),
        keys: Collection[str] = KEYS,
    ) -> list[Offer]:
        """Offers A, B and C for `order`, whose `operations` may also belong to its component orders `parts`.

        `keys` are those that are wanted. A is left out when the order fits into no gap, B when it cannot be done
        without making anybody late, or later; raises HorizonTooShortError when it fits nowhere, ProblemError when
        the order has no operation.
        """
        if not any(one.order == order.id for one in operations):
            raise ProblemError(f"order {order.id}: expected at least one operation of it")
        asked = self._asked(order, operations, parts)
        times, lanes = inserting.into_gaps(asked)
        gap = self._offer("A", asked, times, lanes, inserting.bound(asked)) if inserting.fits(times) else None
        if gap is not None:
            gap = self._with_material(asked, gap, times)
        found = [gap] if gap is not None and "A" in keys else []
        pushed = inserting.pushed(asked) if "C" in keys or "B" in keys else None
        if "B" in keys and pushed is not None:
            found += self._in_slack(asked, gap, pushed)
        if "C" in keys and pushed is not None:
            found += self._first(asked, gap, pushed)
        if not found:
            raise HorizonTooShortError(f"order {order.id}: expected working windows long enough for its operations")
        return found

    def taken(self, order: Order, operations: Sequence[Operation]) -> tuple[Offer, LivePlan]:
        """Offer A, and the plan with it for what is asked next. Raises HorizonTooShortError when it fits nowhere."""
        asked = self._asked(order, operations, ())
        times, lanes = inserting.into_gaps(asked)
        if not inserting.fits(times):
            raise HorizonTooShortError(f"order {order.id}: expected working windows long enough for its operations")
        found = object.__new__(LivePlan)
        found._keep(asked.shop, times)
        return self._with_material(asked, self._offer("A", asked, times, lanes), times), found

    def beyond(self, before: LivePlan) -> tuple[Mapping[Id, Placement], Mapping[Id, Placement]]:
        """The placements of what was taken into `before`, and of what stood in it and differs now (in setups only)."""
        count = len(before.times.start)
        news = self.shop.plan(self.times, range(count, len(self.times.start))).placements
        return news, _Later(self.shop, self.times, np.flatnonzero(_differs(before.times, self.times)))

    def proof(
        self,
        order: Order,
        operations: Sequence[Operation],
        parts: Sequence[Order],
        offer: Offer,
        effort: float = EFFORT,
    ) -> Offer:
        """Offer A with the best bound that `effort` of CP-SAT's deterministic time gives, or a better one in its place.

        Some milliseconds, 0.2 s at the most with the effort that is usual. The same question has the same answer.
        """
        if offer.proved:
            return offer
        asked = self._asked(order, operations, parts)
        bound, better = inserting.proved(asked, offer.end_min, effort)
        if better is not None:
            offer = self._with_material(asked, self._offer(offer.key, asked, *better), better[0])
        return replace(offer, bound_min=min(max(bound, offer.bound_min or bound), offer.end_min))

    def down(self, machine: Id, from_min: int, until_min: int) -> dict[Id, Placement]:
        """What changes at once when the machine does not work in [from_min, until_min): the plan shifted to the right.

        A few milliseconds at thousands of operations; the live plan itself stays as it is. Raises HorizonTooShortError.
        """
        shop, times = broken(self.shop, self.times, machine, (from_min, until_min))
        return dict(shop.plan(times, np.flatnonzero(_differs(self.times, times)).tolist()))

    def _asked(self, order: Order, operations: Sequence[Operation], parts: Sequence[Order]) -> Asked:
        shop = joined(self.shop, [*parts, order], operations)
        return Asked(
            shop, len(self.shop.operations), _stacked(self.times, len(operations)), self.ends, self.lanes, ROOM
        )

    def _in_slack(self, asked: Asked, gap: Offer | None, pushed: Times) -> list[Offer]:
        """Offer B, which is A where moving others brings nothing, and C where that harms nobody."""
        times = inserting.harmless(asked, pushed, None if gap is None else gap.end_min)
        if times is None or (gap is not None and gap.end_min <= int(ends_of(asked.shop, times)[-1])):
            return [] if gap is None else [replace(gap, key="B", bound_min=None)]
        return [self._offer("B", asked, times, lanes_of(asked.shop.a, times))]

    def _first(self, asked: Asked, gap: Offer | None, pushed: Times) -> list[Offer]:
        """Offer C, which is A where pushing others aside brings nothing."""
        if gap is not None and gap.end_min <= int(ends_of(asked.shop, pushed)[-1]):
            return [replace(gap, key="C", bound_min=None)]
        if not inserting.fits(pushed):
            return []
        return [self._offer("C", asked, pushed, lanes_of(asked.shop.a, pushed))]

    def _offer(self, key: str, asked: Asked, times: Times, lanes: Lanes, bound: int | None = None) -> Offer:
        shop = asked.shop
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
            changed=_Later(shop, times, np.flatnonzero(differs)),
            moved=tuple(shop.operations[at].id for at in np.flatnonzero(shifted).tolist()),
            victims=self._victims(shop, ends),
            cause=binding(self._own_links(shop, times, lanes, last)),
            setup_min=int(times.setup.sum() - self.times.setup.sum()),
            work_min=work,
            worth=objective_of(shop, times),
            bound_min=bound,
        )

    def _own_links(self, shop: Shop, times: Times, lanes: Lanes, at: int) -> list[Link]:
        """The waits along the new operations only: why this order is not earlier."""
        a, first = shop.a, len(self.shop.operations)
        found: list[Link] = []
        while at >= first:
            found.append(links(shop, times, lanes, at, 1)[0])
            before = range(a.first_before[at], a.first_before[at + 1])
            at = max((int(a.before[k]) for k in before), key=lambda one: int(times.end[one]), default=-1)
        return found

    def _with_material(self, asked: Asked, gap: Offer, times: Times) -> Offer:
        """The offer, with the material that comes last as its cause when the order could be earlier without it."""
        last = max(asked.news.tolist(), key=lambda at: int(asked.shop.a.release[at]))
        if asked.shop.a.release[last] <= asked.shop.a.now or gap.cause.kind == "material":
            return gap
        if inserting.end_in_gaps(asked.released()) < gap.end_min:
            return replace(gap, cause=material_of(asked.shop, times, last, int(asked.shop.a.now)))
        return gap

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


class _Later(Mapping[Id, Placement]):
    """Placements of some operations, made when somebody looks: thousands take longer than the answer itself."""

    def __init__(self, shop: Shop, times: Times, rows: Ints) -> None:
        self._arguments = shop, times, rows

    @cached_property
    def _made(self) -> Mapping[Id, Placement]:
        shop, times, rows = self._arguments
        return shop.plan(times, rows.tolist()).placements

    def __getitem__(self, key: Id) -> Placement:
        return self._made[key]

    def __iter__(self) -> Iterator[Id]:
        return iter(self._made)

    def __len__(self) -> int:
        return len(self._arguments[2])


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
