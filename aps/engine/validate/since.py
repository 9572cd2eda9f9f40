"""The judge on what changed: a plan was legal, and a part of it is another now."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable

from aps.engine.problem import Id, Operation, Plan, Problem, State
from aps.engine.validate.judge import violations
from aps.engine.validate.violation import Violation

MOST = 0.5
"""Of the plan: when more has changed, everything is judged."""


def violations_since(problem: Problem, plan: Plan, before: Plan) -> list[Violation]:
    """The rules that `plan` breaks where it differs from `before`, a plan that breaks none: all of them that there are.

    The same judge looks at what changed, at its neighbours on their machines and at what waits for it or it waits for;
    with people and tools, or when much has changed, at everything. `problem` may have more operations than `before`.
    """
    changed = {key for key, place in plan.items() if before.get(key) is not place and before.get(key) != place}
    gone = any(key not in plan for key in before)
    if gone or problem.resources or len(changed) > MOST * len(plan) or len(plan) < len(problem.operations):
        return violations(problem, plan)
    touched = {plan[key].machine for key in changed} | {before[key].machine for key in changed if key in before}
    core, seen = set(changed), set(changed)
    for machine in problem.machines:
        if machine.id in touched:
            lane = _lane(problem, plan, machine.id)
            if machine.capacity > 1:
                core.update(one.id for _, _, one in lane)
            else:
                _neighbours(lane, changed, _left(machine.id, changed, plan, before), core, seen)
    seen |= core
    for one in problem.operations:
        decided = one.state in (State.STARTED, State.PINNED) and plan[one.id].machine in touched
        if decided or any(key in changed for key, _ in one.predecessors):
            seen.add(one.id)
        if one.id in core:
            seen.update(key for key, _ in one.predecessors)
    part = _part(problem, [one for one in problem.operations if one.id in seen], plan)
    found = violations(part, Plan({one.id: plan[one.id] for one in part.operations}))
    return [one for one in found if any(key in core for key in one.operations)]


def _lane(problem: Problem, plan: Plan, machine: Id) -> list[tuple[int, int, Operation]]:
    lane = [
        (plan[one.id].start, plan[one.id].end, one)
        for one in problem.operations
        if one.state is not State.DONE and plan[one.id].machine == machine
    ]
    lane.sort(key=lambda row: row[:2])
    return lane


def _left(machine: Id, changed: Iterable[Id], plan: Plan, before: Plan) -> list[int]:
    """Where on the machine something stood that is elsewhere now."""
    return [before[key].start for key in changed if key in before and before[key].machine == machine]


def _neighbours(
    lane: list[tuple[int, int, Operation]], changed: set[Id], left: list[int], core: set[Id], seen: set[Id]
) -> None:
    """What stands behind a change is judged, what stands ahead of it is looked at."""
    starts = [row[0] for row in lane]
    places = {bisect_left(starts, start) for start in left}
    places |= {at for at, row in enumerate(lane) if row[2].id in changed}
    for at in places:
        for near in (at, at + 1):
            if near < len(lane):
                core.add(lane[near][2].id)
        seen.update(lane[near][2].id for near in (at - 2, at - 1) if near >= 0)
    ahead = {row[2].id: lane[at - 1][2].id for at, row in enumerate(lane) if at > 0}
    seen.update(ahead[key] for key in core if key in ahead)


def _part(problem: Problem, operations: list[Operation], plan: Plan) -> Problem:
    """The problem with these operations and their machines only; it was checked already."""
    on = {plan[one.id].machine for one in operations}
    part = object.__new__(Problem)
    machines = [machine for machine in problem.machines if machine.id in on]
    vars(part).update({**vars(problem), "operations": operations, "machines": machines})
    return part
