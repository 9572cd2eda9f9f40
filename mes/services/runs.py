"""Operation runs: start, pause, resume, report, finish.

Each deed locks in the house's order (sales order, work order and operation by ERP; then the run), so two tablets on one
operation queue up instead of deadlocking. Times are `happened_at` as the tablet says, `now` as the server received it.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.db import transaction

from erp import services as erp
from erp.models import WorkOrderOperation
from masterdata import live, statements
from masterdata.errors import Refusal
from masterdata.models import Machine
from mes.models import Downtime, ExecutionEvent, MachineState, OperationRun
from mes.services import events, states
from mes.services.events import FloorEvent as FloorEvent

# A run that goes on though its operation has ended; a machine that is down or has a job.
_OUTLIVES = """
    SELECT 1 FROM erp_workorderoperation o JOIN mes_operationrun r ON r.operation_id = o.id
    WHERE o.work_order_id = %s AND o.finished_at IS NOT NULL AND r.state <> 'finished' LIMIT 1
"""
_IS_TAKEN = """
    SELECT EXISTS (SELECT 1 FROM mes_downtime WHERE machine_id = %s AND until_at IS NULL)
        OR EXISTS (SELECT 1 FROM mes_operationrun WHERE machine_id = %s AND state = 'running')
"""
Kind = ExecutionEvent.Kind
State = OperationRun.State


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
def start(*, event: FloorEvent, now: dt.datetime) -> OperationRun:
    """Begin an operation on a machine; ERP releases its work order if that was still firm.

    Raises AlreadyStarted, MachineBusy, MachineIsDown, and what `erp.start_operation` raises.
    """
    print_ = events.print_of(event, Kind.START)
    _lock(event.operation_id)
    if events.already_done(event.event_id, print_):
        return OperationRun.objects.get(operation_id=event.operation_id)
    events.check_clock(event.happened_at, now)
    machine = Machine.objects.select_for_update(no_key=True).order_by("pk").get(pk=event.machine_id)
    _refuse_start(event, machine)
    erp.start_operation(operation_id=event.operation_id, machine_id=event.machine_id, now=event.happened_at)
    run = OperationRun.objects.create(
        operation_id=event.operation_id,
        machine_id=event.machine_id,
        operator_id=event.operator_id,
        started_at=event.happened_at,
        resumed_at=event.happened_at,
    )
    events.keep(event, Kind.START, print_)
    states.enter(machine_id=machine.pk, state=MachineState.State.PRODUCING, at=event.happened_at)
    _tell(run)
    return run


@transaction.atomic
def pause(*, event: FloorEvent, now: dt.datetime) -> OperationRun:
    """Stop the clock of a running operation."""
    run, done = _take(event, Kind.PAUSE, now)
    if done:
        return run
    if run.state != State.RUNNING:
        raise NotRunning("This operation is not running, so there is nothing to pause.", state=run.state)
    _stop_clock(run, event.happened_at)
    run.state = State.PAUSED
    run.pause_reason_id = event.reason_id
    run.save()
    states.enter(machine_id=run.machine_id, state=MachineState.State.STOPPED, at=event.happened_at)
    _tell(run)
    return run


@transaction.atomic
def resume(*, event: FloorEvent, now: dt.datetime) -> OperationRun:
    """Start the clock again. Raises MachineIsDown or MachineBusy."""
    run, done = _take(event, Kind.RESUME, now, machine_too=True)
    if done:
        return run
    if run.state != State.PAUSED:
        raise NotRunning("This operation is not paused, so it cannot go on.", state=run.state)
    _refuse_machine(run.machine)
    run.state, run.resumed_at, run.pause_reason = State.RUNNING, event.happened_at, None
    run.save()
    states.enter(machine_id=run.machine_id, state=MachineState.State.PRODUCING, at=event.happened_at)
    _tell(run)
    return run


@transaction.atomic
def report(*, event: FloorEvent, now: dt.datetime, finish_it: bool = False) -> OperationRun:
    """Book good, scrap and rework pieces and the time worked since the last report; stock, cost and ledger move with
    it. When all that is left of the job is in rework, it pauses: the machine is free for other work.

    Raises NotRunning, and what `erp.report_operation` raises (over_report with what remains).
    """
    kind = Kind.FINISH if finish_it else Kind.REPORT
    run, done = _take(event, kind, now)
    if done:
        return run
    if run.state == State.FINISHED:
        raise NotRunning("This operation is finished. A correction is a new event by the shift lead.", state=run.state)
    if not finish_it and event.good_qty + event.scrap_qty + event.rework_qty <= 0:
        raise Refusal(
            "Report at least one good or scrapped piece, or one to rework, or tick “That was all: finish this job”.",
            field="good_qty",
        )
    events.check_scrap(event.scrap_qty, event.reason_id)
    if run.state == State.RUNNING:
        _stop_clock(run, event.happened_at)
        run.resumed_at = event.happened_at
    worked_min = (Decimal(run.unbooked_sec) / 60).quantize(Decimal("0.001"))
    outcome = erp.report_operation(
        operation_id=event.operation_id,
        machine_id=run.machine_id,
        good_qty=event.good_qty,
        scrap_qty=event.scrap_qty,
        worked_min=worked_min,
        now=event.happened_at,
        finish=finish_it,
        scrap_reason_id=event.reason_id if event.scrap_qty else None,
        lot_number=event.lot_number,
        worker_id=event.operator_id,
        rework_qty=event.rework_qty,
    )
    run.unbooked_sec = 0
    run.good_qty += event.good_qty
    run.scrap_qty += event.scrap_qty
    run.rework_qty += event.rework_qty
    was = run.state
    _follow(run, outcome, event.happened_at)
    run.save()
    if run.state != was:
        _leave_machine(run, event.happened_at)
    _end_what_nothing_reaches(outcome.work_order_id, event.happened_at)
    events.keep(event, kind, events.print_of(event, kind))
    _tell(run)
    return run


def _follow(run: OperationRun, outcome: erp.Report, at: dt.datetime) -> None:
    """The run ends with its operation, and pauses while all that is left of it is in rework."""
    if outcome.is_finished:
        run.state, run.finished_at, run.resumed_at = State.FINISHED, at, None
    elif run.state == State.RUNNING and outcome.in_rework_qty and outcome.is_all_reported:
        run.state, run.resumed_at = State.PAUSED, None


def finish(*, event: FloorEvent, now: dt.datetime) -> OperationRun:
    """Report the last pieces (or none) and end the operation, though fewer were made than planned."""
    return report(event=event, now=now, finish_it=True)


@transaction.atomic
def end_finished_runs(*, operation_id: int, at: dt.datetime) -> None:
    """Runs of the operation's work order end with their operations when the hub ended these: it was closed short or
    split."""
    _lock(operation_id)
    _end_what_nothing_reaches(WorkOrderOperation.objects.values_list("work_order", flat=True).get(pk=operation_id), at)


def _end_what_nothing_reaches(work_order_id: int, at: dt.datetime) -> None:
    """Later runs of the work order end with their operation when ERP finished it: nothing more will come to them."""
    if not statements.run(_OUTLIVES, [work_order_id]):
        return
    runs = OperationRun.objects.select_for_update(no_key=True, of=("self",)).filter(
        operation__work_order_id=work_order_id, operation__finished_at__isnull=False
    )
    for run in runs.exclude(state=State.FINISHED).order_by("pk"):
        run.state, run.finished_at, run.resumed_at = State.FINISHED, at, None
        run.save(update_fields=["state", "finished_at", "resumed_at"])
        _leave_machine(run, at)
        _tell(run)


def _leave_machine(run: OperationRun, at: dt.datetime) -> None:
    """The machine is idle, unless it is down or another job runs on it by now."""
    if not statements.run(_IS_TAKEN, [run.machine_id, run.machine_id])[0][0]:
        states.enter(machine_id=run.machine_id, state=MachineState.State.IDLE, at=at)


def _take(event: FloorEvent, kind: str, now: dt.datetime, *, machine_too: bool = False) -> tuple[OperationRun, bool]:
    """The locked run, and whether this event was done before. Pauses and resumes are kept here, reports after booking.

    Locks order, work order and operation, then (`machine_too`) the machine, then the run: as a downtime locks them.
    """
    print_ = events.print_of(event, kind)
    _lock(event.operation_id)
    if machine_too:
        Machine.objects.select_for_update(no_key=True).order_by("pk").filter(
            runs__operation_id=event.operation_id
        ).first()
    run = (
        OperationRun.objects.select_for_update(no_key=True, of=("self",))
        .select_related("machine")
        .filter(operation_id=event.operation_id)
        .order_by("pk")
        .first()
    )
    if run is None:
        raise NotRunning("This operation was not started yet. Press Start first.", state="planned")
    if events.already_done(event.event_id, print_):
        return run, True
    events.check_clock(event.happened_at, now)
    if run.resumed_at and event.happened_at < run.resumed_at:
        raise events.WrongTime(
            "The event is older than the last one of this operation. Check the device's clock and send it again.",
            happened_at=event.happened_at.isoformat(),
        )
    if kind in (Kind.PAUSE, Kind.RESUME):
        events.keep(event, kind, print_)
    return run, False


def _lock(operation_id: int) -> None:
    erp.lock_operation(operation_id=operation_id)


def _refuse_start(event: FloorEvent, machine: Machine) -> None:
    run = OperationRun.objects.filter(operation_id=event.operation_id).select_related("machine").first()
    if run is not None:
        raise AlreadyStarted(f"This operation was already started on {run.machine.code}.", state=run.state)
    _refuse_machine(machine)


def _refuse_machine(machine: Machine) -> None:
    if Downtime.objects.filter(machine=machine, until_at__isnull=True).exists():
        raise MachineIsDown(
            f"{machine.code} is down. Report it as running again first, or choose another machine.",
            machine=machine.code,
        )
    other = (
        OperationRun.objects.filter(machine=machine, state=State.RUNNING)
        .select_related("operation__work_order")
        .first()
    )
    if other is not None:
        number = other.operation.work_order.number
        raise MachineBusy(
            f"{machine.code} still runs {number}, {other.operation.name}. Pause or finish that first.",
            work_order=number,
        )


def _stop_clock(run: OperationRun, at: dt.datetime) -> None:
    if run.resumed_at:
        run.unbooked_sec += max(0, int((at - run.resumed_at).total_seconds()))
    run.resumed_at = None


def _tell(run: OperationRun) -> None:
    live.publish("dispatch", run.machine_id)
    live.publish("operation", run.operation_id)
