"""An operation's run under lock: read as a fold's state, taken further by an event, written back.

The newest event is one step from what the row says; an older one, or one that takes another back, folds all of the
operation's events again. Both give the same.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import replace
from decimal import Decimal

from erp import services as erp
from masterdata import inserts, live, statements
from mes import fold
from mes.fold import Progress, Said
from mes.models import ExecutionEvent, OperationRun
from mes.services import events, labour
from mes.services.events import FloorEvent

Kind, RUNNING = ExecutionEvent.Kind, OperationRun.State.RUNNING
KINDS = (Kind.SETUP, Kind.START, Kind.PAUSE, Kind.RESUME, Kind.REPORT, Kind.FINISH)
"""The kinds that tell how far an operation is."""
A_MOMENT = dt.timedelta(microseconds=1)
_SPACE = uuid.UUID("6f1d3c0e-57c1-4a52-9a2b-0b8f7a54d3a1")

COUNTS = """
    (NOT EXISTS (SELECT 1 FROM mes_quarantine q WHERE q.event_id = e.id AND q.state <> 'accepted')
     AND NOT EXISTS (SELECT 1 FROM mes_executionevent c LEFT JOIN mes_quarantine q ON q.event_id = c.id
                     WHERE c.corrects_id = e.id AND coalesce(q.state, 'accepted') = 'accepted'))
"""
"""Condition on an event `e`: it neither waits in quarantine, nor was dismissed, nor taken back."""
_SAID = f"""
    SELECT e.id, e.kind, e.corrected_at, e.device_seq, e.machine_id, e.operator_id, e.good_qty, e.scrap_qty,
        e.rework_qty, e.reason_id
    FROM mes_executionevent e WHERE e.operation_id = %s AND e.kind = ANY(%s) AND {COUNTS}
"""  # noqa: S608 (our own words)
_NEXT_BEGUN = f"""
    SELECT min(e.corrected_at) FROM mes_executionevent e
    WHERE e.machine_id = %s AND e.corrected_at > %s::timestamptz AND e.operation_id <> %s
        AND e.kind IN ('setup', 'start', 'resume') AND {COUNTS}
"""  # noqa: S608 (our own words)
_GOES_ON = f"""
    SELECT 1 FROM mes_executionevent e
    WHERE e.operation_id = %s AND e.corrected_at > %s::timestamptz AND e.kind IN ('setup', 'start', 'resume')
        AND {COUNTS} LIMIT 1
"""  # noqa: S608 (our own words)
_TAKEN = "SELECT 1 FROM mes_operationrun WHERE machine_id = %s AND state = 'running' AND operation_id <> %s"
_ENDED = "SELECT finished_at FROM erp_workorderoperation WHERE id = %s"


def said(event: FloorEvent, kind: str) -> Said:
    """The event as the fold reads it."""
    return Said(
        id=event.event_id,
        kind=kind,
        at=event.happened_at,
        device_seq=event.device_seq,
        machine_id=event.machine_id or None,
        operator_id=event.operator_id,
        good_qty=event.good_qty,
        scrap_qty=event.scrap_qty,
        rework_qty=event.rework_qty,
        reason_id=event.reason_id,
    )


def told(operation_id: int) -> list[Said]:
    """All that counts of the operation's events."""
    return [Said(*row) for row in statements.run(_SAID, [operation_id, statements.array(map(str, KINDS))])]


def locked(operation_id: int) -> OperationRun | None:
    """The operation's run, locked; none while nobody has begun it. Its operation must be locked."""
    rows = OperationRun.objects.select_for_update(no_key=True, of=("self",)).select_related("machine")
    return rows.filter(operation_id=operation_id).order_by("pk").first()


def of(run: OperationRun | None) -> Progress:
    """What the row says, as the fold's state."""
    if run is None:
        return Progress()
    return Progress(
        state=run.state,
        machine_id=run.machine_id,
        operator_id=run.operator_id,
        started_at=run.started_at,
        finished_at=run.finished_at,
        resumed_at=run.resumed_at,
        worked_sec=run.booked_sec + run.unbooked_sec,
        bookable_sec=run.booked_sec,
        good_qty=run.good_qty,
        scrap_qty=run.scrap_qty,
        rework_qty=run.rework_qty,
        pause_reason_id=run.pause_reason_id,
    )


def is_newest(run: OperationRun | None, event: FloorEvent) -> bool:
    """Whether all that the run knows was before the event."""
    return run is None or run.told_until is None or event.happened_at > run.told_until


def after(run: OperationRun | None, event: FloorEvent, kind: str) -> Progress:
    """What the run will be with this event too, which is not in the log yet (or only waits there)."""
    one = said(event, kind)
    if run is not None and is_newest(run, event):
        return fold.advance(of(run), one)
    others = [other for other in told(event.operation_id) if other.id != one.id]
    return fold.fold([*others, one], ended_at=_ended_at(run))


def again(operation_id: int, run: OperationRun | None) -> Progress:
    """All that counts, folded anew."""
    rows = statements.run(_ENDED, [operation_id])
    return fold.fold(told(operation_id), ended_at=rows[0][0] if rows else None)


def _ended_at(run: OperationRun | None) -> dt.datetime | None:
    return run.finished_at if run is not None and run.state == OperationRun.State.FINISHED else None


def unbooked(run: OperationRun | None, progress: Progress) -> Decimal:
    """Minutes that the hub has not heard of, below zero when it was told too many."""
    seconds = progress.bookable_sec - (run.booked_sec if run else 0)
    return (Decimal(seconds) / 60).quantize(Decimal("0.001"))


