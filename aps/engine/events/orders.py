"""Orders that come, change and go."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from aps.engine.events.event import Event
from aps.engine.events.found import order_of
from aps.engine.problem import Id, Operation, Order, Plan, Problem, ProblemError, State

OPEN = (State.FREE, State.PINNED)


class Begun(StrEnum):
    """What becomes of the begun work of a cancelled order."""

    FINISH = "finish"
    DROP = "drop"


@dataclass(frozen=True)
class OrderAdded(Event):
    """An order with its operations, and the component orders that they may belong to."""

    order: Order
    operations: Sequence[Operation]
    parts: Sequence[Order] = ()

    def change(self, problem: Problem, plan: Plan) -> Problem:
        """The order is wanted too. Raises ProblemError when anything of it is there already or does not fit."""
        orders = (*problem.orders, *self.parts, self.order)
        return replace(problem, orders=orders, operations=(*problem.operations, *self.operations))


class Unchanged:
    """Nothing was said of a value that may be None."""


UNCHANGED = Unchanged()


@dataclass(frozen=True)
class Quantity:
    """From so many pieces to so many."""

    old: int
    new: int

    def __post_init__(self) -> None:
        """Refuse no pieces."""
        if self.old < 1 or self.new < 1:
            raise ProblemError(f"quantity: expected pieces >= 1, got {self.old} and {self.new}; cancel instead")

    def of(self, minutes: int) -> int:
        """The run minutes of as many pieces, rounded up; work of no time stays so."""
        return -(-minutes * self.new // self.old)


@dataclass(frozen=True)
class OrderChanged(Event):
    """The order is due at another time (None: never late by itself), weighs more or less, or has another quantity.

    With the quantity the run minutes change of what has not begun, of the order and of its component orders `parts`.
    """

    order: Id
    due_min: int | Unchanged | None = UNCHANGED
    weight: int | None = None
    quantity: Quantity | None = None
    parts: Sequence[Id] = ()

    def change(self, problem: Problem, plan: Plan) -> Problem:
        """The order as it is wanted now."""
        order = order_of(problem, self.order)
        due = order.due_min if isinstance(self.due_min, Unchanged) else self.due_min
        fresh = replace(order, due_min=due, weight=order.weight if self.weight is None else self.weight)
        changed = {self.order, *(order_of(problem, key).id for key in self.parts)}
        operations = tuple(self._sized(one) if one.order in changed else one for one in problem.operations)
        orders = tuple(fresh if one.id == order.id else one for one in problem.orders)
        return replace(problem, orders=orders, operations=operations)

    def _sized(self, one: Operation) -> Operation:
        if self.quantity is None or one.state not in OPEN:
            return one
        options = tuple(replace(option, run_min=self.quantity.of(option.run_min)) for option in one.options)
        return replace(one, options=options)


@dataclass(frozen=True)
class OrderCancelled(Event):
    """The order is not wanted any more, nor are its component orders `parts`; `begun` work is finished or dropped.

    What other orders still wait for is done all the same, and so is what that waits for.
    """

    order: Id
    begun: Begun = Begun.FINISH
    parts: Sequence[Id] = ()

    def change(self, problem: Problem, plan: Plan) -> Problem:
        """Its operations are gone, or the order is without due date as long as something of it stays."""
        order_of(problem, self.order)
        gone = {self.order, *(order_of(problem, key).id for key in self.parts)}
        stay = self._stay(problem, gone)
        operations = tuple(_without(one, stay) for one in problem.operations if one.id in stay)
        busy = {one.order for one in operations}
        orders = tuple(
            replace(one, due_min=None) if one.id in gone else one
            for one in problem.orders
            if one.id not in gone or one.id in busy
        )
        return replace(problem, orders=orders, operations=operations)

    def told(self, problem: Problem) -> tuple[str, ...]:
        """Which of its work others wait for."""
        gone = {self.order, *self.parts}
        kept = [str(one.id) for one in problem.operations if one.order in gone and one.state in OPEN]
        if not kept:
            return ()
        return (f"Done all the same, because other orders wait for it: {', '.join(kept)}.",)

    def _stay(self, problem: Problem, gone: Collection[Id]) -> set[Id]:
        """Operations that stay: of other orders, begun ones that are to be finished, and what these wait for."""
        known = {one.id: one for one in problem.operations}
        stay = {one.id for one in problem.operations if one.order not in gone}
        wanted = [key for key in stay if known[key].state in OPEN]
        if self.begun is Begun.FINISH:
            stay |= {one.id for one in problem.operations if one.order in gone and one.state is State.STARTED}
        while wanted:
            for before, _ in known[wanted.pop()].predecessors:
                if before not in stay:
                    stay.add(before)
                    wanted.append(before)
        return stay


def _without(one: Operation, stay: Collection[Id]) -> Operation:
    """The operation, which waits for nothing that is gone."""
    before = tuple((key, lag) for key, lag in one.predecessors if key in stay)
    if len(before) == len(one.predecessors):
        return one
    latest = {key: minutes for key, minutes in one.latest.items() if key in stay}
    overlaps = {key: overlap for key, overlap in one.overlaps.items() if key in stay}
    return replace(one, predecessors=before, latest=latest, overlaps=overlaps)
