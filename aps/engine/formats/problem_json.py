"""A whole problem as JSON: one table per kind of object, so that a new field of the model is one line here."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from operator import itemgetter
from typing import Any, NamedTuple

from aps.engine.formats.errors import FormatError
from aps.engine.formats.instance import Instance
from aps.engine.formats.lines import located
from aps.engine.formats.schema import (
    CLAIM,
    IDENT,
    MINUTES,
    TEXT,
    TIME,
    WINDOWS,
    Field,
    Kind,
    Table,
    Wrong,
    many,
    one_of,
    optional,
    parsed,
    whole,
)
from aps.engine.problem import (
    Fixed,
    Id,
    Machine,
    Operation,
    Option,
    Order,
    Overlap,
    Problem,
    ProblemError,
    Resource,
    State,
    Weights,
)

FORMAT, VERSION = "throughline problem", 1
HEAVIEST = 10**9
"""The largest weight; larger ones could overflow the points of a plan."""

MACHINE = Table(
    Machine,
    Field("id", IDENT),
    Field("windows", WINDOWS),
    Field("holes", WINDOWS, ()),
    Field("family", TEXT, ""),
    Field("capacity", MINUTES, 1),
    Field("setter", TEXT, ""),
    Field("site", TEXT, ""),
)
RESOURCE = Table(
    Resource,
    Field("id", IDENT),
    Field("windows", WINDOWS),
    Field("skills", many(TEXT)),
    Field("holes", WINDOWS, ()),
)
OPTION = Table(
    lambda machine, run_min, setup_min=0: Option(machine, setup_min, run_min),
    Field("machine", IDENT),
    Field("run_min", MINUTES),
    Field("setup_min", MINUTES, 0),
)
OVERLAP = Table(Overlap, Field("first_min", MINUTES), Field("last_min", MINUTES, 0))


class Tie(NamedTuple):
    """All that ties an operation to one of its predecessors."""

    operation: Id
    lag_min: int = 0
    latest_min: int | None = None
    overlap: Overlap | None = None


PREDECESSOR = Table(
    Tie,
    Field("operation", IDENT),
    Field("lag_min", MINUTES, 0),
    Field("latest_min", optional(MINUTES), None),
    Field("overlap", optional(OVERLAP.kind), None),
)
FIXED = Table(
    Fixed,
    Field("machine", IDENT),
    Field("start", TIME),
    Field("end", optional(TIME), None),
    Field("remaining_min", optional(MINUTES), None),
    Field("resources", many(IDENT), ()),
)


def _operation(predecessors: Sequence[Tie] = (), **parts: Any) -> Operation:
    return Operation(
        predecessors=tuple((tie.operation, tie.lag_min) for tie in predecessors),
        latest={tie.operation: tie.latest_min for tie in predecessors if tie.latest_min is not None},
        overlaps={tie.operation: tie.overlap for tie in predecessors if tie.overlap is not None},
        **parts,
    )


def _ties(one: Operation) -> tuple[Tie, ...]:
    return tuple(Tie(key, lag, one.latest.get(key), one.overlaps.get(key)) for key, lag in one.predecessors)


OPERATION = Table(
    _operation,
    Field("id", IDENT),
    Field("order", IDENT),
    Field("options", many(OPTION.kind)),
    Field("predecessors", many(PREDECESSOR.kind), (), get=_ties),
    Field("release_min", TIME, 0),
    Field("family", TEXT, ""),
    Field("splittable", CLAIM, True),
    Field("state", one_of(State, [state.value for state in State]), State.FREE),
    Field("fixed", optional(FIXED.kind), None),
    Field("needs", many(TEXT), ()),
    Field("size", MINUTES, 1),
)
ORDER = Table(
    Order,
    Field("id", IDENT),
    Field("due_min", optional(TIME), None),
    Field("weight", whole(0, HEAVIEST), 1),
    Field("transport_min", MINUTES, 0),
    Field("shipping", WINDOWS, ()),
)
WEIGHTS = Table(
    Weights,
    *(Field(name, whole(0, HEAVIEST), getattr(Weights(), name)) for name in Weights.__slots__),
)
CHANGE = Table(
    lambda old, new, minutes: ((old, new), minutes),
    Field("from", TEXT, into="old", get=lambda one: one[0][0]),
    Field("to", TEXT, into="new", get=lambda one: one[0][1]),
    Field("minutes", MINUTES, get=itemgetter(1)),
)


def _read_changes(value: Any) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for at, (change, minutes) in enumerate(many(CHANGE.kind).read(value)):
        if change in found:
            raise Wrong(f"expected minutes from {change[0]!r} to {change[1]!r} once", f"[{at}]")
        found[change] = minutes
    return found


CHANGES = Kind(_read_changes, lambda changes: [CHANGE.write(one) for one in changes.items()])


def stamp(format_: str, version: int) -> tuple[Field, Field]:
    """The two keys by which a file says what it is."""
    return (
        Field("format", one_of(str, [format_]), get=lambda _: format_),
        Field("version", whole(version, version), get=lambda _: version),
    )


def _problem(format: str, version: int, **parts: Any) -> Problem:  # noqa: A002 - the key in the file
    return Problem(**parts)


PROBLEM = Table(
    _problem,
    *stamp(FORMAT, VERSION),
    Field("now_min", TIME, 0),
    Field("machines", many(MACHINE.kind)),
    Field("orders", many(ORDER.kind)),
    Field("operations", many(OPERATION.kind)),
    Field("setups", CHANGES, {}),
    Field("resources", many(RESOURCE.kind), ()),
    Field("transports", CHANGES, {}),
    Field("weights", WEIGHTS.kind, Weights()),
    Field("frozen_min", MINUTES, 0),
)


def read(text: str, name: str) -> Instance:
    """The problem, its sequences as tuples. Raises FormatError."""
    value = parsed(text, name)
    try:
        return Instance(PROBLEM.read(value), "json", f"version {VERSION}")
    except Wrong as wrong:
        path = wrong.path or place_of(wrong.expected, value)
        raise FormatError(name, located(text, path), wrong.expected) from None
    except ProblemError as wrong:
        raise FormatError(name, located(text, place_of(str(wrong), value)), str(wrong)) from None


def place_of(sentence: str, value: Any) -> str:
    """Where the object lies of which a ProblemError says "operation A.1: expected ..."; the last of that id."""
    kind, _, who = sentence.partition(": expected ")[0].partition(" ")
    rows = value.get(f"{kind}s") if isinstance(value, dict) else None
    for at in reversed(range(len(rows) if isinstance(rows, list) else 0)):
        row = rows[at] if rows else None
        if isinstance(row, dict) and str(row.get("id")) == who:
            return f".{kind}s[{at}]"
    return ""


def written(problem: Problem) -> str:
    """The problem as JSON, an object per line, so that two versions of a file can be compared."""
    parts = PROBLEM.write(problem)
    lines = [f"{json.dumps(key)}: {_block(value)}" for key, value in parts.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _block(value: Any) -> str:
    if not isinstance(value, list) or not value:
        return json.dumps(value, ensure_ascii=False)
    return "[\n" + ",\n".join(json.dumps(one, ensure_ascii=False) for one in value) + "\n]"


def as_tuples(problem: Problem) -> Problem:
    """An equal problem with tuples for all sequences, as the reader makes it."""
    return replace(
        problem,
        machines=tuple(_retupled(one) for one in problem.machines),
        resources=tuple(_retupled(one) for one in problem.resources),
        operations=tuple(_retupled(one) for one in problem.operations),
        orders=tuple(_retupled(one) for one in problem.orders),
    )


def _retupled(thing: Any) -> Any:
    parts = {name: getattr(thing, name) for name in thing.__slots__}
    lists = {
        name: tuple(tuple(one) if isinstance(one, list) else one for one in value)
        for name, value in parts.items()
        if isinstance(value, list | tuple)
    }
    return replace(thing, **lists)


def ids_of(problem: Problem) -> dict[str, Id]:
    """Operation ids by how they are written, for what names them from outside."""
    return {str(one.id): one.id for one in problem.operations}
