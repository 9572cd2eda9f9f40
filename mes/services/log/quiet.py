"""Events that move nothing (notes and the like), many at once: one lock of the device, one look, one insert."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction

from masterdata import inserts, statements
from masterdata.errors import Refusal
from masterdata.models import ReasonCode
from mes.models import Device, ExecutionEvent
from mes.services import events
from mes.services.events import FloorEvent
from mes.services.log.doing import APPLIED, Answer
from mes.services.log.handlers import HANDLERS
from mes.services.progress import KINDS

_LOCK = "SELECT told_seq FROM mes_device WHERE id = %s FOR NO KEY UPDATE"
_KNOWN = "SELECT 1 FROM mes_executionevent WHERE id = ANY(%s::uuid[]) LIMIT 1"
_WAITING = """
    SELECT 1 FROM mes_executionevent e JOIN mes_quarantine q ON q.event_id = e.id
    WHERE e.device_id = %s AND e.device_seq > %s AND q.state = 'open' AND q.code = 'waits_for_earlier' LIMIT 1
"""
_TOLD = "UPDATE mes_device SET told_seq = %s WHERE id = %s"


def is_quiet(event: FloorEvent) -> bool:
    """Whether nothing follows from the event but that it is known."""
    return event.device_seq is not None and event.kind not in (*KINDS, ExecutionEvent.Kind.CORRECTION, *HANDLERS)


@transaction.atomic
def take_quiet(device: Device, said: Sequence[FloorEvent], now: dt.datetime) -> list[Answer] | None:
    """Keep them together when they are what they nearly always are: new, in turn, with a clock that can be. None, and
    nothing is done, when one of them needs a closer look."""
    if not are_next(device, said) or not _can_be(said, now):
        return None
    inserts.insert([events.row_of(event, event.kind, events.print_of(event, event.kind)) for event in said])
    statements.run(_TOLD, [said[-1].device_seq, device.pk])
    return [Answer(APPLIED)] * len(said)


def are_next(device: Device, said: Sequence[FloorEvent]) -> bool:
    """Whether these are new and the very next that the device had to say, with nothing waiting for its turn behind
    them. Locks the device."""
    (told_seq,) = statements.run(_LOCK, [device.pk])[0]
    numbers = [event.device_seq for event in said]
    ids = {str(event.event_id) for event in said}
    if numbers != list(range(told_seq + 1, told_seq + 1 + len(said))) or len(ids) < len(said):
        return False
    known, waiting = statements.together(
        (_KNOWN, [statements.array(ids)]), (_WAITING, [device.pk, told_seq + len(said)])
    )
    return not (known or waiting)


def _can_be(said: Sequence[FloorEvent], now: dt.datetime) -> bool:
    reasons = {event.reason_id for event in said if event.reason_id}
    if reasons and ReasonCode.objects.filter(pk__in=reasons).count() < len(reasons):
        return False
    try:
        for event in said:
            events.check_clock(event.happened_at, now)
    except Refusal:
        return False
    return True
