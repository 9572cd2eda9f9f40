"""Operation runs: what setup, start, pause, resume, report and finish do.

Each deed locks in the house's order (sales order, work order and operation by ERP; then machine, then run), so two
tablets on one operation queue up instead of deadlocking. An event that says what is now is refused where it makes no
sense; one that comes late is folded to where it belongs (`mes.fold`), and only what the hub can't book is refused.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

from django.db import transaction
from django.db.models import QuerySet

from erp import services as erp
from erp.models import WorkOrderOperation
from masterdata import statements
from masterdata.errors import Refusal
from masterdata.models import Machine
from mes.fold import Progress
from mes.models import Downtime, ExecutionEvent, OperationRun
from mes.services import events, holds, labour, progress, scrapped, states, tracing
from mes.services.events import FloorEvent as FloorEvent
from mes.services.locked_job import LockedJob

# A run that goes on though its operation has ended.
_OUTLIVES = """
    SELECT 1 FROM erp_workorderoperation o JOIN mes_operationrun r ON r.operation_id = o.id
    WHERE o.work_order_id = %s AND o.finished_at IS NOT NULL AND r.state <> 'finished' LIMIT 1
"""
Kind = ExecutionEvent.Kind
State = OperationRun.State
AT_WORK = (State.RUNNING, State.SETUP)


class AlreadyStarted(Refusal):
    """The operation runs or is finished."""

    code = "already_started"


class MachineBusy(Refusal):
    """Another operation runs on the machine."""

    code = "machine_busy"


class MachineIsDown(Refusal):
    """The machine has an open downtime."""

    code = "machine_is_down"


class NotRunning(Refusal):
    """The deed needs a run in another state."""

    code = "not_running"


@transaction.atomic
def take(*, event: FloorEvent, kind: str, now: dt.datetime, is_late: bool = False) -> tuple[OperationRun | None, bool]:
    """Do what the event says of its operation; the run, and whether this event was done before.

    `is_late`: it was said offline and comes in its own time; nothing is asked of how things stand now but what the hub
    needs. Raises AlreadyStarted, MachineBusy, MachineIsDown, NotRunning, OperationHeld, CheckDue, WrongTime,
    ReusedEventId, and what ERP's services raise (over_report with what remains).
    """
    print_ = events.print_of(event, kind)
    erp.lock_operation(operation_id=event.operation_id)
    machine = None
    if kind in (Kind.START, Kind.SETUP, Kind.RESUME):
        machine = Machine.objects.select_for_update(no_key=True, of=("self",)).order_by("pk").get(pk=event.machine_id)
    run = progress.locked(event.operation_id)
    if not event.is_kept and events.already_done(event.event_id, print_):
        return run, True
    if not event.is_kept:
        events.check_clock(event.happened_at, now)
    is_now = not is_late and progress.is_newest(run, event)
    _check(run, event, kind, machine, is_now=is_now)
    after = progress.after(run, event, kind)
    if machine is not None and after.state in AT_WORK:
        after = _make_room(run, after, event, kind, machine)
    deed = _DEEDS.get(kind, _note)
    return deed(run, after, event, kind, print_), False


def report_next(*, event: FloorEvent, now: dt.datetime, job: LockedJob) -> None:
    """A report that came late, while its operation is locked for several of them and is known to be new: `take` without
    what they share. The caller says afterwards that moves are nobody's (`tracing.moves_are_of`). Raises as `take`."""
    events.check_clock(event.happened_at, now)
    event = replace(event, is_late=True)
    _check(job.run, event, Kind.REPORT, None, is_now=False)
    after = progress.after(job.run, event, Kind.REPORT)
    job.run = _book(job.run, after, event, Kind.REPORT, events.print_of(event, Kind.REPORT), job.floor)


def _begin(run: OperationRun | None, after: Progress, event: FloorEvent, kind: str, print_: str) -> OperationRun:
    erp.start_operation(operation_id=event.operation_id, machine_id=event.machine_id, now=event.happened_at)
    return _note(run, after, event, kind, print_)


def _note(run: OperationRun | None, after: Progress, event: FloorEvent, kind: str, print_: str) -> OperationRun:
    """What moves no pieces: the log, the run, the machine's state, and minutes that became others by it."""
    progress.book_late(run, after, event)
    events.keep(event, kind, print_)
    row = progress.write(event.operation_id, run, after)
    assert row is not None
    machine_ids = {row.machine_id, event.machine_id, run.machine_id if run else None}
    states.refold_all(machine_ids=machine_ids, since=event.happened_at)
    progress.tell(row)
    return row


