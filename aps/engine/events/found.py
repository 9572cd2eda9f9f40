"""What an event speaks of, looked up in the problem and put back changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from aps.engine.problem import Id, Machine, Operation, Order, Placement, Plan, Problem, ProblemError, Resource, State

Thing = TypeVar("Thing", Machine, Resource, Operation, Order)


def _known(rows: Sequence[Thing], key: Id, kind: str, what: str = "") -> Thing:
    found = next((one for one in rows if one.id == key), None)
    if found is None:
        raise ProblemError(f"{kind} {key}: expected a known {what or kind}")
    return found


def machine_of(problem: Problem, key: Id) -> Machine:
    """The machine. Raises ProblemError."""
    return _known(problem.machines, key, "machine")


def resource_of(problem: Problem, key: Id) -> Resource:
    """The person or tool. Raises ProblemError."""
    return _known(problem.resources, key, "resource", "person or tool")


def operation_of(problem: Problem, key: Id) -> Operation:
    """The operation. Raises ProblemError."""
    return _known(problem.operations, key, "operation")


def order_of(problem: Problem, key: Id) -> Order:
    """The order. Raises ProblemError."""
    return _known(problem.orders, key, "order")


def waiting_of(problem: Problem, key: Id) -> Operation:
    """The operation, which has not begun. Raises ProblemError."""
    found = operation_of(problem, key)
    if found.state in (State.STARTED, State.DONE):
        raise ProblemError(f"operation {key}: expected not to have begun, it is {found.state}")
    return found


def place_of(plan: Plan, key: Id) -> Placement:
    """Where the operation is planned. Raises ProblemError."""
    found = plan.get(key)
    if found is None:
        raise ProblemError(f"operation {key}: expected to be in the plan")
    return found


def with_machine(problem: Problem, machine: Machine) -> Problem:
    """The problem with this machine instead of that of its id."""
    return replace(problem, machines=_put(problem.machines, machine))


def with_resource(problem: Problem, resource: Resource) -> Problem:
    """The problem with this person or tool instead of that of its id."""
    return replace(problem, resources=_put(problem.resources, resource))


def with_operation(problem: Problem, operation: Operation) -> Problem:
    """The problem with this operation instead of that of its id."""
    return replace(problem, operations=_put(problem.operations, operation))


def _put(rows: Sequence[Thing], thing: Thing) -> tuple[Thing, ...]:
    return tuple(thing if one.id == thing.id else one for one in rows)
