"""Machines, people and tools that are missing for a while, and come back."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from aps.engine.calendar import common, open_windows
from aps.engine.events.event import Event
from aps.engine.events.found import machine_of, resource_of, with_machine, with_resource
from aps.engine.events.progress import opened, worked
from aps.engine.problem import Id, Operation, Plan, Problem, ProblemError, Resource, State, Window

ASSUMED_MIN = 240
"""Minutes for which whoever is missing is taken to be missing from now on, when nobody knows."""


@dataclass(frozen=True)
class _Missing(Event):
    """Does not work in [`from_min`, `until_min`).

    `until_min` None: nobody knows; `assumed_min` minutes from the later of `from_min` and now are assumed.
    """

    assumed_min: int = field(default=ASSUMED_MIN, kw_only=True)

    @property
    @abstractmethod
    def span(self) -> tuple[int, int | None]:
        """From when, until when."""

    def hole(self, problem: Problem) -> Window:
        """From when until when, assumed or known."""
        start, end = self.span
        return start, max(start, self.known_min(problem)) + self.assumed_min if end is None else end

    def since_min(self, problem: Problem, plan: Plan) -> int | None:
        """The shop has gone on without it."""
        return max(self.span[0], problem.now_min)

    def said(self, problem: Problem, what: str) -> tuple[str, ...]:
        """That its end is assumed."""
        if self.span[1] is not None:
            return ()
        return (f"{what} until {self.hole(problem)[1]}: assumed, nobody knows.",)


@dataclass(frozen=True)
class MachineDown(_Missing):
    """The machine does not work in [from_min, until_min); `until_min` None: nobody knows, see `assumed_min`."""

    machine: Id
    from_min: int
    until_min: int | None = None

    @property
    def span(self) -> tuple[int, int | None]:
        """From when, until when."""
        return self.from_min, self.until_min

    def change(self, problem: Problem, plan: Plan) -> Problem:
        """The machine has one more hole."""
        machine, hole = machine_of(problem, self.machine), self.hole(problem)
        if hole in machine.holes:
            return problem
        return with_machine(problem, replace(machine, holes=(*machine.holes, hole)))

    def told(self, problem: Problem) -> tuple[str, ...]:
        """Until when it is assumed to be down."""
        return self.said(problem, f"Machine {self.machine} is down")


@dataclass(frozen=True)
class MachineUp(Event):
    """The machine, down until some later time, works again from `at_min`; holes that begin later stay."""

    machine: Id
    at_min: int

    def change(self, problem: Problem, plan: Plan) -> Problem:
        """The hole that it was in ends."""
        machine = machine_of(problem, self.machine)
        return with_machine(problem, replace(machine, holes=_cut(f"machine {machine.id}", machine.holes, self.at_min)))


@dataclass(frozen=True)
class OperatorAbsent(_Missing):
    """The person or tool is not there in [from_min, until_min); `until_min` None: nobody knows, see `assumed_min`.

    What is begun with it rests meanwhile.
    """

    resource: Id
    from_min: int
    until_min: int | None = None

    @property
    def span(self) -> tuple[int, int | None]:
        """From when, until when."""
        return self.from_min, self.until_min

    def change(self, problem: Problem, plan: Plan) -> Problem:
        """It has one more hole."""
        resource, hole = resource_of(problem, self.resource), self.hole(problem)
        if hole in resource.holes:
            return problem
        return _with_hours(problem, resource, replace(resource, holes=(*resource.holes, hole)))

    def told(self, problem: Problem) -> tuple[str, ...]:
        """Until when it is assumed to be away."""
        return self.said(problem, f"{self.resource} is away")


@dataclass(frozen=True)
class OperatorBack(Event):
    """The person or tool, missing until some later time, is there again from `at_min`; holes that begin later stay."""

    resource: Id
    at_min: int

    def change(self, problem: Problem, plan: Plan) -> Problem:
        """The hole that it was in ends, and what rested goes on."""
        resource = resource_of(problem, self.resource)
        holes = _cut(f"resource {resource.id}", resource.holes, self.at_min, "away")
        return _with_hours(problem, resource, replace(resource, holes=holes))


def _cut(who: str, holes: Sequence[Window], at: int, missing: str = "down") -> tuple[Window, ...]:
    """The holes, that of `at` ended. Raises ProblemError."""
    if not any(start <= at < end for start, end in holes):
        raise ProblemError(f"{who}: expected to be {missing} at {at}")
    cut = [(start, min(end, at) if start <= at else end) for start, end in holes]
    return tuple(hole for hole in cut if hole[0] < hole[1])


def _with_hours(problem: Problem, old: Resource, new: Resource) -> Problem:
    """The problem with other hours of somebody; what has begun with them takes as much longer or shorter."""
    rows = [
        _rested(problem, one, old, new)
        if one.state is State.STARTED and one.fixed is not None and old.id in one.fixed.resources
        else one
        for one in problem.operations
    ]
    return with_resource(replace(problem, operations=tuple(rows)), new)


def _rested(problem: Problem, one: Operation, old: Resource, new: Resource) -> Operation:
    """The started operation with the minutes of its machine that it takes in the new hours.

    Raises ProblemError when these are too short.
    """
    assert one.fixed is not None
    windows = open_windows(machine_of(problem, one.fixed.machine))
    begin = max(problem.now_min, one.fixed.start)
    end = worked(windows, begin, one.fixed.remaining_min or 0)
    rest = opened(common(windows, open_windows(old)), begin, begin if end is None else end)
    fresh = worked(common(windows, open_windows(new)), begin, rest)
    if fresh is None:
        raise ProblemError(f"resource {new.id}: expected hours long enough for operation {one.id}, which has begun")
    return replace(one, fixed=replace(one.fixed, remaining_min=opened(windows, begin, fresh)))