def _report(run: OperationRun | None, after: Progress, event: FloorEvent, kind: str, print_: str) -> OperationRun:
    row = _book(run, after, event, kind, print_)
    tracing.moves_are_of(None)
    return row


def _book(
    run: OperationRun | None,
    after: Progress,
    event: FloorEvent,
    kind: str,
    print_: str,
    floor: erp.Floor | None = None,
) -> OperationRun:
    tracing.moves_are_of(event.event_id)
    worked = labour.labour_of_report(operation_id=event.operation_id, at=event.happened_at, good_qty=after.good_qty)
    outcome = erp.report_operation(
        operation_id=event.operation_id,
        machine_id=after.machine_id,
        good_qty=event.good_qty,
        scrap_qty=event.scrap_qty,
        worked_min=progress.unbooked(run, after),
        now=event.happened_at,
        finish=kind == Kind.FINISH,
        scrap_reason_id=event.reason_id if event.scrap_qty else None,
        lot_number=event.lot_number,
        worker_id=event.operator_id,
        rework_qty=event.rework_qty,
        labour=worked,
        key=event.event_id,
        accepts_over=event.accepts_over,
        consumed=tracing.consumed_of(event.payload),
        serials=tracing.serials_of(event.payload),
        floor=floor,
    )
    events.keep(event, kind, print_)
    if outcome.finished_at is not None and after.state != State.FINISHED:
        after = progress.finished(
            after, _ended_at(after.told_until and after.told_until[0], event.operation_id, outcome.finished_at)
        )
    elif after.state == State.RUNNING and outcome.in_rework_qty and outcome.is_all_reported:
        after = progress.paused_in_rework(after, event)
    is_steady = run is not None and (run.state, run.machine_id) == (after.state, event.machine_id)
    is_steady = is_steady and progress.is_newest(run, event)
    row = progress.write(event.operation_id, run, after)
    assert row is not None
    machine_ids = set() if is_steady else {row.machine_id, event.machine_id}
    if outcome.ends_something:
        machine_ids |= _end_what_nothing_reaches(outcome.work_order_id, event.happened_at)
    if machine_ids:
        states.refold_all(machine_ids=machine_ids, since=event.happened_at)
    progress.tell(row)
    return row


def _ended_at(told_until: dt.datetime | None, operation_id: int, at: dt.datetime) -> dt.datetime:
    """When an operation ended that the hub ended at that time: not before what the floor has told of it."""
    if told_until is None or told_until <= at:
        return at
    erp.end_operation_later(operation_id=operation_id, at=told_until)
    return told_until


_Deed = Callable[[OperationRun | None, Progress, FloorEvent, str, str], OperationRun]
_DEEDS: dict[str, _Deed] = {Kind.START: _begin, Kind.SETUP: _begin, Kind.REPORT: _report, Kind.FINISH: _report}


def _check(run: OperationRun | None, event: FloorEvent, kind: str, machine: Machine | None, *, is_now: bool) -> None:
    """What an event must keep; of one that comes late only that somebody has begun what it pauses or takes up."""
    is_report = kind in (Kind.REPORT, Kind.FINISH)
    if is_report:
        _check_pieces(event, kind)
        _ask_quality(event, ends=kind == Kind.FINISH)
    if run is None and (kind in (Kind.PAUSE, Kind.RESUME) or (is_now and is_report)):
        raise NotRunning("This operation was not started yet. Press Start first.", state="planned")
    if run is not None and event.machine_id != run.machine_id:
        erp.refuse_machine(operation_id=event.operation_id, machine_id=event.machine_id)
    if machine is not None and not event.is_late:
        holds.refuse_held(event.operation_id)
    if is_now:
        _check_now(run, event, kind, machine)
    elif run is not None:
        _check_late(run, event, kind)


def _check_late(run: OperationRun, event: FloorEvent, kind: str) -> None:
    """Nobody pauses or takes up again what has ended, and nobody ends what is taken up later."""
    if kind in (Kind.PAUSE, Kind.RESUME) and run.finished_at is not None and event.happened_at >= run.finished_at:
        raise NotRunning(
            "This operation was finished before that: it neither paused nor went on then.", state=run.state
        )
    if kind == Kind.FINISH and progress.goes_on_after(event):
        raise NotRunning(
            "This operation was started or went on after that. Check when it was finished.", state=run.state
        )


