"""Ties between an operation and those before it: the latest start, transfer batches, the way from site to site."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from aps.engine.problem import Id, Machine, Operation, Placement, Problem
from aps.engine.validate.openings import Openings
from aps.engine.validate.violation import Violation


class Judge(Protocol):
    """What the checks ask of the judge."""

    problem: Problem
    plan: dict[Id, Placement]
    known: dict[Id, Operation]
    machines: dict[Id, Machine]

    def run_openings(self, operation: Operation, placement: Placement) -> Openings: ...


def of(judge: Judge, operation: Operation, placement: Placement) -> Iterator[Violation]:
    """Every broken tie of the operation."""
    for key, lag in operation.predecessors:
        before = judge.plan.get(key)
        if before is None:
            continue
        both = (key, operation.id)
        most = operation.latest.get(key)
        if most is not None and placement.start > before.end + most:
            sentence = (
                f"Operation {operation.id} starts {placement.start - before.end} min behind {key}, at most {most}."
            )
            yield Violation("latest", both, sentence)
        way = _way(judge, before.machine, placement.machine)
        if key in operation.overlaps:
            yield from _transfer(judge, operation, placement, key, lag + way)
        elif placement.start < before.end + lag + way and way:
            sentence = (
                f"Operation {operation.id} starts at {placement.start}, work of {key} comes {way} min after its end"
            )
            yield Violation("precedence", both, f"{sentence} at {before.end}.")


def _way(judge: Judge, old: Id, new: Id) -> int:
    if old not in judge.machines or new not in judge.machines:
        return 0
    return judge.problem.transports.get((judge.machines[old].site, judge.machines[new].site), 0)


def _transfer(judge: Judge, operation: Operation, placement: Placement, key: Id, delay: int) -> Iterator[Violation]:
    overlap, before = operation.overlaps[key], judge.plan[key]
    both = (key, operation.id)
    if before.machine in judge.machines:
        done = judge.run_openings(judge.known[key], before).worked(before.start, placement.start - delay)
        early = placement.start - delay < before.start or done < overlap.first_min
        if early and placement.start < before.end + delay:
            sentence = f"Operation {operation.id} starts at {placement.start}, the first batch of {key} is not there."
            yield Violation("transfer", both, sentence)
    left = judge.run_openings(operation, placement).worked(before.end + delay, placement.end)
    if placement.end < before.end + delay or left < overlap.last_min:
        sentence = f"Operation {operation.id} ends at {placement.end}, too soon for the last batch of {key}."
        yield Violation("transfer", both, sentence)
