"""When the bought components of open operations are there."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection

# Needs of open operations that reservations, order stock still to be made and work orders do not cover. Supply stands
# beside production, so its rows are read by table. What planning only proposes counts as not ordered: its dates follow
# the plan, which must not follow them.
_NEEDS = """
    SELECT * FROM (
        SELECT m.id, m.work_order_id, m.operation_sequence, m.material_id,
            m.quantity - m.issued_qty - coalesce(held.quantity, 0) - coalesce(made.quantity, 0) AS missing
        FROM erp_workordermaterial m
        JOIN erp_workorder w ON w.id = m.work_order_id
        LEFT JOIN (
            SELECT r.work_order_material_id AS id, sum(r.quantity) AS quantity
            FROM erp_workorder v
            JOIN erp_workordermaterial n ON n.work_order_id = v.id
            JOIN erp_reservation r ON r.work_order_material_id = n.id
            WHERE v.plant_id = %(plant)s AND v.state IN ('firm', 'released')
            GROUP BY r.work_order_material_id
        ) held ON held.id = m.id
        LEFT JOIN (
            SELECT p.work_order_material_id AS id, sum(p.quantity) AS quantity
            FROM erp_workorder v
            JOIN erp_workordermaterial n ON n.work_order_id = v.id
            JOIN erp_peg p ON p.work_order_material_id = n.id
            JOIN erp_workorder x ON x.id = p.work_order_id
            WHERE v.plant_id = %(plant)s AND v.state IN ('firm', 'released') AND x.state <> 'proposed'
            GROUP BY p.work_order_material_id
        ) made ON made.id = m.id
        WHERE w.plant_id = %(plant)s AND w.state IN ('firm', 'released') AND m.quantity > m.issued_qty
    ) needs
    WHERE missing > 0
    ORDER BY id
"""
_COMING = """
    SELECT p.work_order_material_id, p.quantity - p.received_qty,
        coalesce(l.confirmed_at, l.due_at, n.due_at)
    FROM erp_peg p
    JOIN erp_workordermaterial m ON m.id = p.work_order_material_id
    JOIN erp_workorder w ON w.id = m.work_order_id
    LEFT JOIN erp_purchaseorderline l ON l.id = p.purchase_order_line_id
    LEFT JOIN erp_plannedorder n ON n.id = p.planned_order_id
    WHERE w.plant_id = %s AND w.state IN ('firm', 'released')
        AND p.work_order_id IS NULL AND p.quantity > p.received_qty AND coalesce(n.is_firm, true)
    ORDER BY 3
"""
_LEAD_DAYS = """
    SELECT m.id, coalesce(
        (SELECT min(s.lead_time_days) FROM erp_supplierprice s
         WHERE s.material_id = m.id AND coalesce(s.valid_until, 'infinity') >= %s),
        (SELECT lead_time_days FROM masterdata_materialplant x WHERE x.material_id = m.id AND x.plant_id = %s), 0)
    FROM masterdata_material m WHERE m.id = ANY(%s)
"""


class NeedWait(NamedTuple):
    """`missing` base units of a component that a work order's need still waits for, and when the last of them comes."""

    need_id: int
    work_order_id: int
    sequence: int
    material_id: int
    missing: Decimal
    ready_at: dt.datetime


class Waiting(NamedTuple):
    """What `ready_times` is found from, as read at `now`: needs, what comes for them, days until more could come."""

    now: dt.datetime
    needs: Sequence[tuple[Any, ...]]
    coming: Sequence[tuple[Any, ...]]
    lead_days: Sequence[tuple[Any, ...]]


def ready_times(*, plant_id: int, now: dt.datetime) -> dict[tuple[int, int], dt.datetime]:
    """Per (work order, operation sequence) the moment its last bought component comes; what is all there is left out.

    On order: the supplier's confirmed date, else the due date, but not before `now`. Not on order: today + lead time.
    """
    return times_of(waiting(plant_id, now))


def times_of(found: Waiting) -> dict[tuple[int, int], dt.datetime]:
    """The same of what was read."""
    ready: dict[tuple[int, int], dt.datetime] = {}
    for _need, work_order_id, sequence, _material, _missing, at in _waits(found):
        key = work_order_id, sequence
        if key not in ready or ready[key] < at:
            ready[key] = at
    return ready


def need_waits(*, plant_id: int, now: dt.datetime) -> list[NeedWait]:
    """The same per component of each open work order."""
    return [NeedWait(*one) for one in _waits(waiting(plant_id, now))]


def waiting(plant_id: int, now: dt.datetime) -> Waiting:
    """Read it; three queries whatever the size."""
    with connection.cursor() as cursor:
        cursor.execute(_NEEDS, {"plant": plant_id})
        needs = cursor.fetchall()
        if not needs:
            return Waiting(now, (), (), ())
        cursor.execute(_COMING, [plant_id])
        coming = cursor.fetchall()
        cursor.execute(_LEAD_DAYS, [now.date(), plant_id, sorted({row[3] for row in needs})])
        return Waiting(now, needs, coming, cursor.fetchall())


def _waits(found: Waiting) -> Iterator[tuple[int, int, int, int, Decimal, dt.datetime]]:
    """As NeedWait, plain: there are many."""
    now = found.now
    coming: dict[int, list[tuple[Decimal, dt.datetime]]] = defaultdict(list)
    for need_id, quantity, comes_at in found.coming:
        coming[need_id].append((quantity, comes_at))
    ordered_now = {material_id: now + dt.timedelta(days=days) for material_id, days in found.lead_days}
    for need_id, work_order_id, sequence, material_id, missing in found.needs:
        latest, left = now, missing
        for quantity, comes_at in coming.get(need_id, ()):
            if left <= 0:
                break
            latest = max(latest, comes_at)
            left -= quantity
        if left > 0:
            latest = max(latest, ordered_now[material_id])
        yield need_id, work_order_id, sequence, material_id, missing, latest
