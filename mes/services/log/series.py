"""Reports of one job that a device had kept, many at once: one lock and one look at what they share, each booked by
itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import OperationalError, transaction

from masterdata import facts, inserts, live, statements
from masterdata.errors import Refusal
from mes.models import Device, ExecutionEvent
from mes.services import labour, runs, tracing
from mes.services.events import FloorEvent
from mes.services.locked_job import LockedJob, lock_job
from mes.services.log import deciding, doing
from mes.services.log.doing import APPLIED, Answer
from mes.services.log.handlers import AFTER_RUN
from mes.services.log.quiet import are_next

MOST = 20
"""Reports in one transaction: the job, its order and its materials are locked that long, about a fifth of a second."""


def belongs(event: FloorEvent) -> bool:
    """Whether the event is a report of good pieces and nothing beside, on a job that is named."""
    return (
        event.kind == ExecutionEvent.Kind.REPORT
        and bool(event.device_seq and event.operation_id and event.machine_id)
        and not (event.scrap_qty or event.rework_qty or event.lot_number or event.payload)
    )


def take_reports(device: Device, said: Sequence[FloorEvent], now: dt.datetime) -> list[Answer] | None:
    """Do them when they are what they nearly always are: new, in turn, of a job that has begun. None, and nothing is
    done, when they need a closer look or somebody else is in the way."""
    try:
        return _take(device, said, now)
    except OperationalError:
        return None


@transaction.atomic
def _take(device: Device, said: Sequence[FloorEvent], now: dt.datetime) -> list[Answer] | None:
    """Locks the device, then as late reports do."""
    if not are_next(device, said):
        return None
    last = said[-1]
    labour.hold_hours(
        person_ids={event.operator_id for event in said if event.operator_id},
        operation_id=last.operation_id,
        at=min(event.happened_at for event in said),
    )
    job = lock_job(last.operation_id)
    if job.run is None:
        return None
    answers = []
    with facts.waking_once(), live.gathering(), inserts.ids_ahead(len(said)):
        for event in said:
            try:
                with transaction.atomic():
                    _report(event, now, job)
                answers.append(Answer(APPLIED))
            except Refusal as refusal:
                answers.append(doing.keep_back(event, refusal, now))
                job = lock_job(last.operation_id)
    tracing.moves_are_of(None)
    deciding.try_again(last, now)
    statements.run("UPDATE mes_device SET told_seq = %s WHERE id = %s", [last.device_seq, device.pk])
    return answers


def _report(event: FloorEvent, now: dt.datetime, job: LockedJob) -> None:
    runs.report_next(event=event, now=now, job=job)
    assert job.run is not None
    if job.run.state not in runs.AT_WORK:
        for follow in AFTER_RUN:
            follow(event, now)
