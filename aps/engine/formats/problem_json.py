"""A whole problem as JSON: one table per kind of object, so that a new field of the model is one line here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from operator import itemgetter
from typing import Any

from aps.engine.formats.errors import FormatError
from aps.engine.formats.instance import Instance
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
from aps.engine.problem import Fixed, Id, Machine, Operation, Option, Order, Problem, ProblemError, State, Weights

FORMAT, VERSION = "throughline problem", 1
HEAVIEST = 10**9
"""The largest weight; larger ones could overflow the points of a plan."""

MACHINE = Table(
    Machine,
    Field("id", IDENT),
    Field("windows", WINDOWS),
    Field("holes", WINDOWS, ()),
    Field("family", TEXT, ""),
)
OPTION = Table(
    lambda machine, run_min, setup_min=0: Option(machine, setup_min, run_min),
    Field("machine", IDENT),
    Field("run_min", MINUTES),
    Field("setup_min", MINUTES, 0),
)
PREDECESSOR = Table(
    lambda operation, lag_min=0: (operation, lag_min),
    Field("operation", IDENT, get=itemgetter(0)),
    Field("lag_min", MINUTES, 0, get=itemgetter(1)),
)
FIXED = Table(
    Fixed,
    Field("machine", IDENT),
    Field("start", TIME),
    Field("end", optional(TIME), None),
    Field("remaining_min", optional(MINUTES), None),
)
OPERATION = Table(
    Operation,
    Field("id", IDENT),
    Field("order", IDENT),
    Field("options", many(OPTION.kind)),
    Field("predecessors", many(PREDECESSOR.kind), ()),
    Field("release_min", TIME, 0),
    Field("family", TEXT, ""),
    Field("splittable", CLAIM, True),
    Field("state", one_of(State, [state.value for state in State]), State.FREE),
    Field("fixed", optional(FIXED.kind), None),
)
ORDER = Table(
    Order,
    Field("id", IDENT),
    Field("due_min", optional(TIME), None),
    Field("weight", whole(0, HEAVIEST), 1),
    Field("transport_min", MINUTES, 0),
)
WEIGHTS = Table(
    Weights,
    *(Field(name, whole(0, HEAVIEST), getattr(Weights(), name)) for name in Weights.__slots__),
)
SETUP = Table(
    lambda old, new, minutes: ((old, new), minutes),
    Field("from", TEXT, into="old", get=lambda one: one[0][0]),
    Field("to", TEXT, into="new", get=lambda one: one[0][1]),
    Field("minutes", MINUTES, get=itemgetter(1)),
)


def _read_setups(value: Any) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for at, (change, minutes) in enumerate(many(SETUP.kind).read(value)):
        if change in found:
            raise Wrong(f"expected a change from {change[0]!r} to {change[1]!r} once", f"[{at}]")
        found[change] = minutes
    return found


def _written_setups(setups: Mapping[tuple[str, str], int]) -> list[Any]:
    return [SETUP.write(one) for one in setups.items()]


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
    Field("setups", Kind(_read_setups, _written_setups), {}),
    Field("weights", WEIGHTS.kind, Weights()),
)


def read(text: str, name: str) -> Instance:
    """The problem, its sequences as tuples. Raises FormatError."""
    value = parsed(text, name)
    try:
        return Instance(PROBLEM.read(value), "json", f"version {VERSION}")
    except Wrong as wrong:
        path = wrong.path or place_of(wrong.expected, value)
        raise FormatError(name, f"${path}", wrong.expected) from None
    except ProblemError as wrong:
        raise FormatError(name, f"${place_of(str(wrong), value)}", str(wrong)) from None


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
    return Problem(
        machines=tuple(_retupled(one, ("windows", "holes")) for one in problem.machines),
        operations=tuple(_retupled(one, ("options", "predecessors")) for one in problem.operations),
        orders=tuple(problem.orders),
        now_min=problem.now_min,
        weights=problem.weights,
        setups=dict(problem.setups),
    )


def _retupled(thing: Any, names: tuple[str, ...]) -> Any:
    parts: dict[str, Any] = {name: getattr(thing, name) for name in thing.__slots__}
    for name in names:
        parts[name] = tuple(tuple(one) if isinstance(one, list) else one for one in parts[name])
    return type(thing)(**parts)


def ids_of(problem: Problem) -> dict[str, Id]:
    """Operation ids by how they are written, for what names them from outside."""
    return {str(one.id): one.id for one in problem.operations}
