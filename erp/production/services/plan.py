"""Taking over a published plan: planned dates of operations and work orders, expected dates of order lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction

from erp.production.placement import Placement
from masterdata import live

# Two plans at once wait for each other on the plant's row; an older one then finds the newer one's number.
_LOCK_PLANT = "SELECT id FROM masterdata_plant WHERE id = %s FOR NO KEY UPDATE"
_NEWEST = """
    SELECT max(o.plan_no) FROM erp_workorderoperation o JOIN erp_workorder w ON w.id = o.work_order_id
    WHERE w.plant_id = %s
"""
_CHANGED = """
    SELECT o.id, w.id, l.order_id
    FROM unnest(%s::bigint[], %s::bigint[], %s::timestamptz[], %s::timestamptz[]) AS p(id, machine, starts, ends)
    JOIN erp_workorderoperation o ON o.id = p.id
    JOIN erp_workorder w ON w.id = o.work_order_id AND w.plant_id = %s
    LEFT JOIN erp_salesorderline l ON l.id = w.sales_order_line_id
    WHERE o.finished_at IS NULL AND (o.plan_no IS NULL
        OR (o.planned_machine_id, o.planned_start_at, o.planned_end_at) IS DISTINCT FROM (p.machine, p.starts, p.ends))
"""
_LOCK_ORDERS = "SELECT id FROM erp_salesorder WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
_LOCK_WORK_ORDERS = "SELECT id FROM erp_workorder WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
_WRITE_OPERATIONS = """
    UPDATE erp_workorderoperation o
    SET planned_machine_id = p.machine, planned_start_at = p.starts, planned_end_at = p.ends, plan_no = %s
    FROM unnest(%s::bigint[], %s::bigint[], %s::timestamptz[], %s::timestamptz[]) AS p(id, machine, starts, ends)
    WHERE o.id = p.id AND o.id = ANY(%s)
"""
_WRITE_WORK_ORDERS = """
    UPDATE erp_workorder w SET planned_start_at = x.starts, planned_end_at = x.ends
    FROM (SELECT work_order_id, min(planned_start_at) AS starts, max(planned_end_at) AS ends
          FROM erp_workorderoperation WHERE work_order_id = ANY(%s) GROUP BY 1) x
    WHERE w.id = x.work_order_id AND (w.planned_start_at, w.planned_end_at) IS DISTINCT FROM (x.starts, x.ends)
"""
_WRITE_LINES = """
    UPDATE erp_salesorderline l SET expected_at = x.comes_at
    FROM (SELECT w.sales_order_line_id AS id,
                 CASE WHEN bool_or(w.planned_end_at IS NULL AND w.state IN ('firm', 'released')) THEN NULL ELSE
                     max(w.planned_end_at) FILTER (WHERE position('.' IN w.path) = 0)
                         + make_interval(mins => p.transport_min) END AS comes_at
          FROM erp_workorder w JOIN masterdata_plant p ON p.id = w.plant_id
          WHERE w.sales_order_line_id IN (SELECT sales_order_line_id FROM erp_workorder WHERE id = ANY(%s))
            AND w.state <> 'cancelled' AND NOT w.is_rework
          GROUP BY 1, p.transport_min) x
    WHERE l.id = x.id AND l.expected_at IS DISTINCT FROM x.comes_at
"""
_MARK = """
    UPDATE erp_workorderoperation SET plan_no = %s
    WHERE id = (SELECT o.id FROM erp_workorderoperation o JOIN erp_workorder w ON w.id = o.work_order_id
                WHERE w.plant_id = %s AND w.state IN ('firm', 'released') AND o.finished_at IS NULL
                    AND o.plan_no IS NOT NULL
                ORDER BY o.plan_no DESC, o.id LIMIT 1)
"""


def hold_plan_dates(*, plant_id: int) -> None:
    """Lock what `apply_plan` locks first, for a deed that locks orders before it applies a plan of its own."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_PLANT, [plant_id])


@transaction.atomic
def apply_plan(*, plant_id: int, plan_no: int, placements: Sequence[Placement]) -> int:
    """Write what the plan changes; how many operations moved. The same plan again, or an older one, changes nothing.

    Set-based, only changed rows; `placements` may be those alone that differ from the last plan taken over. A line's
    `expected_at` is the planned end of its product's work orders plus transport; it is open while the plan does not
    know some of the line's work (pieces that are made again).
    Locks the plant's row, then the sales orders, work orders and operations that move.
    """
    columns: list[list[Any]] = [
        [item.operation_id for item in placements],
        [item.machine_id for item in placements],
        [item.starts_at for item in placements],
        [item.ends_at for item in placements],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_PLANT, [plant_id])
        cursor.execute(_NEWEST, [plant_id])
        newest = cursor.fetchone()[0] or 0
        if newest > plan_no:
            return 0
        cursor.execute(_CHANGED, [*columns, plant_id])
        changed = cursor.fetchall()
        if not changed:
            if newest < plan_no:
                cursor.execute(_MARK, [plan_no, plant_id])
            return 0
        operations, work_orders = [row[0] for row in changed], sorted({row[1] for row in changed})
        cursor.execute(_LOCK_ORDERS, [sorted({row[2] for row in changed if row[2]})])
        cursor.execute(_LOCK_WORK_ORDERS, [work_orders])
        cursor.execute(_WRITE_OPERATIONS, [plan_no, *columns, operations])
        cursor.execute(_WRITE_WORK_ORDERS, [work_orders])
        cursor.execute(_WRITE_LINES, [work_orders])
    live.publish("dates", plant_id, plan_no, plant_id=plant_id)
    return len(changed)
