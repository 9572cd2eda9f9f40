"""The frozen window: what the floor works by in the next hours stays, unless an event has made it impossible."""

from __future__ import annotations

from dataclasses import replace

from aps.engine.arrays import shop_of
from aps.engine.problem import Fixed, Operation, Placement, Plan, Problem, State
from aps.engine.repair import shifted


def held(problem: Problem, published: Plan) -> Problem:
    """The problem in which what `published` starts within `frozen_min` of now is pinned where it is.

    What cannot stay there (its machine is down, its material late, the work before it not done) is not pinned, nor what
    waits for it. One right-shift of the plan. Raises HorizonTooShortError.
    """
    until = problem.now_min + problem.frozen_min
    soon = {key: place for key, place in published.items() if place.start < until}
    if problem.frozen_min <= 0 or not soon:
        return problem
    shop = shop_of(problem)
    kept = shop.plan(shifted(shop, shop.times(published)))
    operations = [_held(one, soon.get(one.id), kept.get(one.id)) for one in problem.operations]
    return replace(problem, operations=operations)


def _held(operation: Operation, place: Placement | None, kept: Placement | None) -> Operation:
    if operation.state is not State.FREE or place is None or kept is None:
        return operation
    if (kept.machine, kept.start, kept.end) != (place.machine, place.start, place.end):
        return operation
    return replace(operation, state=State.PINNED, fixed=Fixed(place.machine, place.start, resources=place.resources))
