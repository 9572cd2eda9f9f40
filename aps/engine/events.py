"""What an event does to the problem: machines that stop and start, work that is finished, material that is late."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from aps.engine.calendar import common, open_windows
from aps.engine.problem import Fixed, Id, Machine, Operation, Placement, Plan, Problem, ProblemError, State, Window


class Event(Protocol):
    """Something that happened. `now_min` is when it became known; None: the problem's now stays."""

    @property
    def now_min(self) -> int | None:
        """When it became known."""

    def change(self, problem: Problem, plan: Plan) -> Problem:
        """The problem with it. Raises ProblemError when it speaks of what is not there."""


@dataclass(frozen=True)
class MachineDown:
    """The machine does not work in [from_min, until_min)."""

    machine: Id
    from_min: int
    until_min: int
    now_min: int | None = None

    def change(self, problem: Problem, plan: Plan) -> Problem:
        """The machine has one more hole."""
        machine = _machine(problem, self.machine)
        holes = (*machine.holes, (self.from_min, self.until_min))
        return _with_machine(problem, replace(machine, holes=holes))


@dataclass(frozen=True)
class MachineUp:
    """The machine, down until some later time, works again from `at_min`; holes that begin later stay."""

    machine: Id
    at_min: int
    now_min: int | None = None

    def change(self, problem: Problem, plan: Plan) -> Problem:
        """The hole that it was in ends."""
        machine = _machine(problem, self.machine)
        if not any(start <= self.at_min < end for start, end in machine.holes):
            raise ProblemError(f"machine {self.machine}: expected to be down at {self.at_min}")
        cut = [(start, min(end, self.at_min) if start <= self.at_min else end) for start, end in machine.holes]
        return _with_machine(problem, replace(machine, holes=tuple(hole for hole in cut if hole[0] < hole[1])))


@dataclass(frozen=True)
class OperationFinished:
    """The operation ended at `end_min`, sooner or later than planned, on the machine where it was planned."""

    operation: Id
    end_min: int
    now_min: int | None = None

    def change(self, problem: Problem, plan: Plan) -> Problem:
        """The operation is done."""
        operation = _operation(problem, self.operation)
        place = plan.get(operation.id)
        if place is None:
            raise ProblemError(f"operation {operation.id}: expected to be in the plan")
        start = min(place.start, self.end_min)
        return _with_operation(problem, _done(operation, replace(place, start=start, end=self.end_min)))


@dataclass(frozen=True)
class MaterialLate:
    """The material of the operation comes at `until_min`."""

    operation: Id
    until_min: int
    now_min: int | None = None

    def change(self, problem: Problem, plan: Plan) -> Problem:
        """The operation is released later (or earlier)."""
        return _with_operation(problem, replace(_operation(problem, self.operation), release_min=self.until_min))


def after(problem: Problem, plan: Plan, event: Event) -> Problem:
    """The problem once the event is known: with a later now, the shop has done until then what the plan says."""
    if event.now_min is not None and event.now_min > problem.now_min:
        problem = progressed(problem, plan, event.now_min)
    return event.change(problem, plan)


def progressed(problem: Problem, plan: Plan, now: int) -> Problem:
    """The problem as of `now`: what the plan ends by then is done, what it begins before then has started."""
    machines = {machine.id: open_windows(machine) for machine in problem.machines}
    people = {resource.id: open_windows(resource) for resource in problem.resources}
    operations = []
    for operation in problem.operations:
        place = plan.get(operation.id)
        if place is None or operation.state is State.DONE:
            operations.append(operation)
        elif place.end <= now:
            operations.append(_done(operation, place))
        elif _begin(place) < now:
            operations.append(_begun(operation, place, _rest(machines[place.machine], people, operation, place, now)))
        else:
            operations.append(operation)
    return replace(problem, operations=tuple(operations), now_min=now)


def _begin(place: Placement) -> int:
    return place.start if place.setup_start is None else min(place.setup_start, place.start)


def _done(operation: Operation, place: Placement) -> Operation:
    return replace(
        operation, state=State.DONE, fixed=Fixed(place.machine, place.start, place.end, None, place.resources)
    )


def _begun(operation: Operation, place: Placement, minutes: int) -> Operation:
    start = _begin(place)
    if operation.state is State.STARTED and operation.fixed is not None:
        start, minutes = operation.fixed.start, min(minutes, operation.fixed.remaining_min or 0)
    return replace(operation, state=State.STARTED, fixed=Fixed(place.machine, start, None, minutes, place.resources))


def _rest(
    hours: Sequence[Window], people: Mapping[Id, Sequence[Window]], operation: Operation, place: Placement, now: int
) -> int:
    """Working minutes still to do: of the setup by the machine's hours, of the run by all that it takes."""
    setup = _open(hours, now, place.start)
    for person in place.resources[: len(operation.needs)]:
        hours = common(hours, people[person])
    return setup + _open(hours, max(now, place.start), place.end)


def _open(windows: Sequence[Window], start: int, end: int) -> int:
    return sum(max(0, min(end, closes) - max(start, opens)) for opens, closes in windows)


def _machine(problem: Problem, key: Id) -> Machine:
    found = next((one for one in problem.machines if one.id == key), None)
    if found is None:
        raise ProblemError(f"machine {key}: expected a known machine")
    return found


def _operation(problem: Problem, key: Id) -> Operation:
    found = next((one for one in problem.operations if one.id == key), None)
    if found is None:
        raise ProblemError(f"operation {key}: expected a known operation")
    return found


def _with_machine(problem: Problem, machine: Machine) -> Problem:
    return replace(problem, machines=tuple(machine if one.id == machine.id else one for one in problem.machines))


def _with_operation(problem: Problem, operation: Operation) -> Problem:
    rows = tuple(operation if one.id == operation.id else one for one in problem.operations)
    return replace(problem, operations=rows)
