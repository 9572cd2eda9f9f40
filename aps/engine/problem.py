"""The planning problem and the plan in the shop's words, checked on construction."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence, Set
from dataclasses import dataclass, field
from enum import StrEnum

from aps.engine.checks import Both, check_calendar, expect, unique
from aps.engine.checks import HorizonTooShortError as HorizonTooShortError
from aps.engine.checks import Id as Id
from aps.engine.checks import ProblemError as ProblemError
from aps.engine.checks import Window as Window
from aps.engine.plan import Placement as Placement
from aps.engine.plan import Plan as Plan

ENDLESS, MOST_POINTS = 1 << 38, 1 << 60
"""A window that ends later never ends; points stay below what 64 bits hold."""


class State(StrEnum):
    """What the shop has already decided about an operation."""

    FREE = "free"
    PINNED = "pinned"
    STARTED = "started"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine that does one operation at a time, or a batch of them.

    `windows` are half-open working windows, sorted, not overlapping; `holes` are intervals in which it does not work
    (down, blocked), in any order. `family` is what it is set up for when the plan begins ("" = nothing in particular).
    `capacity` above 1: an oven; operations of one family and run time may start in it together, as long as their sizes
    fit. `setter`: the skill of whoever sets it up ("" = nobody in particular). `site`: where it stands.
    """

    id: Id
    windows: Sequence[Window]
    holes: Sequence[Window] = ()
    family: str = ""
    capacity: int = 1
    setter: str = ""
    site: str = ""

    def __post_init__(self) -> None:
        """Refuse windows that are empty, unsorted or overlapping."""
        check_calendar(f"machine {self.id}", self.windows, self.holes)
        expect(self.capacity >= 1, f"machine {self.id}", f"capacity >= 1, got {self.capacity}")


@dataclass(frozen=True, slots=True)
class Resource:
    """A person or a tool: does one thing at a time, within its own shifts. `skills` are what it can be asked for."""

    id: Id
    windows: Sequence[Window]
    skills: Sequence[str]
    holes: Sequence[Window] = ()

    def __post_init__(self) -> None:
        """Refuse windows that are empty, unsorted or overlapping, and somebody who can do nothing."""
        check_calendar(f"resource {self.id}", self.windows, self.holes)
        expect(len(self.skills) > 0, f"resource {self.id}", "at least one skill")


@dataclass(frozen=True, slots=True)
class Overlap:
    """A transfer batch: the follower may start once `first_min` working minutes of the one before are done, and ends no
    earlier than `last_min` working minutes behind its end (what the last batch takes).
    """

    first_min: int
    last_min: int = 0

    def __post_init__(self) -> None:
        """Refuse negative minutes."""
        expect(self.first_min >= 0 and self.last_min >= 0, "overlap", f"minutes >= 0, got {self}")


@dataclass(frozen=True, slots=True)
class Option:
    """One machine that can do the operation, with its minutes there. Setup is saved within a family."""

    machine: Id
    setup_min: int
    run_min: int

    def __post_init__(self) -> None:
        """Refuse negative minutes."""
        expect(self.setup_min >= 0, f"option on machine {self.machine}", f"setup_min >= 0, got {self.setup_min}")
        expect(self.run_min >= 0, f"option on machine {self.machine}", f"run_min >= 0, got {self.run_min}")


