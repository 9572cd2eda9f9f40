"""Checks and non-conformances as tablets say them: what their events carry, done; and taken back."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from masterdata.errors import InvalidInput
from mes.models import Gauge, NonConformance
from mes.services import checking, nonconformances
from mes.services.events import FloorEvent

MOST_VALUES = 200


def take_check(event: FloorEvent, now: dt.datetime) -> None:
    """payload: plan, piece, values (characteristic, value or is_good), gauge, photo, note. As `record_check`."""
    given = event.payload
    values = given.get("values")
    if not isinstance(values, list) or len(values) > MOST_VALUES:
        raise InvalidInput("A check needs its values.", field="values")
    checking.record_check(
        plan_id=_id(given, "plan"),
        operation_id=_operation(event),
        values=[_value(one) for one in values],
        now=now,
        source=_source(event),
        checked_at=event.happened_at,
        piece_no=_number(given, "piece"),
        gauge_id=_gauge(event),
        photo_id=_photo(given),
        note=str(given.get("note") or ""),
    )


def undo_check(event: FloorEvent, now: dt.datetime) -> None:
    """It counts no more, and what it held goes on."""
    checking.void_check(event_id=event.event_id, now=now)


def take_nonconformance(event: FloorEvent, now: dt.datetime) -> None:
    """payload: quantity, defect, text, photo, severity, lot, reported, scrapped. Raises as `raise_nonconformance`."""
    given = event.payload
    photo = _photo(given)
    nonconformances.raise_nonconformance(
        operation_id=_operation(event),
        quantity=_figure(given.get("quantity"), "quantity"),
        at=event.happened_at,
        text=str(given.get("text") or ""),
        defect_id=_number(given, "defect") or event.reason_id,
        severity=str(given.get("severity") or NonConformance.Severity.MAJOR),
        is_scrapped=given.get("scrapped") is True,
        is_reported=given["reported"] if isinstance(given.get("reported"), bool) else None,
        machine_id=event.machine_id or None,
        lot_number=str(given.get("lot") or event.lot_number),
        photo_ids=[photo] if photo else [],
        event_id=event.event_id,
        by_id=event.by_id,
        employee_id=event.operator_id,
    )


def undo_nonconformance(event: FloorEvent, now: dt.datetime) -> None:
    """It was none; raises WrongState when something of it is decided."""
    row = NonConformance.objects.filter(event=event.event_id).first()
    if row is not None and row.state != NonConformance.State.WITHDRAWN:
        nonconformances.withdraw_nonconformance(
            nonconformance_id=row.pk, reason="Taken back by whoever raised it.", by=None, now=now
        )


def _source(event: FloorEvent) -> checking.Source:
    return checking.Source(
        by_id=event.by_id,
        operator_id=event.operator_id,
        machine_id=event.machine_id or None,
        event_id=event.event_id,
        device_id=event.device_id,
    )


def _operation(event: FloorEvent) -> int:
    if not event.operation_id:
        raise InvalidInput("Say at which operation it was.", field="operation")
    return event.operation_id


def _value(given: Any) -> checking.ValueInput:
    if not isinstance(given, Mapping):
        raise InvalidInput("A value of the check can't be read.", field="values")
    value, is_good = given.get("value"), given.get("is_good")
    return checking.ValueInput(
        characteristic_id=_id(given, "characteristic"),
        value=None if value in (None, "") else _figure(value, "values"),
        is_good=is_good if isinstance(is_good, bool) else None,
    )


def _figure(value: Any, field: str) -> Decimal:
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        raise InvalidInput("A figure can't be read.", field=field) from None
    if not found.is_finite() or abs(found) >= 10**12 or found != round(found, 6):
        raise InvalidInput("A figure can't be right.", field=field)
    return found


def _number(given: Mapping[str, Any], name: str) -> int | None:
    value = given.get(name)
    if value in (None, ""):
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 2**31:
        raise InvalidInput(f"Its {name} can't be read.", field=name)
    return value


def _gauge(event: FloorEvent) -> int | None:
    """Its id, or the code that was scanned or typed on the tablet."""
    given = event.payload.get("gauge")
    if not isinstance(given, str) or not given.strip():
        return _number(event.payload, "gauge")
    found = Gauge.objects.filter(code__iexact=given.strip()[:40], plant=event.plant_id).values_list("pk", flat=True)
    if (pk := found.first()) is None:
        raise InvalidInput(f"There is no gauge {given.strip()[:40]} here. Scan the code on it.", field="gauge")
    return pk


def _id(given: Mapping[str, Any], name: str) -> int:
    found = _number(given, name)
    if found is None:
        raise InvalidInput(f"Say which {name} it is about.", field=name)
    return found


def _photo(given: Mapping[str, Any]) -> uuid.UUID | None:
    value = given.get("photo")
    if value in (None, ""):
        return None
    try:
        return uuid.UUID(str(value))
    except ValueError:
        raise InvalidInput("Its photo can't be read.", field="photo") from None
