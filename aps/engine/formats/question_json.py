"""What a plan is asked, as JSON: an order to offer a date for, and an event to react to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from aps.engine import events
from aps.engine.events import Event
from aps.engine.formats.errors import FormatError
from aps.engine.formats.lines import located
from aps.engine.formats.problem_json import HEAVIEST, OPERATION, ORDER, place_of, stamp
from aps.engine.formats.schema import (
    IDENT,
    MINUTES,
    TEXT,
    TIME,
    Field,
    Table,
    made,
    many,
    one_of,
    optional,
    parsed,
    read,
    whole,
)
from aps.engine.levers import Lever
from aps.engine.problem import Id, Operation, Order, ProblemError, Window


@dataclass(frozen=True)
class Question:
    """An order that is not in the plan yet, its operations, and the component orders that they may belong to.

    `levers` are what could be done to have it earlier.
    """

    order: Order
    operations: Sequence[Operation]
    parts: Sequence[Order] = ()
    levers: Sequence[Lever] = ()


def _optional_stamp(format_: str) -> list[Field]:
    return [replace(one, default=None) for one in stamp(format_, 1)]


HOURS = Table(
    lambda machine, from_min, until_min: (machine, (from_min, until_min)),
    Field("machine", IDENT),
    Field("from_min", TIME),
    Field("until_min", TIME),
)
RELEASE = Table(
    lambda operation, release_min: (operation, release_min), Field("operation", IDENT), Field("release_min", TIME)
)


def _lever(
    name: str, hours: Sequence[tuple[Id, Window]] = (), releases: Sequence[tuple[Id, int]] = (), **other: Any
) -> Lever:
    """Windows of one machine come together."""
    machines: dict[Id, list[Window]] = {}
    for machine, (start, end) in hours:
        if start >= end:
            raise ProblemError(f"lever {name}: expected hours of {machine} that end after they begin")
        machines.setdefault(machine, []).append((start, end))
    return Lever(name, machines, dict(releases), **other)


LEVER = Table(
    _lever,
    Field("name", TEXT),
    Field("hours", many(HOURS.kind), ()),
    Field("releases", many(RELEASE.kind), ()),
    Field("operations", optional(many(OPERATION.kind)), None),
    Field("parts", optional(many(ORDER.kind)), None),
    Field("order", optional(ORDER.kind), None),
)
QUESTION = Table(
    lambda order, operations, parts=(), levers=(), **_: Question(order, operations, parts, levers),
    *_optional_stamp("throughline order"),
    Field("order", ORDER.kind),
    Field("operations", many(OPERATION.kind)),
    Field("parts", many(ORDER.kind), ()),
    Field("levers", many(LEVER.kind), ()),
)


def _event(make: Callable[..., Event], kind: str, *fields: Field) -> Table:
    return Table(
        lambda event, format=None, version=None, **parts: make(**parts),  # noqa: A006 - the key in the file
        *_optional_stamp("throughline event"),
        Field("event", one_of(str, [kind])),
        Field("now_min", optional(TIME), None),
        *fields,
    )


def _missing(who: str) -> tuple[Field, ...]:
    return (
        Field(who, IDENT),
        Field("from_min", TIME),
        Field("until_min", optional(TIME), None),
        Field("assumed_min", whole(1), events.ASSUMED_MIN),
    )


QUANTITY = Table(events.Quantity, Field("from", whole(1), into="old"), Field("to", whole(1), into="new"))

_TABLES: dict[str, tuple[Callable[..., Event], tuple[Field, ...]]] = {
    "machine down": (events.MachineDown, _missing("machine")),
    "machine up": (events.MachineUp, (Field("machine", IDENT), Field("at_min", TIME))),
    "operator absent": (events.OperatorAbsent, _missing("resource")),
    "operator back": (events.OperatorBack, (Field("resource", IDENT), Field("at_min", TIME))),
    "material late": (events.MaterialLate, (Field("operation", IDENT), Field("until_min", TIME))),
    "material early": (events.MaterialEarly, (Field("operation", IDENT), Field("at_min", TIME))),
    "operation started": (
        events.OperationStarted,
        (
            Field("operation", IDENT),
            Field("start_min", TIME),
            Field("machine", optional(IDENT), None),
            Field("resources", optional(many(IDENT)), None),
            Field("remaining_min", optional(MINUTES), None),
        ),
    ),
    "operation finished": (
        events.OperationFinished,
        (
            Field("operation", IDENT),
            Field("end_min", TIME),
            Field("again_min", MINUTES, 0),
            Field("more", many(OPERATION.kind), ()),
        ),
    ),
    "order added": (
        events.OrderAdded,
        (
            Field("order", ORDER.kind),
            Field("operations", many(OPERATION.kind)),
            Field("parts", many(ORDER.kind), ()),
        ),
    ),
    "order changed": (
        events.OrderChanged,
        (
            Field("order", IDENT),
            Field("due_min", optional(TIME), events.UNCHANGED),
            Field("weight", whole(0, HEAVIEST), None),
            Field("quantity", QUANTITY.kind, None),
            Field("parts", many(IDENT), ()),
        ),
    ),
    "order cancelled": (
        events.OrderCancelled,
        (
            Field("order", IDENT),
            Field("begun", one_of(events.Begun, [one.value for one in events.Begun]), events.Begun.FINISH),
            Field("parts", many(IDENT), ()),
        ),
    ),
}
EVENTS = {kind: _event(make, kind, *fields) for kind, (make, fields) in _TABLES.items()}
"""How each event is written, by its kind."""


def read_question(text: str, name: str) -> Question:
    """The order to offer. Raises FormatError."""
    found: Question = read(QUESTION, text, name)
    return found


def read_event(text: str, name: str) -> Event:
    """The event. Raises FormatError."""
    value: Any = parsed(text, name)
    kind = value.get("event") if isinstance(value, dict) else None
    if not isinstance(kind, str) or kind not in EVENTS:
        raise FormatError(name, located(text, ".event"), f"expected one of {', '.join(EVENTS)}")
    found: Event = made(EVENTS[kind], value, text, name)
    return found


def refused(text: str, name: str, sentence: str) -> FormatError:
    """The error of an event that the problem refuses, at the key or in the list that names what it is about."""
    value: Any = parsed(text, name)
    kind, _, who = sentence.partition(": expected ")[0].partition(" ")
    path = place_of(sentence, value)
    if not path and kind in value:
        path = f".{kind}"
    for key in ("more", "parts"):
        path = path or _listed(value.get(key), key, who)
    return FormatError(name, located(text, path), sentence)


def _listed(rows: Any, key: str, who: str) -> str:
    """The row of a list that is, or has, this id."""
    ids = [str(row.get("id") if isinstance(row, dict) else row) for row in rows or ()]
    return f".{key}[{ids.index(who)}]" if who in ids else ""
