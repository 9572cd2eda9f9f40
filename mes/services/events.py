"""Events from the floor: what they carry, and that the same event again is answered again and done once."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from masterdata import inserts, statements
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import ReasonCode
from mes.models import ExecutionEvent


class ReusedEventId(Refusal):
    """The id belongs to another event; the first stands."""

    code = "reused_event_id"
    status = 422


class WrongTime(Refusal):
    """The sender's clock cannot be right."""

    code = "wrong_time"


class ScrapReasonMissing(InvalidInput):
    """Nobody can learn from scrap that has no reason."""

    code = "scrap_reason_missing"


@dataclass(frozen=True, kw_only=True)
class FloorEvent:
    """What every event carries. `event_id` is made by the sender (UUIDv7) and makes the event idempotent.

    `happened_at` is by the server's clock; `said_at` what the device's own said, when that differs. `payload` holds
    what only its kind has. An event that `is_kept` stands in the log already: a decision lets it count now. One that
    `is_late` was said offline. `is_decided`: quality has decided what it says, so that it goes past quality's hold.
    `stays_qty`: of what a correction takes back, with what was there, so many good pieces are told anew at once
    (`is_retold`).
    """

    event_id: uuid.UUID
    operation_id: int = 0
    machine_id: int = 0
    operator_id: int | None = None
    happened_at: dt.datetime
    kind: str = ""
    plant_id: int | None = None
    device_id: int | None = None
    device_seq: int | None = None
    said_at: dt.datetime | None = None
    by_id: int | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)
    is_kept: bool = False
    accepts_over: bool = False
    is_late: bool = False
    is_decided: bool = False
    stays_qty: Decimal = Decimal(0)
    is_retold: bool = False
    good_qty: Decimal = Decimal(0)
    scrap_qty: Decimal = Decimal(0)
    reason_id: int | None = None
    lot_number: str = ""
    rework_qty: Decimal = Decimal(0)


CLOCK_AHEAD = dt.timedelta(seconds=60)
OLDEST = dt.timedelta(days=7)


def fingerprint(**content: Any) -> str:
    """SHA-256 of the event's content, so that a reused id with other content is noticed."""

    def plain(value: Any) -> Any:
        if isinstance(value, Decimal):
            return str(value.normalize())
        return value.isoformat() if isinstance(value, dt.datetime) else str(value)

    text = json.dumps({key: plain(value) for key, value in sorted(content.items())}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def print_of(event: FloorEvent, kind: str) -> str:
    """The fingerprint of the event."""
    given: dict[str, Any] = {"lot": event.lot_number} if event.lot_number else {}
    if event.rework_qty:
        given["rework"] = event.rework_qty
    if event.payload:
        given["payload"] = json.dumps(event.payload, sort_keys=True, default=str)
    return fingerprint(
        kind=kind,
        operation=event.operation_id or None,
        machine=event.machine_id or None,
        operator=event.operator_id,
        good=event.good_qty,
        scrap=event.scrap_qty,
        reason=event.reason_id,
        at=event.said_at or event.happened_at,
        **given,
    )


def keep(event: FloorEvent, kind: str, print_: str, *, corrects_id: uuid.UUID | None = None) -> None:
    """Write it to the log, after what it did; nothing when it stands there. Raises Refusal when its reason is gone."""
    if event.is_kept:
        return
    if event.reason_id and not ReasonCode.objects.filter(pk=event.reason_id).exists():
        raise Refusal("This reason does not exist any more. Choose another one.", field="reason")
    inserts.insert([row_of(event, kind, print_, corrects_id=corrects_id)])


def row_of(event: FloorEvent, kind: str, print_: str, *, corrects_id: uuid.UUID | None = None) -> ExecutionEvent:
    """The event as a row of the log, not written yet."""
    return ExecutionEvent(
        pk=event.event_id,
        kind=kind,
        plant_id=event.plant_id,
        operation_id=event.operation_id or None,
        machine_id=event.machine_id or None,
        operator_id=event.operator_id,
        by_id=event.by_id,
        device_id=event.device_id,
        device_seq=event.device_seq,
        good_qty=event.good_qty,
        scrap_qty=event.scrap_qty,
        rework_qty=event.rework_qty,
        reason_id=event.reason_id,
        lot_number=event.lot_number,
        payload=dict(event.payload),
        corrects_id=corrects_id,
        happened_at=event.said_at or event.happened_at,
        corrected_at=event.happened_at,
        fingerprint=print_,
    )


def already_done(event_id: uuid.UUID, print_: str) -> bool:
    """Whether the event with this id was taken before. Call while holding the lock of what it is about.

    Raises ReusedEventId when its content differs.
    """
    first = statements.run("SELECT fingerprint FROM mes_executionevent WHERE id = %s::uuid", [str(event_id)])
    if first and first[0][0] != print_:
        raise reused(event_id)
    return bool(first)


def reused(event_id: uuid.UUID) -> ReusedEventId:
    """What says that the id belongs to another event."""
    return ReusedEventId(
        "This event id was used for something else. Nothing was changed; send the new event with an id of its own.",
        event_id=str(event_id),
    )


def check_clock(happened_at: dt.datetime, now: dt.datetime, *, field: str = "happened_at") -> None:
    """Refuse an event more than a minute in the future or more than seven days old."""
    check_not_ahead(happened_at, now, field=field)
    if happened_at < now - OLDEST:
        raise WrongTime(
            f"The event is more than {OLDEST.days} days old. Check the time: what happened before that is no news "
            "for the plan.",
            field=field,
            happened_at=happened_at.isoformat(),
            now=now.isoformat(),
        )


def check_not_ahead(happened_at: dt.datetime, now: dt.datetime, *, field: str = "happened_at") -> None:
    """Refuse an event more than a minute in the future."""
    if happened_at > now + CLOCK_AHEAD:
        raise WrongTime(
            "The event lies more than a minute in the future. Set the device's clock and send it again.",
            field=field,
            happened_at=happened_at.isoformat(),
            now=now.isoformat(),
        )


def check_scrap(scrap_qty: Decimal, reason_id: int | None) -> None:
    """Refuse scrapped pieces without a reason."""
    if scrap_qty and reason_id is None:
        raise ScrapReasonMissing("Choose why pieces were scrapped, then save again.", field="reason")
