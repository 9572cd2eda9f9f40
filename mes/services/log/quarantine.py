"""What was said on the floor and can't count yet is kept with why."""

from __future__ import annotations

import datetime as dt
import uuid

from masterdata import live
from masterdata.errors import Refusal
from mes.models import ExecutionEvent, Quarantine
from mes.services import events
from mes.services.events import FloorEvent

WAITS = "waits_for_earlier"
"""The device has said something before that which has not come yet."""


def hold(event: FloorEvent, refusal: Refusal, now: dt.datetime) -> Quarantine:
    """Write the event to the log with why it does not count. Call in a transaction of its own."""
    events.keep(event, event.kind, events.print_of(event, event.kind), corrects_id=_corrects(event))
    row = Quarantine.objects.create(
        event_id=event.event_id,
        plant_id=event.plant_id,
        code=refusal.code[:40],
        sentence=refusal.sentence[:400],
        since_at=now,
    )
    live.publish("quarantine", event.plant_id or 0, plant_id=event.plant_id)
    return row


def _corrects(event: FloorEvent) -> uuid.UUID | None:
    if event.kind != ExecutionEvent.Kind.CORRECTION:
        return None
    try:
        return uuid.UUID(str(event.payload.get("corrects")))
    except ValueError:
        return uuid.UUID(int=0)  # it names nothing


def event_of(row: ExecutionEvent, *, accepts_over: bool = False) -> FloorEvent:
    """The event of the log as services take it."""
    return FloorEvent(
        event_id=row.pk,
        kind=row.kind,
        operation_id=row.operation_id or 0,
        machine_id=row.machine_id or 0,
        operator_id=row.operator_id,
        happened_at=row.corrected_at,
        said_at=row.happened_at,
        plant_id=row.plant_id,
        device_id=row.device_id,
        device_seq=row.device_seq,
        by_id=row.by_id,
        good_qty=row.good_qty,
        scrap_qty=row.scrap_qty,
        rework_qty=row.rework_qty,
        reason_id=row.reason_id,
        lot_number=row.lot_number,
        payload=row.payload,
        is_kept=True,
        accepts_over=accepts_over,
    )
