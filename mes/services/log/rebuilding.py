"""The log folded again from its first event, compared with what the projections say; put right where that is asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import transaction

from erp import services as erp
from masterdata import statements
from mes.fold import Progress
from mes.services import labour, progress
from mes.services.log import checks


@dataclass(frozen=True, slots=True)
class Difference:
    """What a projection says, and what its events say."""

    projection: str
    subject: str
    is_now: str
    should_be: str


Rebuilder = Callable[[Sequence[int], bool], list[Difference]]
_OPERATIONS = """
    SELECT DISTINCT o.id FROM erp_workorderoperation o JOIN erp_workorder w ON w.id = o.work_order_id
    WHERE w.plant_id = ANY(%s) AND (EXISTS (SELECT 1 FROM mes_executionevent e WHERE e.operation_id = o.id
                                            AND e.kind IN ('setup', 'start', 'report', 'finish'))
                                    OR EXISTS (SELECT 1 FROM mes_operationrun r WHERE r.operation_id = o.id))
    ORDER BY o.id
"""


def rebuild(*, plant_ids: Sequence[int], fix: bool = False) -> list[Difference]:
    """Fold every projection of the plants again. `fix` writes what differs; money and stock are never touched."""
    return [one for rebuilder in REBUILDERS.values() for one in rebuilder(plant_ids, fix)]


def rebuild_runs(plant_ids: Sequence[int], fix: bool) -> list[Difference]:
    """Operation runs, each under its operation's lock."""
    found = []
    for (operation_id,) in statements.run(_OPERATIONS, [statements.array(plant_ids)]):
        with transaction.atomic():
            erp.lock_operation(operation_id=operation_id)
            run = progress.locked(operation_id)
            should = progress.again(operation_id, run)
            if _said(progress.of(run)) == _said(should):
                continue
            subject = f"operation {operation_id}"
            found.append(Difference("operation runs", subject, _words(progress.of(run)), _words(should)))
            if fix:
                progress.write(operation_id, run, should)
    return found


def rebuild_checks(plant_ids: Sequence[int], fix: bool) -> list[Difference]:
    """Results of checks that tablets sent."""
    return [Difference("checks", *one) for one in checks.wrong_checks(plant_ids, fix)]


def _said(one: Progress) -> tuple[object, ...]:
    """What of a run is the fold of its events."""
    return (
        *(one.state, one.machine_id, one.started_at, one.finished_at, one.resumed_at, one.worked_sec),
        *(one.bookable_sec, one.good_qty, one.scrap_qty, one.rework_qty, one.pause_reason_id),
    )


def _words(one: Progress) -> str:
    if not one.state:
        return "not begun"
    pieces = f"{one.good_qty:f} good, {one.scrap_qty:f} scrap, {one.rework_qty:f} to rework"
    return (
        f"{one.state}, {pieces}, {one.worked_sec} s worked, {one.bookable_sec} s booked, since {_when(one.started_at)}"
    )


def _when(at: dt.datetime | None) -> str:
    return at.isoformat() if at else "never"


def rebuild_hours(plant_ids: Sequence[int], fix: bool) -> list[Difference]:
    """Attendances and bookings of the plants' people, each under the person's lock."""
    return [Difference("hours", *one) for one in labour.rebuild_hours(plant_ids, fix)]


REBUILDERS: dict[str, Rebuilder] = {
    "operation runs": rebuild_runs,
    "hours": rebuild_hours,
    "checks": rebuild_checks,
}
