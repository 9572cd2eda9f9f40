"""What a device wrote, read: an event, an event that can't be read and is kept for that, or nothing to keep."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.dateparse import parse_datetime

from erp.models import WorkOrderOperation
from masterdata.errors import Refusal
from masterdata.models import Employee, Machine, ReasonCode
from mes.models import Device, ExecutionEvent
from mes.services.events import FloorEvent
from mes.services.log.batch import Said

MOST_PAYLOAD = 20_000
NO_TIME = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
"""Of an event that says none: the same each time it is sent."""
ARTICLES = {"operation": "an", "operator": "an"}
MOST_PIECES = Decimal(10) ** 9


class Malformed(Refusal):
    """The event can't be read, or names what is not there."""

    code = "malformed"


@dataclass(frozen=True, slots=True)
class Unreadable:
    """It has no id of its own, so that nothing can be kept of it."""

    id: str
    sentence: str
    number: int | None = None


@dataclass(frozen=True, slots=True)
class _Known:
    """What the events name that is there, in the device's plant."""

    operations: frozenset[int]
    machines: frozenset[int]
    people: frozenset[int]
    reasons: frozenset[int]


def read_events(
    *, device: Device, rows: Sequence[Mapping[str, Any]], by_id: int | None = None
) -> list[Said | Unreadable]:
    """Each row as an event, in their order. What can't be read is an event too, with what was sent in its payload."""
    known = _known(device, rows)
    found: list[Said | Unreadable] = []
    for row in rows:
        try:
            event_id = uuid.UUID(str(row.get("id")))
        except ValueError:
            sentence = "An event needs an id of its own, a UUID."
            found.append(Unreadable(str(row.get("id"))[:80], sentence, _number_if_any(row)))
            continue
        try:
            event = _event(event_id, row, known, device, by_id)
            found.append(Said(event, is_online=row.get("is_online") is True))
        except Malformed as refusal:
            found.append(Said(_raw(event_id, row, device, by_id), problem=refusal))
    return found


def _event(event_id: uuid.UUID, row: Mapping[str, Any], known: _Known, device: Device, by_id: int | None) -> FloorEvent:
    kind = str(row.get("kind", ""))
    if kind not in ExecutionEvent.Kind.values:
        raise Malformed(f"The kind {kind[:40]!r} is not known here. Was the app newer than the server?")
    at = _moment(row)
    if at is None:
        raise Malformed("It has no time that can be read.")
    payload = row.get("payload") or {}
    if not isinstance(payload, dict) or len(json.dumps(payload)) > MOST_PAYLOAD:
        raise Malformed("What it carries can't be read or is too much.")
    return FloorEvent(
        event_id=event_id,
        kind=kind,
        operation_id=_named(row, "operation", known.operations) or 0,
        machine_id=_named(row, "machine", known.machines) or 0,
        operator_id=_named(row, "operator", known.people),
        reason_id=_named(row, "reason", known.reasons),
        happened_at=at,
        plant_id=device.plant_id,
        device_id=device.pk,
        device_seq=_number(row),
        by_id=by_id,
        good_qty=_pieces(row, "good"),
        scrap_qty=_pieces(row, "scrap"),
        rework_qty=_pieces(row, "rework"),
        lot_number=str(row.get("lot") or "")[:50],
        payload=payload,
    )


def _raw(event_id: uuid.UUID, row: Mapping[str, Any], device: Device, by_id: int | None) -> FloorEvent:
    sent = json.dumps(dict(row), default=str)[:MOST_PAYLOAD]
    kind = row.get("kind")
    return FloorEvent(
        event_id=event_id,
        kind=str(kind) if kind in ExecutionEvent.Kind.values and kind != "correction" else ExecutionEvent.Kind.NOTE,
        happened_at=_moment(row) or NO_TIME,
        plant_id=device.plant_id,
        device_id=device.pk,
        device_seq=_number_if_any(row),
        by_id=by_id,
        payload={"sent": sent},
    )


def _moment(row: Mapping[str, Any]) -> dt.datetime | None:
    """Its time with an offset; None when there is none that can be."""
    try:
        at = parse_datetime(str(row.get("at") or ""))
    except ValueError:
        return None
    return at if at is not None and at.tzinfo is not None and 1990 < at.year < 2200 else None


def _number(row: Mapping[str, Any]) -> int | None:
    number = row.get("seq")
    if number is None:
        return None
    if not isinstance(number, int) or isinstance(number, bool) or not 0 < number < 2**62:
        raise Malformed("Its number can't be read.")
    return number


def _number_if_any(row: Mapping[str, Any]) -> int | None:
    try:
        return _number(row)
    except Malformed:
        return None


def _pieces(row: Mapping[str, Any], name: str) -> Decimal:
    try:
        value = Decimal(str(row.get(name) or 0))
    except InvalidOperation:
        raise Malformed(f"Its pieces ({name}) can't be read.") from None
    if not value.is_finite() or not 0 <= value <= MOST_PIECES:
        raise Malformed(f"Its pieces ({name}) can't be right.")
    return value


def _named(row: Mapping[str, Any], name: str, known: frozenset[int]) -> int | None:
    value = row.get(name)
    if value in (None, ""):
        return None
    if not isinstance(value, int) or value not in known:
        raise Malformed(f"It names {ARTICLES.get(name, 'a')} {name} that is not there (any more).")
    return value


def _known(device: Device, rows: Sequence[Mapping[str, Any]]) -> _Known:
    def ids(name: str) -> set[int]:
        return {row[name] for row in rows if isinstance(row.get(name), int) and 0 < row[name] < 2**62}

    operations = WorkOrderOperation.objects.filter(pk__in=ids("operation"), work_order__plant=device.plant_id)
    machines = Machine.objects.filter(pk__in=ids("machine"), work_centre__plant=device.plant_id)
    people = Employee.objects.filter(pk__in=ids("operator"), plant=device.plant_id)
    reasons = ReasonCode.objects.filter(pk__in=ids("reason"))
    lists = (rows.order_by().values_list("pk", flat=True) for rows in (operations, machines, people, reasons))
    return _Known(*(frozenset(one) for one in lists))
