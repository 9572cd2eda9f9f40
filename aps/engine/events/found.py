"""What an event speaks of, looked up in the problem and put back changed."""

from __future__ import annotations

from dataclasses import replace

from aps.engine.problem import Id, Machine, Operation, Order, Placement, Plan, Problem, ProblemError, Resource, State


def machine_of(problem: Problem, key: Id) -> Machine:
    """The machine. Raises ProblemError."""
    found = next((one for one in problem.machines if one.id == key), None)
    if found is None:
        raise ProblemError(f"machine {key}: expected a known machine")
    return found


def resource_of(problem: Problem, key: Id) -> Resource:
    """The person or tool. Raises ProblemError."""
    found = next((one for one in problem.resources if one.id == key), None)
    if found is None:
        raise ProblemError(f"resource {key}: expected a known person or tool")
    return found


def operation_of(problem: Problem, key: Id) -> Operation:
    """The operation. Raises ProblemError."""
    found = next((one for one in problem.operations if one.id == key), None)
    if found is None:
        raise ProblemError(f"operation {key}: expected a known operation")
    return found


def waiting_of(problem: Problem, key: Id) -> Operation:
    """The operation, which has not begun. Raises ProblemError."""
    found = operation_of(problem, key)
    if found.state in (State.STARTED, State.DONE):
        raise ProblemError(f"operation {key}: expected not to have begun, it is {found.state}")
    return found


def order_of(problem: Problem, key: Id) -> Order:
    """The order. Raises ProblemError."""
    found = next((one for one in problem.orders if one.id == key), None)
    if found is None:
        raise ProblemError(f"order {key}: expected a known order")
    return found


def place_of(plan: Plan, key: Id) -> Placement:
    """Where the operation is planned. Raises ProblemError."""
    found = plan.get(key)
    if found is None:
        raise ProblemError(f"operation {key}: expected to be in the plan")
    return found


def with_machine(problem: Problem, machine: Machine) -> Problem:
    """The problem with this machine instead of that of its id."""
    return replace(problem, machines=tuple(machine if one.id == machine.id else one for one in problem.machines))


def with_resource(problem: Problem, resource: Resource) -> Problem:
    """The problem with this person or tool instead of that of its id."""
    return replace(problem, resources=tuple(resource if one.id == resource.id else one for one in problem.resources))


def with_operation(problem: Problem, operation: Operation) -> Problem:
    """The problem with this operation instead of that of its id."""
    rows = tuple(operation if one.id == operation.id else one for one in problem.operations)
    return replace(problem, operations=rows)
