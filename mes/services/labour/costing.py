"""People's minutes as cost: with each report what was worked until then, later what came out differently.

What is booked follows from a total: a person's share at an operation until its newest report, less what was booked. So
any order of arrival ends in the same cost, and what is put right later books the difference alone.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from erp import selectors as erp_now
from erp import services as erp
from masterdata import statements
from masterdata.numbers import ZERO, allocate
from mes.labour import Booking
from mes.models import LabourBooking, OperationRun
from mes.services.events import FloorEvent
from mes.services.labour.reading import COUNTS

MINUTE = Decimal("0.001")
NEVER = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
PIECE = 3  # decimals of a person's share of the pieces
_NEWEST = f"""
    SELECT max(e.corrected_at) FROM mes_executionevent e LEFT JOIN mes_quarantine q ON q.event_id = e.id
    WHERE e.operation_id = %s AND e.kind IN ('report', 'finish') AND {COUNTS}
"""  # noqa: S608 (our own words)
_BOOKINGS = """
    SELECT person_id, machine_id, lane, since_at, until_at, tended, place FROM mes_labourbooking
    WHERE operation_id = %s ORDER BY person_id, since_at
"""


def labour_of_report(*, operation_id: int, at: dt.datetime, good_qty: Decimal) -> list[erp.Labour] | None:
    """What people have worked at the operation and no report has booked yet, until `at` or its newest report, with
    their part of the good pieces (`good_qty`: all of the operation's, this report's with them).

    None when nobody ever joined it: then nobody says who worked. Call while holding the operation.
    """
    found, rows = statements.together((_NEWEST, [operation_id]), (_BOOKINGS, [operation_id]))
    newest = found[0][0]
    return _open(operation_id, rows, max(at, newest) if newest else at, good_qty)


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
        rows = statements.run(_BOOKINGS, [operation_id])
        labour = _open(operation_id, rows, newest or NEVER, run.good_qty if run else ZERO)
        if labour:
            erp.book_labour(operation_id=operation_id, labour=labour, now=now)


def newest_report(operation_id: int) -> dt.datetime | None:
    """When the operation was reported last, as far as it counts."""
    newest: dt.datetime | None = statements.run(_NEWEST, [operation_id])[0][0]
    return newest


def _shares(rows: Iterable[tuple[Any, ...]], operation_id: int, horizon: dt.datetime) -> dict[int, int]:
    """Milliseconds of each person at the operation until then."""
    found: dict[int, int] = defaultdict(int)
    for person_id, *booking in rows:
        found[person_id] += Booking(operation_id, *booking).worked_ms(horizon)
    return dict(found)


def _open(
    operation_id: int, rows: Sequence[tuple[Any, ...]], horizon: dt.datetime, good_qty: Decimal
) -> list[erp.Labour] | None:
    worked = _shares(rows, operation_id, horizon)
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
