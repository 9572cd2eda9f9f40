"""Checks folded again: each check of the log that counts has its result, and none that does not count any more."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence

from django.db import transaction

from masterdata import statements
from mes.models import CheckResult, ExecutionEvent
from mes.services import check_events
from mes.services.log.quarantine import event_of
from mes.services.progress import COUNTS

_WRONG = f"""
    SELECT e.id, r.id, {COUNTS} AS counts FROM mes_executionevent e LEFT JOIN mes_checkresult r ON r.event_id = e.id
    WHERE e.kind = 'check' AND e.plant_id = ANY(%s) AND {COUNTS} <> (r.id IS NOT NULL AND NOT coalesce(r.is_void, true))
    ORDER BY e.corrected_at, e.device_seq, e.id
"""  # noqa: S608 (our own words)


def wrong_checks(plant_ids: Sequence[int], fix: bool) -> list[tuple[str, str, str]]:
    """What is wrong, what is, what should be; `fix` records, voids or lets count again what differs."""
    found = []
    for event_id, result_id, counts in statements.run(_WRONG, [statements.array(plant_ids)]):
        is_now = "not recorded" if result_id is None else "void" if counts else "counts"
        found.append((f"check {event_id}", is_now, "counts" if counts else "void"))
        if fix:
            _put_right(event_id, result_id, counts=counts)
    return found


@transaction.atomic
def _put_right(event_id: uuid.UUID, result_id: int | None, *, counts: bool) -> None:
    event = ExecutionEvent.objects.get(pk=event_id)
    if not counts:
        check_events.undo_check(event_of(event), event.received_at)
    elif result_id is None:
        check_events.take_check(event_of(event), dt.datetime.now(dt.UTC))
    else:
        CheckResult.objects.filter(pk=result_id).update(is_void=False)
