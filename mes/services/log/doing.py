"""How an event of any kind is done, kept back, and recognised when it comes again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import IntegrityError, transaction

from masterdata import statements
from masterdata.errors import Refusal
from mes.models import ExecutionEvent, OperationRun
from mes.services import events, labour, runs
from mes.services.events import FloorEvent
from mes.services.log import correcting, quarantine
from mes.services.log.handlers import AFTER_RUN, HANDLERS
from mes.services.progress import KINDS

Kind = ExecutionEvent.Kind
APPLIED, REPLAY, QUARANTINED, REJECTED = "applied", "replay", "quarantined", "rejected"

_FIRST = """
    SELECT e.fingerprint, q.state, q.code, q.sentence FROM mes_executionevent e
    LEFT JOIN mes_quarantine q ON q.event_id = e.id WHERE e.id = %s::uuid
"""


class NoSubject(Refusal):
    """An event without what its kind is about."""

    code = "no_subject"


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of an event. `sentence` and `values` are a refusal's; `run` is the operation's, when it has one."""

    status: str
    code: str = ""
    sentence: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    run: OperationRun | None = None


def do(event: FloorEvent, now: dt.datetime, *, is_late: bool) -> tuple[OperationRun | None, bool]:
    """What the event says, in the caller's transaction; the run, and whether it was done before."""
    event = replace(event, is_late=is_late)
    if is_late:
        labour.hold_hours_of(event)
    if event.kind in KINDS:
        return _of_run(event, now)
    if event.kind == Kind.CORRECTION:
        return correcting.take_correction(event, now), False
    if not event.is_kept:
        events.check_clock(event.happened_at, now)
        events.keep(event, event.kind, events.print_of(event, event.kind))
    if (handler := HANDLERS.get(event.kind)) is not None:
        handler(event, now)
    return None, False


def _of_run(event: FloorEvent, now: dt.datetime) -> tuple[OperationRun | None, bool]:
    if not (event.operation_id and event.machine_id):
        raise NoSubject("Say which operation and which machine this is about.", field="operation")
    run, was_done = runs.take(event=event, kind=event.kind, now=now, is_late=event.is_late)
    if not was_done:
        for follow in AFTER_RUN:
            follow(event, now)
    return run, was_done


def keep_back(event: FloorEvent, refusal: Refusal, now: dt.datetime) -> Answer:
    """Write the event with its quarantine: nothing that was said on the floor is lost."""
    try:
        with transaction.atomic():
            quarantine.hold(event, refusal, now)
    except IntegrityError:
        if (first := first_answer(event)) is None:
            raise
        return first
    return Answer(QUARANTINED, refusal.code, refusal.sentence)


def first_answer(event: FloorEvent) -> Answer | None:
    """The answer that the id got before; None when it is new. Raises ReusedEventId."""
    found = statements.run(_FIRST, [str(event.event_id)])
    if not found:
        return None
    print_, state, code, sentence = found[0]
    if print_ != events.print_of(event, event.kind):
        raise events.reused(event.event_id)
    if state == "open" and code != quarantine.WAITS:
        return Answer(QUARANTINED, code, sentence)
    run = OperationRun.objects.select_related("machine").filter(operation_id=event.operation_id or None).first()
    return Answer(REPLAY, run=run)
