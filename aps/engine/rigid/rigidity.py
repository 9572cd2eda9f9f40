"""Whether a problem is rigid: machines always open, no setups, nothing decided, only the makespan counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import MISSING, fields
from typing import Any

from aps.engine.problem import Machine, Operation, Option, Order, Problem, State, Weights

KNOWN = {
    Machine: ("id", "windows", "family"),
    Operation: ("id", "order", "options", "predecessors", "release_min", "family", "splittable"),
    Option: ("machine", "run_min"),
    Order: ("id", "due_min", "weight", "transport_min"),
    Problem: ("machines", "operations", "orders", "now_min", "weights", "setups"),
}
"""Fields that a rigid shop may use as it likes; every other has to have its default."""


def is_rigid(problem: Problem) -> bool:
    """Whether `rigid.solve` may be asked.

    A feature that the problem has learned since then, and that is in use, makes it not rigid.
    """
    return (
        bool(problem.operations)
        and only_makespan(problem.weights)
        and not any(problem.setups.values())
        and all(map(_plain, [problem, *problem.machines, *problem.orders]))
        and all(one.state is State.FREE and _plain(one) for one in problem.operations)
        and all(_plain(option) and option.setup_min == 0 for one in problem.operations for option in one.options)
        and is_open(problem)
    )


def only_makespan(weights: Weights) -> bool:
    """Whether nothing but the makespan costs points."""
    return weights.makespan > 0 and not (weights.lateness or weights.completion)


def is_open(problem: Problem) -> bool:
    """Whether each machine has one window, open now and long enough to do everything one after the other."""
    last = max([problem.now_min, *(one.release_min for one in problem.operations)])
    for one in problem.operations:
        last += max(option.run_min for option in one.options) + max((lag for _, lag in one.predecessors), default=0)
    return all(
        len(machine.windows) == 1 and machine.windows[0][0] <= problem.now_min and machine.windows[0][1] >= last
        for machine in problem.machines
    )


def _optional(kind: type[Any]) -> list[tuple[str, Any]]:
    found = []
    for one in fields(kind):
        if one.name not in KNOWN[kind]:
            made = one.default_factory() if one.default_factory is not MISSING else one.default
            found.append((one.name, made))
    return [(name, default) for name, default in found if default is not MISSING]


OPTIONAL = {kind: _optional(kind) for kind in KNOWN}


def _plain(one: object) -> bool:
    return all(_same(getattr(one, name), default) for name, default in OPTIONAL[type(one)])


def _same(value: object, default: object) -> bool:
    if isinstance(value, Iterable) and isinstance(default, Iterable) and not isinstance(value, str):
        return list(value) == list(default)
    return value == default