@dataclass(frozen=True, slots=True)
class Fixed:
    """Where a pinned, started or done operation stands.

    pinned: machine and start. started: machine, start and `remaining_min` working minutes still to do from now
    (setup included), with the people and tools at it. done: machine, start and end.
    """

    machine: Id
    start: int
    end: int | None = None
    remaining_min: int | None = None
    resources: Sequence[Id] = ()


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of one order.

    `predecessors` are (operation id, lag in minutes) and may belong to other orders: the operation starts no earlier
    than their end plus lag. `release_min` is when its material is ready. Operations of the same non-empty `family`
    follow each other on a machine without setup. `splittable` work may rest over breaks; other work needs one window.
    `latest` is the most minutes behind a predecessor's end at which it may start; `overlaps` lets it start before that
    end. `needs` are skills: one resource of each is busy with the run from start to end. `size` is what it takes of a
    machine's capacity.
    """

    id: Id
    order: Id
    options: Sequence[Option]
    predecessors: Sequence[tuple[Id, int]] = ()
    release_min: int = 0
    family: str = ""
    splittable: bool = True
    state: State = State.FREE
    fixed: Fixed | None = None
    latest: Mapping[Id, int] = field(default_factory=dict)
    overlaps: Mapping[Id, Overlap] = field(default_factory=dict)
    needs: Sequence[str] = ()
    size: int = 1

    def __post_init__(self) -> None:
        """Refuse an operation without options or without the place that its state asks for."""
        who = f"operation {self.id}"
        expect(len(self.options) > 0 or self.state in (State.STARTED, State.DONE), who, "at least one option")
        machines = [option.machine for option in self.options]
        expect(len(set(machines)) == len(machines), who, "at most one option per machine")
        for before, lag in self.predecessors:
            expect(lag >= 0, who, f"a lag >= 0 behind operation {before}, got {lag}")
            expect(before != self.id, who, "not to wait for itself")
        self._check_ties(who)
        self._check_fixed(who, machines)

    def _check_ties(self, who: str) -> None:
        lags = dict(self.predecessors)
        for before in [*self.latest, *self.overlaps]:
            expect(before in lags, who, f"{before} to be one of its predecessors")
        for before, most in self.latest.items():
            expect(most >= lags[before], who, f"to start at the latest {lags[before]} min or more behind {before}")
        expect(self.size >= 1, who, f"size >= 1, got {self.size}")

    def _check_fixed(self, who: str, machines: Sequence[Id]) -> None:
        if self.state is State.FREE:
            expect(self.fixed is None, who, "no fixed place while it is free")
            return
        fixed = self.fixed
        if fixed is None:
            raise ProblemError(f"{who}: expected a fixed place, because it is {self.state}")
        if self.state is State.PINNED:
            expect(fixed.machine in machines, who, f"a pin on one of its machines, got {fixed.machine}")
        elif self.state is State.STARTED:
            expect((fixed.remaining_min or 0) >= 0 and fixed.remaining_min is not None, who, "remaining_min >= 0")
        else:
            expect(fixed.end is not None and fixed.end >= fixed.start, who, "an end that is not before its start")


@dataclass(frozen=True, slots=True)
class Order:
    """What is wanted by when. Its end is the end of its last operation plus `transport_min`.

    `due_min` None: never late by itself (a component order that only feeds another). `shipping`: windows in which it
    can leave, sorted; what is finished outside of them waits for the next one. Empty: at any time.
    """

    id: Id
    due_min: int | None = None
    weight: int = 1
    transport_min: int = 0
    shipping: Sequence[Window] = ()

    def __post_init__(self) -> None:
        """Refuse negative weights and times."""
        expect(self.weight >= 0, f"order {self.id}", f"weight >= 0, got {self.weight}")
        expect(self.transport_min >= 0, f"order {self.id}", f"transport_min >= 0, got {self.transport_min}")
        if self.shipping:
            check_calendar(f"order {self.id}, shipping", self.shipping, ())


@dataclass(frozen=True, slots=True)
class Weights:
    """The objective in the open: points, all whole numbers, smaller is better.

    `lateness` per minute an order ends after due, times its weight; `completion` per minute between now and the end of
    an order, times its weight; `makespan` per minute between now and the end of the last order; `setup` per setup
    minute; `moved` per operation whose published start lies within `stable_for_min` from now and moves by more than
    `moved_after_min`; `machine` per operation on another machine than published; `pin` per pin that could not be kept.
    """

    lateness: int = 100
    completion: int = 1
    setup: int = 10
    moved: int = 2000
    machine: int = 2000
    pin: int = 10_000_000
    moved_after_min: int = 15
    stable_for_min: int = 1440
    makespan: int = 0

    def __post_init__(self) -> None:
        """Refuse negative weights."""
        for name in self.__slots__:
            expect(getattr(self, name) >= 0, f"weight {name}", f"a number >= 0, got {getattr(self, name)}")


@dataclass(frozen=True)
class Problem:
    """Everything the engine may know. Times are whole minutes from the caller's epoch; nothing starts before `now_min`.

    `setups` overrides the setup minutes of an option for a change (from family, to family). `transports` are the
    minutes from site to site that work needs between two operations (0 where none are given). What a published plan
    starts within `frozen_min` from now stays where it is as long as it can.
    """

    machines: Sequence[Machine]
    operations: Sequence[Operation]
    orders: Sequence[Order]
    now_min: int = 0
    weights: Weights = field(default_factory=Weights)
    setups: Mapping[tuple[str, str], int] = field(default_factory=dict)
    resources: Sequence[Resource] = ()
    transports: Mapping[tuple[str, str], int] = field(default_factory=dict)
    frozen_min: int = 0

    def __post_init__(self) -> None:
        """Refuse unknown and double ids and circles."""
        expect(self.frozen_min >= 0, "frozen_min", f"minutes >= 0, got {self.frozen_min}")
        machines = unique("machine", [machine.id for machine in self.machines])
        orders = unique("order", [order.id for order in self.orders])
        operations = unique("operation", [operation.id for operation in self.operations])
        unique("resource", [resource.id for resource in self.resources])
        _check_operations(self.operations, machines, orders, operations)
        _check_skills(self)
        _check_idle(self)
        for sites, minutes in self.transports.items():
            expect(minutes >= 0, f"transport {sites}", f"minutes >= 0, got {minutes}")
        for change, minutes in self.setups.items():
            expect(minutes >= 0, f"setup {change}", f"minutes >= 0, got {minutes}")
        topological(self.operations)
        _check_points(self)

    def joined(
        self,
        orders: Sequence[Order],
        operations: Sequence[Operation],
        known_orders: Set[Id] | None = None,
        known_operations: Set[Id] | None = None,
    ) -> Problem:
        """This problem with more orders and operations; only what is new is checked, so it is quick.

        The ids that are known already need not be gathered when the caller has them.
        """
        if known_orders is None or known_operations is None:
            known_orders = {order.id for order in self.orders}
            known_operations = {operation.id for operation in self.operations}
        more = object.__new__(Problem)
        whole = {**vars(self), "orders": [*self.orders, *orders], "operations": [*self.operations, *operations]}
        vars(more).update(whole)
        _check_operations(
            operations,
            {machine.id for machine in self.machines},
            Both(unique("order", [order.id for order in orders]), known_orders),
            Both(unique("operation", [operation.id for operation in operations]), known_operations),
        )
        for kind, news, known in (("order", orders, known_orders), ("operation", operations, known_operations)):
            for one in news:
                expect(one.id not in known, f"{kind} {one.id}", "to be given once")
        if _idle(operations) is not None:
            _check_idle(more)
        topological(operations)
        return more


def with_machines(problem: Problem, machines: Sequence[Machine]) -> Problem:
    """The problem with other calendars; the machines are the same, so nothing is checked again."""
    changed = object.__new__(Problem)
    vars(changed).update({**vars(problem), "machines": machines})
    return changed


def _check_points(problem: Problem) -> None:
    """Refuse numbers whose sums would not be exact any more."""
    ends = [end for machine in problem.machines for _, end in machine.windows if end < ENDLESS]
    latest = problem.now_min + max(ends, default=0)
    latest += max((one.release_min for one in problem.operations), default=0)
    for one in problem.operations:
        latest += max((option.run_min + option.setup_min for option in one.options), default=0)
        latest += max((lag for _, lag in one.predecessors), default=0)
    weights = problem.weights
    rate = (weights.lateness + weights.completion) * sum(one.weight for one in problem.orders) + weights.makespan
    expect(latest * rate < MOST_POINTS, "weights", f"smaller times or weights: {latest} min x {rate} points a minute")


def _check_skills(problem: Problem) -> None:
    known = {skill for resource in problem.resources for skill in resource.skills}
    people = {resource.id for resource in problem.resources}
    capacity = max((machine.capacity for machine in problem.machines), default=1)
    for machine in problem.machines:
        expect(machine.setter in known | {""}, f"machine {machine.id}", f"somebody with the skill {machine.setter}")
    for operation in problem.operations:
        who = f"operation {operation.id}"
        for skill in operation.needs:
            expect(skill in known, who, f"somebody with the skill {skill}")
        expect(operation.size <= capacity, who, f"a size that fits into a machine, got {operation.size}")
        for one in operation.fixed.resources if operation.fixed is not None else ():
            expect(one in people, who, f"a known resource, got {one}")


def _idle(operations: Sequence[Operation]) -> Operation | None:
    return next((one for one in operations for option in one.options if option.run_min == 0), None)


def _check_idle(problem: Problem) -> None:
    """Work that takes no time may stand between two others that meet: who is set up for whom must not matter then."""
    idle = _idle(problem.operations)
    if idle is None:
        return
    busy = any(option.setup_min > 0 for one in problem.operations for option in one.options)
    busy = busy or any(problem.setups.values())
    busy = busy or bool(problem.resources) or any(machine.capacity > 1 for machine in problem.machines)
    expect(not busy, f"operation {idle.id}", "run_min >= 1 where there are setups, people or ovens, got 0")


def _check_operations(
    news: Sequence[Operation], machines: Container[Id], orders: Container[Id], operations: Container[Id]
) -> None:
    for operation in news:
        who = f"operation {operation.id}"
        expect(operation.order in orders, who, f"a known order, got {operation.order}")
        for option in operation.options:
            expect(option.machine in machines, who, f"a known machine, got {option.machine}")
        if operation.fixed is not None:
            expect(operation.fixed.machine in machines, who, f"a known machine, got {operation.fixed.machine}")
        for before, _ in operation.predecessors:
            expect(before in operations, who, f"a known predecessor, got {before}")


def topological(operations: Sequence[Operation]) -> list[int]:
    """Positions of the operations, predecessors first, otherwise in the order given. Raises on a circle."""
    position = {operation.id: at for at, operation in enumerate(operations)}
    waiting = [sum(before in position for before, _ in operation.predecessors) for operation in operations]
    followers: dict[int, list[int]] = {}
    for at, operation in enumerate(operations):
        for before, _ in operation.predecessors:
            if before in position:
                followers.setdefault(position[before], []).append(at)
    found = [at for at, count in enumerate(waiting) if count == 0]
    for at in found:
        for follower in followers.get(at, ()):
            waiting[follower] -= 1
            if waiting[follower] == 0:
                found.append(follower)
    if len(found) < len(operations):
        stuck = next(operations[at].id for at, count in enumerate(waiting) if count > 0)
        raise ProblemError(f"operation {stuck}: expected no circle among its predecessors")
    return found
