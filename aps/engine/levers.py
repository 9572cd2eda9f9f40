"""What could make a new order earlier with nobody moved: overtime, other work for it, material sooner, a part of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from aps.engine.hours import Hours
from aps.engine.offer import EFFORT, LivePlan, Offer
from aps.engine.problem import HorizonTooShortError, Id, Operation, Order, Placement, Problem, ProblemError, Window


@dataclass(frozen=True)
class Lever:
    """One thing to pull, called `name`.

    `hours` are more working hours of machines (overtime on a shift). `releases` are operations whose material comes at
    another time (expedited). `operations`, with their component orders `parts` and the `order`, stand in the place of
    those asked about: in another plant with its way, from a substituted material, or of a part of the quantity.
    """

    name: str
    hours: Hours = field(default_factory=dict)
    releases: Mapping[Id, int] = field(default_factory=dict)
    operations: Sequence[Operation] | None = None
    parts: Sequence[Order] | None = None
    order: Order | None = None


@dataclass(frozen=True)
class Pulled:
    """What a lever brings: the offer with nobody moved, and the minutes that it works in the new hours, by machine.

    `problem` is the whole with the lever pulled and the new order in it, by which the plan is to be judged.
    """

    lever: Lever
    offer: Offer
    overtime_min: Mapping[Id, int]
    problem: Problem


def pulled(
    live: LivePlan,
    lever: Lever,
    order: Order,
    operations: Sequence[Operation],
    parts: Sequence[Order] = (),
    effort: float = EFFORT,
) -> Pulled | None:
    """The earliest with nobody moved once the lever is pulled, proved as far as `effort` goes; None: it fits nowhere.

    Raises ProblemError when the lever speaks of a machine or an operation that is not there.
    """
    operations = _released(lever, operations if lever.operations is None else lever.operations)
    order = lever.order or order
    parts = parts if lever.parts is None else lever.parts
    longer = live.with_hours(lever.hours) if lever.hours else live
    try:
        found = longer.offers(order, operations, parts, keys=("A",))[0]
    except HorizonTooShortError:
        return None
    found = longer.proof(order, operations, parts, found, effort)
    whole = longer.shop.problem.joined([*parts, order], operations)
    return Pulled(lever, found, _overtime(found.placements, longer.extra), whole)


def _released(lever: Lever, operations: Sequence[Operation]) -> list[Operation]:
    known = {one.id for one in operations}
    for key in lever.releases:
        if key not in known:
            raise ProblemError(f"lever {lever.name}: operation {key} is not one of the new order's")
    return [replace(one, release_min=lever.releases.get(one.id, one.release_min)) for one in operations]


def _overtime(placements: Mapping[Id, Placement], extra: Hours) -> dict[Id, int]:
    """Minutes from the setup's begin to the end that lie in the new hours."""
    found: dict[Id, int] = {}
    for place in placements.values():
        begin = place.start if place.setup_start is None else place.setup_start
        spent = sum(_both((begin, place.end), window) for window in extra.get(place.machine, ()))
        if spent:
            found[place.machine] = found.get(place.machine, 0) + spent
    return found


def _both(one: Window, other: Window) -> int:
    return max(0, min(one[1], other[1]) - max(one[0], other[0]))
