"""People's minutes as cost: with each report what was worked until then, later what came out differently.

What is booked follows from a total: a person's share at an operation until its newest report, less what was booked. So
any order of arrival ends in the same cost, and what is put right later books the difference alone.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import Max, Q

from erp import selectors as erp_now
from erp import services as erp
from masterdata.numbers import ZERO, allocate
from mes.labour import Booking
from mes.models import ExecutionEvent, LabourBooking, OperationRun
from mes.services.events import FloorEvent

MINUTE = Decimal("0.001")
NEVER = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
PIECE = 3  # decimals of a person's share of the pieces


def labour_of_report(*, operation_id: int, at: dt.datetime, good_qty: Decimal) -> list[erp.Labour] | None:
    """What people have worked at the operation and no report has booked yet, until `at` or its newest report, with
    their part of the good pieces (`good_qty`: all of the operation's, this report's with them).

    None when nobody ever joined it: then nobody says who worked. Call while holding the operation.
    """
    newest = newest_report(operation_id)
    return _open(operation_id, max(at, newest) if newest else at, good_qty)


def is_told(event: FloorEvent) -> bool:
    """Whether somebody says who works at the event's operation: then the machine's minutes are not the people's."""
    if event.operator_id is not None and event.kind in ("setup", "start", "resume"):
        return True
    return LabourBooking.objects.filter(operation_id=event.operation_id).exists()


def settle_cost(*, operation_ids: Collection[int], since: dt.datetime | None, now: dt.datetime) -> None:
    """Book what changed behind reports that are made: hours that came late or were put right.

    Only operations with a report after `since` have any; None: look at all of them. Locks each with its orders.
    """
    for operation_id in sorted(operation_ids):
        newest = newest_report(operation_id)
        if since is not None and (newest is None or newest <= since):
            continue
        erp.lock_operation(operation_id=operation_id)
        run = OperationRun.objects.filter(operation_id=operation_id).first()
        labour = _open(operation_id, newest or NEVER, run.good_qty if run else ZERO)
        if labour:
            erp.book_labour(operation_id=operation_id, labour=labour, now=now)


def newest_report(operation_id: int) -> dt.datetime | None:
    """When the operation was reported last, as far as it counts."""
    rows = ExecutionEvent.objects.filter(operation_id=operation_id, kind__in=("report", "finish"), corrected_by=None)
    rows = rows.filter(Q(quarantine=None) | Q(quarantine__state="accepted"))
    newest: dt.datetime | None = rows.aggregate(at=Max("corrected_at"))["at"]
    return newest


def shares(operation_id: int, horizon: dt.datetime) -> dict[int, int]:
    """Milliseconds of each person at the operation until then."""
    found: dict[int, int] = defaultdict(int)
    for row in LabourBooking.objects.filter(operation_id=operation_id).order_by("person_id"):
        one = Booking(*(row.operation_id, row.machine_id, row.lane, row.since_at, row.until_at, row.tended, row.place))
        found[row.person_id] += one.worked_ms(horizon)
    return dict(found)


def _open(operation_id: int, horizon: dt.datetime, good_qty: Decimal) -> list[erp.Labour] | None:
    worked = shares(operation_id, horizon)
    booked = erp_now.booked_labour(operation_id)
    if not worked and not booked:
        return None
    people = sorted(worked.keys() | booked.keys())
    weights = [Decimal(worked.get(one, 0)) for one in people]
    pieces = allocate(good_qty, weights, PIECE) if any(weights) else [ZERO] * len(people)
    found = []
    for person_id, milliseconds, share in zip(people, weights, pieces, strict=True):
        minutes_done, pieces_done = booked.get(person_id, (ZERO, ZERO))
        minutes = (milliseconds / 60000).quantize(MINUTE, ROUND_HALF_UP) - minutes_done
        part = share - pieces_done
        if minutes or part:
            found.append(erp.Labour(person_id, minutes, part))
    return found
