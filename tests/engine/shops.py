"""Small factories for the engine's tests, written in the shop's words."""

from __future__ import annotations

import random
from collections.abc import Sequence

from aps.engine.problem import Fixed, Machine, Operation, Option, Order, Plan, Problem, State
from aps.engine.validate import violations

DAY = ((0, 240), (270, 480))
"""A shift of 450 minutes with half an hour of break after the fourth hour."""


def day_shift(days: int = 10) -> list[tuple[int, int]]:
    """The shift of DAY on so many days."""
    return [(day * 1440 + start, day * 1440 + end) for day in range(days) for start, end in DAY]


def always(days: int = 30) -> list[tuple[int, int]]:
    """Open day and night."""
    return [(0, days * 1440)]


def chain(
    order: str,
    steps: Sequence[tuple[str, int]],
    *,
    release: int = 0,
    setup: int = 0,
    family: str = "",
    splittable: bool = True,
    behind: Sequence[str] = (),
) -> list[Operation]:
    """Operations order.1, order.2, ... one behind the other, each on one machine with its minutes."""
    found: list[Operation] = []
    for number, (machine, minutes) in enumerate(steps, 1):
        before = [(found[-1].id, 0)] if found else [(one, 0) for one in behind]
        options = [Option(machine, setup, minutes)]
        found.append(
            Operation(f"{order}.{number}", order, options, before, release if number == 1 else 0, family, splittable)
        )
    return found


def started(operation: Operation, machine: str, start: int, remaining: int) -> Operation:
    """The operation, begun."""
    fixed = Fixed(machine, start, remaining_min=remaining)
    return _with(operation, State.STARTED, fixed)


def pinned(operation: Operation, machine: str, start: int) -> Operation:
    """The operation, pinned by the planner."""
    return _with(operation, State.PINNED, Fixed(machine, start))


def _with(one: Operation, state: State, fixed: Fixed) -> Operation:
    return Operation(
        one.id, one.order, one.options, one.predecessors, one.release_min, one.family, one.splittable, state, fixed
    )


def times(plan: Plan) -> dict[str, tuple[str, int, int]]:
    """Machine, start and end by operation."""
    return {str(key): (str(place.machine), place.start, place.end) for key, place in plan.items()}


def kinds(problem: Problem, plan: Plan) -> set[str]:
    """The kinds of rules that the plan breaks."""
    return {violation.kind for violation in violations(problem, plan)}


def random_factory(seed: int, *, orders: int = 8, machines: int = 5, prefix: str = "O", fixed: bool = True) -> Problem:
    """A factory with shifts, breaks, holes, families, two levels, lags, releases, started and pinned work."""
    dice = random.Random(seed)
    names = [f"M{number}" for number in range(machines)]
    rows = [_machine(dice, name) for name in names]
    operations: list[Operation] = []
    wanted: list[Order] = []
    for number in range(orders):
        order = f"{prefix}{number}"
        part = f"{order}-part"
        below: list[Operation] = []
        if dice.random() < 0.5:
            below = _work(dice, part, names, ())
            wanted.append(Order(part))
        due = dice.choice([None, dice.randint(300, 6000)])
        wanted.append(Order(order, due, dice.randint(1, 5), dice.choice([0, 60])))
        operations += below + _work(dice, order, names, [str(below[-1].id)] if below else ())
    now = dice.choice([0, 0, 100, 250])
    if fixed and dice.random() < 0.7:
        operations[0] = started(operations[0], str(operations[0].options[0].machine), now - 20, dice.randint(0, 90))
        late = max(range(1, len(operations)), key=lambda at: operations[at].release_min)
        machine = str(operations[late].options[0].machine)
        operations[late] = pinned(operations[late], machine, 1440 * dice.randint(1, 5) + dice.randint(0, 400))
    return Problem(rows, operations, wanted, now)


def _machine(dice: random.Random, name: str) -> Machine:
    windows = day_shift(90) if dice.random() < 0.7 else always(60)
    holes = []
    if dice.random() < 0.4:
        start = dice.randint(0, 3000)
        holes.append((start, start + dice.randint(1, 900)))
    return Machine(name, windows, holes, dice.choice(["", "red"]))


def _work(dice: random.Random, order: str, names: list[str], behind: Sequence[str]) -> list[Operation]:
    found: list[Operation] = []
    for number in range(1, dice.randint(2, 4)):
        before = [(str(found[-1].id), dice.choice([0, 0, 45]))] if found else [(one, 0) for one in behind]
        options = [
            Option(name, dice.choice([0, 10, 25]), dice.randint(5, 200))
            for name in dice.sample(names, dice.randint(1, min(3, len(names))))
        ]
        family = dice.choice(["", "red", "blue", "oak"])
        release = dice.choice([0, 0, dice.randint(0, 2000)])
        found.append(Operation(f"{order}.{number}", order, options, before, release, family, dice.random() < 0.7))
    return found
