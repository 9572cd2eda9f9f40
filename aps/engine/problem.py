"""The planning problem and the plan in the shop's words, checked on construction."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

Id: TypeAlias = int | str
Window: TypeAlias = tuple[int, int]


class ProblemError(ValueError):
    """The problem cannot be planned as given; the message names the id and what was expected."""


class HorizonTooShortError(ProblemError):
    """Work does not fit into the working windows that were given; give longer calendars."""


class State(StrEnum):
    """What the shop has already decided about an operation."""

    FREE = "free"
    PINNED = "pinned"
    STARTED = "started"
    DONE = "done"


def _expect(holds: bool, who: str, expected: str) -> None:
    if not holds:
        raise ProblemError(f"{who}: expected {expected}")


def _check_windows(who: str, windows: Sequence[Window]) -> None:
    for start, end in windows:
        _expect(start < end, who, f"windows that end after they start, got ({start}, {end})")


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine that does one operation at a time.

    `windows` are half-open working windows, sorted, not overlapping; `holes` are intervals in which it does not work
    (down, blocked), in any order. `family` is what it is set up for when the plan begins ("" = nothing in particular).
    """

    id: Id
    windows: Sequence[Window]
    holes: Sequence[Window] = ()
    family: str = ""

    def __post_init__(self) -> None:
        """Refuse windows that are empty, unsorted or overlapping."""
        who = f"machine {self.id}"
        _expect(len(self.windows) > 0, who, "at least one working window")
        _check_windows(who, self.windows)
        _check_windows(who, self.holes)
        for (_, end), (start, _) in zip(self.windows, self.windows[1:], strict=False):
            _expect(end <= start, who, f"sorted windows without overlap, got an end {end} before a start {start}")


@dataclass(frozen=True, slots=True)
class Option:
    """One machine that can do the operation, with its minutes there. Setup is saved within a family."""

    machine: Id
    setup_min: int
    run_min: int

    def __post_init__(self) -> None:
        """Refuse negative minutes and work that takes no time."""
        _expect(self.setup_min >= 0, f"option on machine {self.machine}", f"setup_min >= 0, got {self.setup_min}")
        _expect(self.run_min >= 1, f"option on machine {self.machine}", f"run_min >= 1, got {self.run_min}")


@dataclass(frozen=True, slots=True)
class Fixed:
    """Where a pinned, started or done operation stands.

    pinned: machine and start. started: machine, start and `remaining_min` working minutes still to do from now
    (setup included). done: machine, start and end.
    """

    machine: Id
    start: int
    end: int | None = None
    remaining_min: int | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of one order.

    `predecessors` are (operation id, lag in minutes) and may belong to other orders: the operation starts no earlier
    than their end plus lag. `release_min` is when its material is ready. Operations of the same non-empty `family`
    follow each other on a machine without setup. `splittable` work may rest over breaks; other work needs one window.
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

    def __post_init__(self) -> None:
        """Refuse an operation without options or without the place that its state asks for."""
        who = f"operation {self.id}"
        _expect(len(self.options) > 0 or self.state in (State.STARTED, State.DONE), who, "at least one option")
        machines = [option.machine for option in self.options]
        _expect(len(set(machines)) == len(machines), who, "at most one option per machine")
        for before, lag in self.predecessors:
            _expect(lag >= 0, who, f"a lag >= 0 behind operation {before}, got {lag}")
            _expect(before != self.id, who, "not to wait for itself")
        self._check_fixed(who, machines)

    def _check_fixed(self, who: str, machines: Sequence[Id]) -> None:
        if self.state is State.FREE:
            _expect(self.fixed is None, who, "no fixed place while it is free")
            return
        fixed = self.fixed
        if fixed is None:
            raise ProblemError(f"{who}: expected a fixed place, because it is {self.state}")
        if self.state is State.PINNED:
            _expect(fixed.machine in machines, who, f"a pin on one of its machines, got {fixed.machine}")
        elif self.state is State.STARTED:
            _expect((fixed.remaining_min or 0) >= 0 and fixed.remaining_min is not None, who, "remaining_min >= 0")
        else:
            _expect(fixed.end is not None and fixed.end >= fixed.start, who, "an end that is not before its start")