def _check_now(run: OperationRun | None, event: FloorEvent, kind: str, machine: Machine | None) -> None:
    state = run.state if run else ""
    if kind in (Kind.REPORT, Kind.FINISH) and state == State.FINISHED:
        raise NotRunning("This operation is finished. A correction is a new event by the shift lead.", state=state)
    if kind == Kind.PAUSE and state not in AT_WORK:
        raise NotRunning("This operation is not running, so there is nothing to pause.", state=state)
    if kind == Kind.RESUME and state != State.PAUSED:
        raise NotRunning("This operation is not paused, so it cannot go on.", state=state)
    if kind in (Kind.START, Kind.SETUP) and run is not None and not (kind == Kind.START and state == State.SETUP):
        raise AlreadyStarted(f"This operation was already started on {run.machine.code}.", state=state)
    if machine is not None:
        _refuse_machine(run.machine if run else machine, event.operation_id)


def _ask_quality(event: FloorEvent, *, ends: bool) -> None:
    """Held, or a check overdue, nothing is reported: but what quality has decided, and what the shift lead accepts."""
    if not (event.is_decided or event.accepts_over):
        holds.refuse_report(
            operation_id=event.operation_id,
            at=event.happened_at,
            is_late=event.is_late,
            pieces=event.good_qty + event.scrap_qty + event.rework_qty,
            ends=ends,
        )


def _check_pieces(event: FloorEvent, kind: str) -> None:
    if kind == Kind.REPORT and event.good_qty + event.scrap_qty + event.rework_qty <= 0:
        raise Refusal(
            "Report at least one good or scrapped piece, or one to rework, or tick “That was all: finish this job”.",
            field="good_qty",
        )
    events.check_scrap(event.scrap_qty, event.reason_id)
    scrapped.check_split(event)


def _refuse_machine(machine: Machine, operation_id: int) -> None:
    if Downtime.objects.filter(machine=machine, until_at__isnull=True).exists():
        raise MachineIsDown(
            f"{machine.code} is down. Report it as running again first, or choose another machine.",
            machine=machine.code,
        )
    other = _at_work(machine, operation_id).select_related("operation__work_order").first()
    if other is not None:
        number = other.operation.work_order.number
        raise MachineBusy(
            f"{machine.code} still runs {number}, {other.operation.name}. Pause or finish that first.",
            work_order=number,
        )


def _at_work(machine: Machine, operation_id: int) -> QuerySet[OperationRun]:
    rows = OperationRun.objects.filter(machine=machine, state__in=AT_WORK).exclude(operation_id=operation_id)
    return rows.order_by("pk")


def _make_room(run: OperationRun | None, after: Progress, event: FloorEvent, kind: str, machine: Machine) -> Progress:
    """A machine runs one job: the one that began later has paused the other, also when it has ended since. The machine
    is locked."""
    if (at := progress.next_begun(machine.pk, event)) is not None:
        return progress.paused_for(run, event, kind, at)
    others = _at_work(machine, event.operation_id).select_for_update(no_key=True, of=("self",))
    for other in others.select_related("machine__work_centre"):
        progress.pause_by_house(other, event.happened_at, f"job:{event.event_id}")
    return after


@transaction.atomic
def end_finished_runs(*, operation_id: int, at: dt.datetime) -> None:
    """Runs of the operation's work order end with their operations when the hub ended these: it was closed short or
    split."""
    erp.lock_operation(operation_id=operation_id)
    work_order_id = WorkOrderOperation.objects.values_list("work_order", flat=True).get(pk=operation_id)
    states.refold_all(machine_ids=_end_what_nothing_reaches(work_order_id, at), since=at)


def _end_what_nothing_reaches(work_order_id: int, at: dt.datetime) -> set[int]:
    """Later runs of the work order end with their operation when ERP finished it: nothing more will come to them.
    Their machines."""
    if not statements.run(_OUTLIVES, [work_order_id]):
        return set()
    runs = OperationRun.objects.select_for_update(no_key=True, of=("self",)).filter(
        operation__work_order_id=work_order_id, operation__finished_at__isnull=False
    )
    left = set()
    for run in runs.exclude(state=State.FINISHED).select_related("operation").order_by("pk"):
        ended_at = _ended_at(run.told_until, run.operation_id, run.operation.finished_at or at)
        progress.write(run.operation_id, run, progress.finished(progress.of(run), ended_at))
        labour.follow_job(operation_id=run.operation_id, at=at)
        left.add(run.machine_id)
        progress.tell(run)
    return left
