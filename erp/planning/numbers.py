"""Numbers of the work orders that a run writes: taken when it is done, as its last lock."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db import connection

from masterdata.models import Plant
from masterdata.numbering import next_numbers
from masterdata.statements import columns

_STILL_THERE = "SELECT id FROM erp_workorder WHERE id = ANY(%s) ORDER BY id"
_NUMBERS = """
    UPDATE erp_workorder w SET number = n.number FROM unnest(%s::bigint[], %s::text[]) AS n(id, number)
    WHERE w.id = n.id
"""


def number_work(*, plant: Plant, work_order_ids: Collection[int], now: dt.datetime) -> None:
    """Numbers for the work orders that a run has written and not taken back. Takes the series, its last lock."""
    with connection.cursor() as cursor:
        cursor.execute(_STILL_THERE, [sorted(work_order_ids)])
        ids = [row[0] for row in cursor.fetchall()]
        if ids:
            numbers = next_numbers(company=plant.company, kind="WO", year=now.year, count=len(ids))
            cursor.execute(_NUMBERS, columns(zip(ids, numbers, strict=True)))