@dataclass(frozen=True, slots=True)
class Order:
    """What is wanted by when. Its end is the end of its last operation plus `transport_min`.

    `due_min` None: never late by itself (a component order that only feeds another).
    """

    id: Id
    due_min: int | None = None
    weight: int = 1
    transport_min: int = 0

    def __post_init__(self) -> None:
        """Refuse negative weights and times."""
        _expect(self.weight >= 0, f"order {self.id}", f"weight >= 0, got {self.weight}")
        _expect(self.transport_min >= 0, f"order {self.id}", f"transport_min >= 0, got {self.transport_min}")


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
            _expect(getattr(self, name) >= 0, f"weight {name}", f"a number >= 0, got {getattr(self, name)}")


@dataclass(frozen=True)
class Problem:
    """Everything the engine may know. Times are whole minutes from the caller's epoch; nothing starts before `now_min`.

    `setups` overrides the setup minutes of an option for a change (from family, to family).
    """

    machines: Sequence[Machine]
    operations: Sequence[Operation]
    orders: Sequence[Order]
    now_min: int = 0
    weights: Weights = field(default_factory=Weights)
    setups: Mapping[tuple[str, str], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse unknown and double ids and circles."""
        machines = _unique("machine", [machine.id for machine in self.machines])
        orders = _unique("order", [order.id for order in self.orders])
        operations = _unique("operation", [operation.id for operation in self.operations])
        _check_operations(self.operations, machines, orders, operations)
        for change, minutes in self.setups.items():
            _expect(minutes >= 0, f"setup {change}", f"minutes >= 0, got {minutes}")
        topological(self.operations)

    def joined(self, orders: Sequence[Order], operations: Sequence[Operation]) -> Problem:
        """This problem with more orders and operations; only what is new is checked, so it is quick."""
        known = {operation.id for operation in self.operations}
        more = object.__new__(Problem)
        whole = {**vars(self), "orders": [*self.orders, *orders], "operations": [*self.operations, *operations]}
        vars(more).update(whole)
        _check_operations(
            operations,
            {machine.id for machine in self.machines},
            _unique("order", [order.id for order in more.orders]),
            known | _unique("operation", [operation.id for operation in operations]),
        )
        for operation in operations:
            _expect(operation.id not in known, f"operation {operation.id}", "to be given once")
        topological(operations)
        return more


def _check_operations(news: Sequence[Operation], machines: set[Id], orders: set[Id], operations: set[Id]) -> None:
    for operation in news:
        who = f"operation {operation.id}"
        _expect(operation.order in orders, who, f"a known order, got {operation.order}")
        for option in operation.options:
            _expect(option.machine in machines, who, f"a known machine, got {option.machine}")
        if operation.fixed is not None:
            _expect(operation.fixed.machine in machines, who, f"a known machine, got {operation.fixed.machine}")
        for before, _ in operation.predecessors:
            _expect(before in operations, who, f"a known predecessor, got {before}")


def _unique(kind: str, ids: Sequence[Id]) -> set[Id]:
    known: set[Id] = set()
    for one in ids:
        _expect(one not in known, f"{kind} {one}", "to be given once")
        known.add(one)
    return known


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


@dataclass(frozen=True, slots=True)
class Placement:
    """Where and when an operation is done: [start, end) on `machine`, its setup in the minutes from `setup_start`.

    `setup_start` is None and `setup_min` 0 when the machine needs no setup before it.
    """

    machine: Id
    start: int
    end: int
    setup_start: int | None = None
    setup_min: int = 0


@dataclass(frozen=True, eq=True)
class Plan(Mapping[Id, Placement]):
    """Placements by operation id."""

    placements: Mapping[Id, Placement] = field(default_factory=dict)

    def __getitem__(self, operation: Id) -> Placement:
        """Return where the operation is; raises KeyError when it is not planned."""
        return self.placements[operation]

    def __iter__(self) -> Iterator[Id]:
        """Iterate over the operation ids."""
        return iter(self.placements)

    def __len__(self) -> int:
        """Count the operations planned."""
        return len(self.placements)

    @property
    def hash(self) -> str:
        """The same for the same placements, whatever their order or the process."""
        rows = sorted(f"{key!r}|{p.machine!r}|{p.start}|{p.end}|{p.setup_start}" for key, p in self.placements.items())
        return hashlib.sha256("\n".join(rows).encode()).hexdigest()
