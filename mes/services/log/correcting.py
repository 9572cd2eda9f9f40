"""Taking an event back: an event of its own that undoes the whole of the other one, with all that followed from it."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from erp import services as erp
from masterdata import statements
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import Machine, User
from mes.models import ExecutionEvent, OperationRun, Quarantine
from mes.services import events, labour, progress, states
from mes.services.events import FloorEvent
from mes.services.log import quarantine
from mes.services.log.handlers import UNDOERS

Kind = ExecutionEvent.Kind
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"
UNDO_FOR = dt.timedelta(seconds=60)
"""So long whoever tapped may undo it: ten seconds on the screen, and the time that a message takes."""


class NothingToCorrect(Refusal):
    """The event has not come, was taken back before, or is itself a correction."""

    code = "nothing_to_correct"


class TooLateToUndo(Refusal):
    """What was said a while ago is corrected by the shift lead."""

    code = "too_late_to_undo"


@transaction.atomic
def correct(
    *, event_id: uuid.UUID, by: User, reason: str, now: dt.datetime, correction_id: uuid.UUID
) -> ExecutionEvent:
    """The shift lead takes an event back; what should have been said is reported anew. The same correction again is
    answered again. Locks the id, then as the event's kind does.

    Raises NothingToCorrect, InvalidInput without a reason, ReusedEventId, and what ERP raises when its pieces have
    gone on.
    """
    if not reason.strip():
        raise InvalidInput("Say why it is taken back.", field="reason")
    payload = {"corrects": str(event_id), "reason": reason.strip()[:200]}
    statements.run(_LOCK, [str(correction_id)])
    if (done := ExecutionEvent.objects.filter(pk=correction_id).first()) is not None:
        if (done.kind, done.payload, done.by_id) != (Kind.CORRECTION, payload, by.pk):
            raise events.reused(correction_id)
        return done
    first = ExecutionEvent.objects.filter(pk=event_id).first()
    event = FloorEvent(
        event_id=correction_id,
        kind=Kind.CORRECTION,
        operation_id=first.operation_id or 0 if first else 0,
        machine_id=first.machine_id or 0 if first else 0,
        operator_id=None,
        plant_id=first.plant_id if first else None,
        happened_at=now,
        by_id=by.pk,
        payload=payload,
    )
    take_correction(event, now)
    return ExecutionEvent.objects.get(pk=correction_id)


@transaction.atomic
def take_back(*, event_id: uuid.UUID, because: str, stays: Decimal, by_id: int | None, now: dt.datetime) -> None:
    """Take a report back that is told anew at once, in the caller's transaction: `stays` pieces of its operation are
    good then, so that those may have gone on. Raises as `take_correction`."""
    first = ExecutionEvent.objects.get(pk=event_id)
    event = FloorEvent(
        event_id=uuid.uuid4(),
        kind=Kind.CORRECTION,
        operation_id=first.operation_id or 0,
        machine_id=first.machine_id or 0,
        plant_id=first.plant_id,
        happened_at=now,
        by_id=by_id,
        payload={"corrects": str(event_id), "reason": because[:200]},
        stays_qty=stays,
        is_retold=True,
    )
    take_correction(event, now)


def take_correction(event: FloorEvent, now: dt.datetime) -> OperationRun | None:
    """What `payload.corrects` says never was. A device may take back its own events within the minute.

    Locks as the event's kind does. Raises NothingToCorrect, TooLateToUndo, and what ERP raises.
    """
    first = _first(event)
    print_ = events.print_of(event, Kind.CORRECTION)
    labour.hold_hours_of(quarantine.event_of(first))
    if first.operation_id:
        erp.lock_operation(operation_id=first.operation_id)
    others = ExecutionEvent.objects.filter(corrects=first).exclude(pk=event.event_id)
    if others.filter(Q(quarantine=None) | Q(quarantine__state=Quarantine.State.ACCEPTED)).exists():
        raise NothingToCorrect("This was taken back before. Nothing was changed.")
    if event.device_id and not event.is_kept:
        _check_own(event, first)
    events.keep(event, Kind.CORRECTION, print_, corrects_id=first.pk)
    kept = Quarantine.objects.filter(state=Quarantine.State.OPEN)
    _dismiss(kept.filter(event__in=others), event, now, "Taken back meanwhile")
    if _dismiss(kept.filter(event=first), event, now, "Taken back"):
        return None
    if first.kind in progress.KINDS:
        run = _undo_of_run(first, event, now)
        labour.unfollow(quarantine.event_of(first), now)
        return run
    if (undo := UNDOERS.get(first.kind)) is not None:
        undo(quarantine.event_of(first), now)
    return None


def _dismiss(waiting: QuerySet[Quarantine], event: FloorEvent, now: dt.datetime, what: str) -> int:
    """They wait no longer; who has decided so by the event is the user, or whoever tapped at a tablet. How many."""
    note = f"{what} at the tablet where it was said" if event.device_id else f"{what}: {event.payload.get('reason')}"
    return waiting.update(state=Quarantine.State.DISMISSED, decided_at=now, decided_by=event.by_id, note=note[:400])


def _first(event: FloorEvent) -> ExecutionEvent:
    wanted: Any = event.payload.get("corrects", "")
    try:
        first = ExecutionEvent.objects.filter(pk=uuid.UUID(str(wanted))).first()
    except ValueError:
        first = None
    if first is not None:
        kept = Quarantine.objects.filter(event=first, replaced_by__isnull=False).select_related("replaced_by").first()
        first = kept.replaced_by if kept else first
    if first is None:
        raise NothingToCorrect("What this takes back has not come. It counts when that comes.", corrects=str(wanted))
    if first.kind == Kind.CORRECTION:
        raise NothingToCorrect("A correction is not taken back: report again what was right.")
    return first


def _check_own(event: FloorEvent, first: ExecutionEvent) -> None:
    if first.device_id != event.device_id:
        raise TooLateToUndo("Another tablet has said this. Ask the shift lead to take it back.")
    if event.happened_at - first.corrected_at > UNDO_FOR:
        raise TooLateToUndo("This was said a while ago. Ask the shift lead to take it back.")


def _undo_of_run(first: ExecutionEvent, event: FloorEvent, now: dt.datetime) -> OperationRun | None:
    """Reports are taken back in the hub; then the operation is folded without the event."""
    operation_id = first.operation_id or 0
    list(Machine.objects.select_for_update(no_key=True, of=("self",)).order_by("pk").filter(pk=first.machine_id or 0))
    run = progress.locked(operation_id)
    if first.kind in (Kind.REPORT, Kind.FINISH):
        reason = str(event.payload.get("reason") or "Undone")
        taken = erp.take_back_report(key=first.pk, reason=reason, now=now, stays=event.stays_qty)
        if run is not None:
            run.booked_sec = max(0, run.booked_sec - round(taken.worked_min * 60))
    after = progress.again(operation_id, run)
    if after.state in (OperationRun.State.RUNNING, OperationRun.State.SETUP) and not event.is_retold:
        after = progress.paused_since(after, quarantine.event_of(first), event, run)
    if after.state:
        progress.book_late(run, after, quarantine.event_of(first))
    else:
        erp.unstart_operation(operation_id=operation_id)
    was_on = run.machine_id if run else None
    row = progress.write(operation_id, run, after)
    machine_ids = {first.machine_id, was_on, row.machine_id if row else None}
    states.refold_all(machine_ids=machine_ids, since=first.corrected_at)
    if run is not None:
        progress.tell(run)
    return row
