"""What a plan is asked, as JSON: an order to offer a date for, and an event to react to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from aps.engine.events import Event, MachineDown, MachineUp, MaterialLate, OperationFinished
from aps.engine.formats.errors import FormatError
from aps.engine.formats.lines import located
from aps.engine.formats.problem_json import OPERATION, ORDER, stamp
from aps.engine.formats.schema import IDENT, TEXT, TIME, Field, Table, made, many, one_of, optional, parsed, read
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


def _event(make: type[Event], kind: str, *fields: Field) -> Table:
    return Table(
        lambda event, format=None, version=None, **parts: make(**parts),  # noqa: A006 - the key in the file
        *_optional_stamp("throughline event"),
        Field("event", one_of(str, [kind])),
        Field("now_min", optional(TIME), None),
        *fields,
    )


EVENTS = {
    "machine down": _event(
        MachineDown, "machine down", Field("machine", IDENT), Field("from_min", TIME), Field("until_min", TIME)
    ),
    "machine up": _event(MachineUp, "machine up", Field("machine", IDENT), Field("at_min", TIME)),
    "operation finished": _event(
        OperationFinished, "operation finished", Field("operation", IDENT), Field("end_min", TIME)
    ),
    "material late": _event(MaterialLate, "material late", Field("operation", IDENT), Field("until_min", TIME)),
}


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
