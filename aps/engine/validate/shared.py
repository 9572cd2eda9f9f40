"""What operations share: people and tools, and the batches of an oven."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from aps.engine.checks import Id
from aps.engine.problem import Machine, Operation, Placement, Problem, Resource, State
from aps.engine.validate.violation import Violation

Placed = tuple[Operation, Placement]


def helpers_of(operation: Operation, placement: Placement) -> tuple[list[Id], list[Id]]:
    """Who is busy with the run and who with the setup, as the placement names them."""
    named = list(placement.resources)
    return named[: len(operation.needs)], named[len(operation.needs) :]


def people(
    known: Mapping[Id, Resource], operation: Operation, placement: Placement, setter: str
) -> Iterator[Violation]:
    """Each need has somebody with the skill, nobody stands for two, and a setup that asks for a setter has one."""
    wanted = [*operation.needs, *([setter] if setter and placement.setup_min else [])]
    named = list(placement.resources)
    who = (operation.id,)
    if len(named) != len(wanted):
        sentence = f"Operation {operation.id} needs {', '.join(wanted) or 'nobody'}, its place names {len(named)}."
        yield Violation("resource", who, sentence)
        return
    for skill, key in zip(wanted, named, strict=True):
        if key not in known or skill not in known[key].skills:
            yield Violation("resource", who, f"Operation {operation.id} needs {skill}, which {key} is not able to do.")
    if len(set(named[: len(operation.needs)])) < len(operation.needs):
        yield Violation("resource", who, f"Operation {operation.id} counts on somebody twice.")


def spans(problem: Problem, placed: Sequence[Placed]) -> dict[Id, list[tuple[int, int, Placed]]]:
    """When each resource is busy, in order; a batch holds its people once."""
    found: dict[Id, dict[tuple[int, int, Id], Placed]] = {one.id: {} for one in problem.resources}
    for operation, placement in placed:
        run, setup = helpers_of(operation, placement)
        begin = placement.start if placement.setup_start is None else placement.setup_start
        times = [(key, placement.start, placement.end) for key in run] + [
            (key, begin, placement.start) for key in setup
        ]
        for key, start, end in times:
            if key in found and start < end:
                found[key][start, end, placement.machine] = (operation, placement)
    return {key: sorted(((s, e, one) for (s, e, _), one in spans.items()), key=_when) for key, spans in found.items()}


def _when(span: tuple[int, int, Placed]) -> tuple[int, int]:
    return span[0], span[1]


def busy(problem: Problem, placed: Sequence[Placed]) -> Iterator[Violation]:
    """Nobody is in two places at once."""
    for key, row in spans(problem, placed).items():
        last: tuple[int, int, Placed] | None = None
        for span in row:
            if last is not None and span[0] < last[1]:
                both = (last[2][0].id, span[2][0].id)
                if not all(one[2][0].state is State.STARTED for one in (last, span)):
                    yield Violation(
                        "busy", both, f"{key} is busy with {both[0]} until {last[1]} when {both[1]} begins."
                    )
            if last is None or span[1] > last[1]:
                last = span


def batches(machine: Machine, lane: Sequence[Placed]) -> Iterator[Violation]:
    """What is in an oven at the same time is one batch: same start, end and family, and it fits."""
    free = [one for one in lane if one[0].state is not State.STARTED]
    groups = [list(group) for _, group in groupby(free, key=lambda one: (one[1].start, one[1].end))]
    for group in groups:
        ids = tuple(operation.id for operation, _ in group)
        if sum(operation.size for operation, _ in group) > machine.capacity:
            yield Violation("capacity", ids, f"{machine.id} holds {machine.capacity}, at {group[0][1].start} more.")
        families = {operation.family for operation, _ in group}
        if len(group) > 1 and (len(families) > 1 or "" in families):
            yield Violation("batch", ids, f"{machine.id} mixes families at {group[0][1].start}.")
        if sum(placement.setup_min > 0 for _, placement in group) > 1:
            yield Violation("setup", ids, f"{machine.id} is set up twice for the batch at {group[0][1].start}.")


def leaders(lane: Sequence[Placed]) -> list[Placed]:
    """One operation per batch, the one with the setup if any: what the machine does one after the other.

    Without a setup it is the one that asks for the least, because any of the batch may lead it.
    """
    found: list[Placed] = []
    for _, group in groupby(lane, key=lambda one: (one[1].start, one[1].end, one[0].state is State.STARTED)):
        members = list(group)
        if members[0][0].state is State.STARTED:
            found += members
        else:
            found.append(max(members, key=lambda one: (one[1].setup_min, -_asked(one))))
    return found


def _asked(one: Placed) -> int:
    """The setup minutes of the operation's option on its machine."""
    operation, placement = one
    return next((option.setup_min for option in operation.options if option.machine == placement.machine), 0)
