"""What people tap at a machine, one deed each: events that are said now, so that a refusal is an answer."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from mes.models import ExecutionEvent, OperationRun
from mes.services import log
from mes.services.events import FloorEvent
from mes.services.runs import NotRunning

Kind = ExecutionEvent.Kind


def set_up(*, event: FloorEvent, now: dt.datetime) -> OperationRun:
    """Begin to set the machine up for an operation; START follows."""
    return _taken(event, Kind.SETUP, now)


def start(*, event: FloorEvent, now: dt.datetime) -> OperationRun:
    """Begin an operation on a machine; ERP releases its work order if that was still firm.

    Raises AlreadyStarted, MachineBusy, MachineIsDown, and what `erp.start_operation` raises.
    """
    return _taken(event, Kind.START, now)


def pause(*, event: FloorEvent, now: dt.datetime) -> OperationRun:
    """Stop the clock of a running operation. Raises NotRunning."""
    return _taken(event, Kind.PAUSE, now)


def resume(*, event: FloorEvent, now: dt.datetime) -> OperationRun:
    """Start the clock again. Raises NotRunning, MachineIsDown or MachineBusy."""
    return _taken(event, Kind.RESUME, now)


def report(*, event: FloorEvent, now: dt.datetime) -> OperationRun:
    """Book good, scrap and rework pieces and the time worked since the last report; stock, cost and ledger move with
    it. When all that is left of the job is in rework, it pauses: the machine is free for other work.

    Raises NotRunning, and what `erp.report_operation` raises (over_report with what remains).
    """
    return _taken(event, Kind.REPORT, now)


def finish(*, event: FloorEvent, now: dt.datetime) -> OperationRun:
    """Report the last pieces (or none) and end the operation, though fewer were made than planned."""
    return _taken(event, Kind.FINISH, now)


def tell_of_person(*, event: FloorEvent, kind: str, now: dt.datetime) -> None:
    """Somebody comes, goes, takes a break, joins a job or leaves it, now. Raises AlreadyClockedIn, NothingToEnd,
    WorksElsewhere, SkillMissing, WrongTime, ReusedEventId."""
    log.take(event=replace(event, kind=kind), now=now)


def _taken(event: FloorEvent, kind: str, now: dt.datetime) -> OperationRun:
    answer = log.take(event=replace(event, kind=kind), now=now)
    if answer.run is None:
        raise NotRunning("This event was taken back; the operation is not begun.", state="planned")
    return answer.run
