"""What a kept event should have said: the shift lead says it right, and that counts in the place of the event."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.db import transaction

from masterdata.errors import InvalidInput
from masterdata.models import Employee, User
from mes.models import ExecutionEvent, Quarantine
from mes.services import scrapped, tracing
from mes.services.events import FloorEvent
from mes.services.log import deciding, doing
from mes.services.log.correcting import NothingToCorrect
from mes.services.log.quarantine import event_of

Kind = ExecutionEvent.Kind
OF_PIECES = (Kind.REPORT, Kind.FINISH)
_EXACT = Decimal("0.000001")


@dataclass(frozen=True, kw_only=True)
class Right:
    """What is right of an event; empty: as it was told. Pieces and the reason of scrap belong to reports."""

    happened_at: dt.datetime | None = None
    operator_id: int | None = None
    good_qty: Decimal | None = None
    scrap_qty: Decimal | None = None
    rework_qty: Decimal | None = None
    reason_id: int | None = None


def correct_quarantined(*, quarantine_id: int, right: Right, note: str, by: User, now: dt.datetime) -> Quarantine:
    """Let a new event count that says it right and names the kept one (`payload.replaces`); that one never counts and
    stays in the log. No more pieces than were told are accepted beyond what is open.

    Raises AlreadyDecided, NothingToCorrect for a correction, InvalidInput without a note, for nothing changed and for
    a person of another plant, WrongTime, and what the event's kind raises: then all stays as it was.
    """
    if not note.strip():
        raise InvalidInput("Say what was wrong and how you know, then save again.", field="note")
    with transaction.atomic():
        row = deciding.opened(quarantine_id)
        event = _reworded(row.event, right, note.strip()[:200], by)
        deciding.decide(row, Quarantine.State.CORRECTED, by, note, now)
        doing.do(event, now, is_late=True)
        row.replaced_by_id = event.event_id
        row.save(update_fields=["replaced_by"])
    deciding.try_again(event, now)
    return row


def _reworded(first: ExecutionEvent, right: Right, note: str, by: User) -> FloorEvent:
    if first.kind == Kind.CORRECTION:
        raise NothingToCorrect("An event that takes another one back is accepted or dismissed, not corrected.")
    told = event_of(first)
    given = {name: value for name, value in vars(right).items() if value is not None}
    if first.kind not in OF_PIECES:
        given = {name: value for name, value in given.items() if name in ("happened_at", "operator_id")}
    said = replace(told, **given)
    if said == told:
        raise InvalidInput("Nothing differs from what was told. Accept it as it is, or change what was wrong.")
    operator_id = given.get("operator_id")
    if operator_id and not Employee.objects.filter(pk=operator_id, plant_id=first.plant_id or 0).exists():
        raise InvalidInput("Choose somebody of this plant.", field="operator")
    return replace(
        said,
        event_id=uuid.uuid5(first.pk, "corrected"),
        said_at=None,
        device_id=None,
        device_seq=None,
        by_id=by.pk,
        is_kept=False,
        accepts_over=_pieces(said) <= _pieces(told),
        payload=_payload(told, said) | {"replaces": str(first.pk), "note": note},
    )


def _pieces(event: FloorEvent) -> Decimal:
    return event.good_qty + event.scrap_qty + event.rework_qty


def _payload(told: FloorEvent, said: FloorEvent) -> dict[str, Any]:
    """Of scanned lots as much as the pieces take now; scrap by reason only as long as it is the same scrap."""
    payload = dict(told.payload)
    if (said.scrap_qty, said.reason_id) != (told.scrap_qty, told.reason_id):
        payload.pop("scrap", None)
    try:
        scrapped.check_split(replace(said, is_kept=False))
    except scrapped.ScrapSplitWrong:
        payload.pop("scrap", None)
    before, after = _pieces(told), _pieces(said)
    if tracing.consumed_of(payload) and before and after != before:
        payload["consumed"] = [
            {**one, "quantity": str((Decimal(str(one["quantity"])) * after / before).quantize(_EXACT).normalize())}
            for one in payload["consumed"]
        ]
    return payload
