"""Operations whose hours an event may change, held before the person: production first, in the house's order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from erp import services as erp
from masterdata import statements
from mes.services.events import FloorEvent
from mes.services.labour.reading import ENDS, PERSONAL

MOVES_PEOPLE = frozenset((*PERSONAL, *ENDS, "report"))
"""Kinds after which people's hours may be others, at operations beside their own."""
# Bookings that ended before the moment can't change; what was told since may become one.
_TOUCHED = """
    WITH people AS (
        SELECT unnest(%s::bigint[]) AS id
        UNION SELECT person_id FROM mes_labourbooking
        WHERE operation_id = %s AND (until_at IS NULL OR until_at >= %s::timestamptz)
    )
    SELECT b.operation_id FROM mes_labourbooking b JOIN people p ON p.id = b.person_id
    WHERE b.until_at IS NULL OR b.until_at >= %s::timestamptz
    UNION SELECT e.operation_id FROM mes_executionevent e JOIN people p ON p.id = e.operator_id
    WHERE e.operation_id IS NOT NULL AND e.corrected_at >= %s::timestamptz AND e.kind = ANY(%s::text[])
"""


def hold_hours(*, person_ids: Collection[int], operation_id: int | None, at: dt.datetime) -> None:
    """Lock every operation, with its orders, whose hours may change by an event of that time, before anybody is locked.

    Of these people, and of those at the operation then or later. So posts of hours over several operations take them in
    one order, whoever comes first. What is told between this look and the person's lock is locked later: whoever sends
    it again is served. Call before anything else is locked.
    """
    values = [statements.array(sorted(person_ids)), operation_id, at, at, at, statements.array(PERSONAL)]
    touched = {pk for (pk,) in statements.run(_TOUCHED, values)} | ({operation_id} if operation_id else set())
    if touched - {operation_id}:
        erp.lock_operations(operation_ids=touched)


def hold_hours_of(event: FloorEvent) -> None:
    """`hold_hours` for what an event may change, or its undoing; nothing for one that moves nobody."""
    if event.kind in MOVES_PEOPLE:
        people = [event.operator_id] if event.operator_id else []
        hold_hours(person_ids=people, operation_id=event.operation_id or None, at=event.happened_at)
