"""Time goes on: the shop does what the plan says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from aps.engine.calendar import open_windows
from aps.engine.problem import Fixed, Machine, Operation, Placement, Plan, Problem, State, Window


def progressed(problem: Problem, plan: Plan, now: int) -> Problem:
    """The problem as of `now`: what the plan ends by then is done, what it begins before then has started.

    A machine is set up for what was done last on it. Started work has as many of its machine's minutes left as lie
    between now and its planned end, so that it ends then when nothing happens.
    """
    windows = {machine.id: open_windows(machine) for machine in problem.machines}
    operations = []
    for operation in problem.operations:
        place = plan.get(operation.id)
        if place is None or operation.state is State.DONE:
            operations.append(operation)
        elif place.end <= now:
            operations.append(done(operation, place))
        elif begin(place) < now:
            operations.append(_begun(operation, place, opened(windows[place.machine], now, place.end)))
        else:
            operations.append(operation)
    machines = set_up(problem.machines, problem.operations, operations)
    return replace(problem, operations=tuple(operations), machines=machines, now_min=now)


def set_up(machines: Sequence[Machine], before: Sequence[Operation], after: Sequence[Operation]) -> tuple[Machine, ...]:
    """The machines, each set up for the last of what is done now and was not before."""
    last: dict[object, tuple[int, str]] = {}
    for old, new in zip(before, after, strict=True):
        if new.state is State.DONE and old.state is not State.DONE and new.fixed is not None:
            found = (new.fixed.end or 0, new.family)
            last[new.fixed.machine] = max(last.get(new.fixed.machine, found), found)
    return tuple(replace(one, family=last[one.id][1]) if one.id in last else one for one in machines)


def begin(place: Placement) -> int:
    """When work on it begins, its setup included."""
    return place.start if place.setup_start is None else place.setup_start


def done(operation: Operation, place: Placement) -> Operation:
    """The operation, done where it is placed."""
    return replace(
        operation, state=State.DONE, fixed=Fixed(place.machine, place.start, place.end, None, place.resources)
    )


def _begun(operation: Operation, place: Placement, minutes: int) -> Operation:
    start = begin(place)
    if operation.state is State.STARTED and operation.fixed is not None:
        start, minutes = operation.fixed.start, min(minutes, operation.fixed.remaining_min or 0)
    return replace(operation, state=State.STARTED, fixed=Fixed(place.machine, start, None, minutes, place.resources))


def opened(windows: Sequence[Window], start: int, end: int) -> int:
    """Working minutes in [start, end)."""
    return sum(max(0, min(end, closes) - max(start, opens)) for opens, closes in windows)


def worked(windows: Sequence[Window], start: int, minutes: int) -> int | None:
    """When so many working minutes from `start` on are done; None: not within the windows."""
    for opens, closes in windows:
        at = max(opens, start)
        if at < closes and minutes <= closes - at:
            return at + minutes
        minutes -= max(0, closes - at)
    return None
