"""A problem as it was read, and how the numbers of a public instance become ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aps.engine.problem import Id, Machine, Operation, Option, Order, Problem, Weights

ALWAYS = (0, 1 << 39)
"""The one window of a machine that never rests; ends well before the engine's NEVER."""
MAKESPAN = Weights(lateness=0, completion=0, setup=0, moved=0, machine=0, makespan=1)
TARDINESS = Weights(lateness=1, completion=0, setup=0, moved=0, machine=0, makespan=0)

Choice = Sequence[tuple[int, int]]
"""Machines, counted from 1, and the minutes there."""


@dataclass(frozen=True)
class Instance:
    """A problem, its format (fjs, jsp, json) and the dialect of it that was seen."""

    problem: Problem
    format: str
    dialect: str

    @property
    def is_public(self) -> bool:
        """Whether jobs, operations and machines have numbers instead of ids."""
        return self.format != "json"


def operation_id(job: int, number: int) -> Id:
    """The id of a public instance's operation; both count from 1."""
    return f"{job}.{number}"


def chains(jobs: Sequence[Sequence[Choice]], machines: int) -> Problem:
    """Jobs whose operations follow one another, on machines that never rest, to be done as soon as possible."""
    operations = []
    for job, steps in enumerate(jobs, 1):
        for number, choice in enumerate(steps, 1):
            before = [number - 1] if number > 1 else []
            operations.append(operation(job, number, choice, before))
    return whole(operations, len(jobs), machines)


def operation(job: int, number: int, choice: Choice, before: Sequence[int]) -> Operation:
    """One operation; `before` are numbers of the same job. A machine named twice counts with its shorter time."""
    minutes: dict[int, int] = {}
    for machine, run in choice:
        minutes[machine] = min(run, minutes.get(machine, run))
    options = tuple(Option(machine, 0, run) for machine, run in minutes.items())
    return Operation(operation_id(job, number), job, options, tuple((operation_id(job, one), 0) for one in before))


def whole(operations: Sequence[Operation], jobs: int, machines: int) -> Problem:
    """The problem of a public instance. Raises ProblemError on a circle."""
    return Problem(
        tuple(Machine(number, (ALWAYS,)) for number in range(1, machines + 1)),
        tuple(operations),
        tuple(Order(job) for job in range(1, jobs + 1)),
        weights=MAKESPAN,
    )
