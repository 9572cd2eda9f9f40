"""One way to break each rule of a legal plan; None where the plan has nothing of the kind."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

from aps.engine.problem import Fixed, Id, Machine, Operation, Placement, Plan, Problem, State

Broken = tuple[Problem, Plan] | None
Breaker = Callable[[random.Random, Problem, Plan], Broken]


def _with(problem: Problem, plan: Plan, key: Id, **changed: object) -> Broken:
    return problem, Plan({**plan.placements, key: replace(plan[key], **changed)})  # type: ignore[arg-type]


def _free(problem: Problem) -> list[Operation]:
    return [one for one in problem.operations if one.state is State.FREE]


def _shifted(problem: Problem, plan: Plan, key: Id, start: int) -> Broken:
    one = plan[key]
    return _with(problem, plan, key, start=start, end=start + one.end - one.start, setup_start=None)


def _machine(problem: Problem, key: Id) -> Machine:
    return next(machine for machine in problem.machines if machine.id == key)


def _one(dice: random.Random, found: list[Operation]) -> Operation | None:
    return dice.choice(found) if found else None


def missing(dice: random.Random, problem: Problem, plan: Plan) -> Broken:
    gone = dice.choice(list(plan))
    return problem, Plan({key: one for key, one in plan.items() if key != gone})


def unknown(dice: random.Random, problem: Problem, plan: Plan) -> Broken:
    return problem, Plan({**plan.placements, "ghost": dice.choice(list(plan.values()))})


def machine(dice: random.Random, problem: Problem, plan: Plan) -> Broken:
    one = dice.choice(_free(problem))
    others = [m.id for m in problem.machines if m.id not in {option.machine for option in one.options}]
    return _with(problem, plan, one.id, machine=dice.choice(others)) if others else None


def past(dice: random.Random, problem: Problem, plan: Plan) -> Broken:
    return _shifted(problem, plan, dice.choice(_free(problem)).id, problem.now_min - dice.randint(1, 500))


def release(dice: random.Random, problem: Problem, plan: Plan) -> Broken:
    one = _one(dice, [one for one in _free(problem) if one.release_min > 0])
    return None if one is None else _shifted(problem, plan, one.id, one.release_min - dice.randint(1, 50))


def precedence(dice: random.Random, problem: Problem, plan: Plan) -> Broken:
    one = _one(dice, [one for one in _free(problem) if one.predecessors and not one.overlaps])
    if one is None:
        return None
    key, lag = dice.choice(list(one.predecessors))
    return _shifted(problem, plan, one.id, plan[key].end + lag - dice.randint(1, 30))


def transfer(dice: random.Random, problem: Problem, plan: Plan) -> Broken:
    one = _one(dice, [one for one in _free(problem) if one.overlaps])
    if one is None:
        return None
    return _shifted(problem, plan, one.id, plan[dice.choice(list(one.overlaps))].start - dice.randint(1, 30))


def latest(dice: random.Random, problem: Problem, plan: Plan) -> Broken:
    one = _one(dice, [one for one in _free(problem) if one.latest])
    if one is None:
        return None
    key, most = dice.choice(list(one.latest.items()))
    return _shifted(problem, plan, one.id, plan[key].end + most + dice.randint(1, 30))


def closed(dice: random.Random, problem: Problem, plan: Plan) -> Broken:
    """Begins in the first minute after a window."""
    one = dice.choice(_free(problem))
    windows = _machine(problem, plan[one.id].machine).windows
    ends = [end for (_, end), (start, _) in pairwise(windows) if start > end]
    return _shifted(problem, plan, one.id, dice.choice(ends[:40])) if ends else None


def duration(dice: random.Random, problem: Problem, plan: Plan) -> Broken:
    one = dice.choice(_free(problem))
    place = plan[one.id]
    return _with(problem, plan, one.id, end=place.end + dice.choice([-1, 1, 7]))


def split(dice: random.Random, problem: Problem, plan: Plan) -> Broken:
    """Work that may not rest lies across a break, with its minutes exact."""
    for one in dice.sample(_free(problem), len(_free(problem))):
        place = plan[one.id]
        on = _machine(problem, place.machine)
        run = next(option.run_min for option in one.options if option.machine == place.machine)
        pairs = zip(on.windows, on.windows[1:], strict=False)
        gaps = [(end, start) for (_, end), (start, _) in pairs if start > end and end > problem.now_min + run]
        if not one.splittable and run > 1 and gaps and not one.needs:
            end, start = dice.choice(gaps[:30])
            return _with(problem, plan, one.id, start=end - 1, end=start + run - 1, setup_start=None)
    return None


def overlap(dice: random.Random, problem: Problem, plan: Plan) -> Broken:
    """One begins in the middle of another on the same machine."""
    alone = {one.id for one in problem.machines if one.capacity == 1}
    for one in dice.sample(_free(problem), len(_free(problem))):
        place = plan[one.id]
        others = [key for key, other in plan.items() if other.machine == place.machine and key != one.id]
        long = [key for key in others if plan[key].end - plan[key].start > 1 and plan[key].end > problem.now_min + 1]
        if place.machine in alone and long:
            into = plan[dice.choice(long)]
            return _shifted(problem, plan, one.id, max(into.start + 1, min(into.end - 1, into.start + 1)))
    return None


def setup(dice: random.Random, problem: Problem, plan: Plan) -> Broken:
    one = dice.choice(_free(problem))
    place = plan[one.id]
    begin = place.start if place.setup_start is None else place.setup_start
    return _with(problem, plan, one.id, setup_min=place.setup_min + 5, setup_start=begin - 5)


def batch(dice: random.Random, problem: Problem, plan: Plan) -> Broken:
    """Two families in one oven at once."""
    for on in problem.machines:
        inside = [one for one in _free(problem) if on.capacity > 1 and plan[one.id].machine == on.id]
        pairs = [(one, two) for one in inside for two in inside if one.family != two.family]
        if pairs:
            one, two = dice.choice(pairs)
            into = plan[two.id]
            return _with(problem, plan, one.id, start=into.start, end=into.end, setup_start=None, setup_min=0)
    return None


def capacity(dice: random.Random, problem: Problem, plan: Plan) -> Broken:
    """What lies in the oven grows by more than the oven holds."""
    ovens = {one.id: one.capacity for one in problem.machines if one.capacity > 1}
    inside = _one(dice, [one for one in _free(problem) if plan[one.id].machine in ovens])
    if inside is None:
        return None
    fuller = [replace(one, size=3) if one.id == inside.id else one for one in problem.operations]
    twin = replace(inside, id="twin", size=1, predecessors=(), latest={}, overlaps={})
    return replace(problem, operations=[*fuller, twin]), Plan({**plan.placements, "twin": plan[inside.id]})


def resource(dice: random.Random, problem: Problem, plan: Plan) -> Broken:
    """Nobody, or somebody who is not able to."""
    one = _one(dice, [one for one in _free(problem) if one.needs])
    if one is None:
        return None
    unable = [person.id for person in problem.resources if one.needs[0] not in person.skills]
    named = plan[one.id].resources
    choices = [named[1:], *((person, *named[1:]) for person in unable)]
    return _with(problem, plan, one.id, resources=dice.choice(choices))


def busy(dice: random.Random, problem: Problem, plan: Plan) -> Broken:
    """The same person at two machines at once: another operation begins while that person works."""
    pairs = [
        (one.id, two.id)
        for one in _free(problem)
        for two in _free(problem)
        if one.needs and two.needs and plan[one.id].machine != plan[two.id].machine
        if plan[one.id].resources[0] == plan[two.id].resources[0]
    ]
    if not pairs:
        return None
    one, two = dice.choice(pairs)
    return _shifted(problem, plan, one, plan[two].start)


def pinned(dice: random.Random, problem: Problem, plan: Plan) -> Broken:
    one = _one(dice, [one for one in problem.operations if one.state is State.PINNED])
    if one is None or one.fixed is None:
        return None
    return _shifted(problem, plan, one.id, one.fixed.start - dice.randint(1, 99))


def started(dice: random.Random, problem: Problem, plan: Plan) -> Broken:
    one = _one(dice, [one for one in problem.operations if one.state is State.STARTED])
    return None if one is None else _with(problem, plan, one.id, start=plan[one.id].start + dice.choice([-3, 5]))


def done(dice: random.Random, problem: Problem, plan: Plan) -> Broken:
    """Something that the shop has done is planned somewhere else."""
    one = dice.choice(_free(problem))
    place = plan[one.id]
    fixed = Fixed(place.machine, place.start, end=place.end)
    ready = replace(one, state=State.DONE, fixed=fixed)
    known = replace(problem, operations=[ready if other.id == one.id else other for other in problem.operations])
    return known, Plan({**plan.placements, one.id: _moved(dice, place)})


def _moved(dice: random.Random, place: Placement) -> Placement:
    return replace(place, end=place.end + dice.randint(1, 20))


BREAKERS: dict[str, Breaker] = {
    breaker.__name__: breaker
    for breaker in (
        missing, unknown, machine, past, release, precedence, transfer, latest, closed, duration, split, overlap, setup,
        batch, capacity, resource, busy, pinned, started, done,
    )
}  # fmt: skip