def book_late(run: OperationRun | None, progress: Progress, event: FloorEvent) -> None:
    """An event that came late has changed the minutes of earlier reports: the hub books the difference."""
    minutes = unbooked(run, progress)
    if minutes and progress.machine_id:
        erp.correct_minutes(
            operation_id=event.operation_id,
            machine_id=progress.machine_id,
            minutes=minutes,
            now=event.happened_at,
            worker_id=progress.operator_id,
            machine_only=labour.is_told(event),
        )


def write(operation_id: int, run: OperationRun | None, progress: Progress) -> OperationRun | None:
    """The row as the progress says; none is left of an operation that nobody has begun after all."""
    if not progress.state:
        if run is not None:
            run.delete()
        return None
    if progress.state == RUNNING and (run is None or run.state != RUNNING):
        progress = _beside_another(operation_id, progress)
    row = run or OperationRun(operation_id=operation_id)
    row.state, row.started_at = progress.state, progress.started_at  # type: ignore[assignment]
    row.machine_id, row.operator_id = progress.machine_id, progress.operator_id  # type: ignore[assignment]
    row.finished_at, row.resumed_at = progress.finished_at, progress.resumed_at
    row.booked_sec = progress.bookable_sec
    row.unbooked_sec = progress.worked_sec - progress.bookable_sec
    row.good_qty, row.scrap_qty, row.rework_qty = progress.good_qty, progress.scrap_qty, progress.rework_qty
    row.pause_reason_id = progress.pause_reason_id
    if progress.told_until is not None:
        row.told_until = max(progress.told_until[0], row.told_until or progress.told_until[0])
    if run is None:
        row.save()
    else:
        inserts.rewrite(row)
    return row


def _beside_another(operation_id: int, progress: Progress) -> Progress:
    """While a report is told anew its job is open for a moment: it does not run where another one does."""
    if statements.run(_TAKEN, [progress.machine_id, operation_id]):
        return replace(progress, state=OperationRun.State.PAUSED, resumed_at=None)
    return progress


def pause_by_house(run: OperationRun, at: dt.datetime, cause: str) -> OperationRun:
    """The house itself pauses a run (its machine is down, another job has begun there): an event like any other, whose
    id follows from the cause, so that the same cause pauses once. The run is locked; what it has reported since stands,
    so it is paused no earlier than that.
    """
    at = max(at, run.told_until + A_MOMENT) if run.told_until else at
    house = _pause(run.operation_id, run.machine_id, run.machine.work_centre.plant_id, at, cause)
    if ExecutionEvent.objects.filter(pk=house.event_id).exists():
        return run
    after = paused_by(of(run), house)
    written = write(run.operation_id, run, after)
    assert written is not None
    labour.follow_job(operation_id=run.operation_id, at=at)
    tell(written)
    return written


def paused_in_rework(run: Progress, event: FloorEvent) -> Progress:
    """All that is left of the job is in rework: it pauses a moment after the report, and the machine is free."""
    at = event.happened_at + A_MOMENT
    return paused_by(run, _pause(event.operation_id, run.machine_id, event.plant_id, at, f"rework:{event.event_id}"))


def next_begun(machine_id: int, event: FloorEvent) -> dt.datetime | None:
    """When another job began on the machine after the event, as far as is known."""
    found = statements.run(_NEXT_BEGUN, [machine_id, event.happened_at, event.operation_id])
    at: dt.datetime | None = found[0][0]
    return at


def goes_on_after(event: FloorEvent) -> bool:
    """Whether its job was begun or taken up after the event, as far as is known."""
    return bool(statements.run(_GOES_ON, [event.operation_id, event.happened_at]))


def paused_for(run: OperationRun | None, event: FloorEvent, kind: str, at: dt.datetime) -> Progress:
    """The machine had begun another job at that time when word of this one came: that has paused this one."""
    house = _pause(event.operation_id, event.machine_id, event.plant_id, at, f"job:{event.event_id}")
    events.keep(house, Kind.PAUSE, events.print_of(house, Kind.PAUSE))
    others = [other for other in told(event.operation_id) if other.id != event.event_id]
    return fold.fold([*others, said(event, kind)], ended_at=_ended_at(run))


def paused_since(after: Progress, first: FloorEvent, correction: FloorEvent, run: OperationRun | None) -> Progress:
    """Work goes on, now that its end was taken back; but where another job has begun on its machine since, that has
    paused it."""
    at = next_begun(after.machine_id or 0, first)
    if at is None:
        return after
    house = _pause(first.operation_id, after.machine_id, first.plant_id, at, f"job:{correction.event_id}")
    events.keep(house, Kind.PAUSE, events.print_of(house, Kind.PAUSE))
    return again(first.operation_id, run)


def paused_by(run: Progress, house: FloorEvent) -> Progress:
    events.keep(house, Kind.PAUSE, events.print_of(house, Kind.PAUSE))
    return fold.advance(run, said(house, Kind.PAUSE))


def _pause(operation_id: int, machine_id: int | None, plant_id: int | None, at: dt.datetime, cause: str) -> FloorEvent:
    return FloorEvent(
        event_id=uuid.uuid5(_SPACE, f"{cause}:{operation_id}"),
        operation_id=operation_id,
        machine_id=machine_id or 0,
        happened_at=at,
        plant_id=plant_id,
        payload={"cause": cause.partition(":")[0]},
    )


def finished(progress: Progress, at: dt.datetime) -> Progress:
    """The hub has ended the operation."""
    return replace(fold.ended(progress, at), told_until=progress.told_until)


def tell(run: OperationRun) -> None:
    """Those who look at the machine's list or at the operation see it at once."""
    live.publish("dispatch", run.machine_id)
    live.publish("operation", run.operation_id)
