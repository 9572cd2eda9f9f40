"""What an order has of its own parts that nothing of it needs any more."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import Any

from django.db import connection

from erp.production.selectors.yields import YIELD
from erp.supply.sources import Key, OwnWork
from masterdata.numbers import ZERO

_MAKERS = f"""
    SELECT w.id, w.material_id, y.quantity - coalesce((
            SELECT sum(p.quantity) FROM erp_peg p WHERE p.work_order_id = w.id AND NOT p.is_planned), 0),
        y.quantity - w.good_qty
    FROM erp_workorder w
    JOIN erp_salesorderline l ON l.id = w.sales_order_line_id
    JOIN LATERAL ({YIELD}) y ON true
    WHERE l.order_id = %(order)s AND w.plant_id = %(plant)s AND w.material_id = ANY(%(materials)s)
        AND position('.' IN w.path) > 0 AND w.state <> 'cancelled' AND NOT w.is_rework
    ORDER BY w.id
"""  # noqa: S608 (a constant)
# On hand, less what open work orders still take of it (what is pegged for them and not kept elsewhere) and owe.
_THERE = """
    SELECT material_id, sum(quantity) FROM (
        SELECT b.material_id, b.on_hand AS quantity FROM erp_stockbalance b
        JOIN masterdata_location x ON x.id = b.location_id AND x.kind = 'stock'
        WHERE b.sales_order_id = %(order)s AND b.plant_id = %(plant)s
        UNION ALL
        SELECT m.material_id, -greatest(0, least(p.quantity, m.quantity - m.issued_qty - coalesce(kept.quantity, 0)))
        FROM erp_workordermaterial m
        JOIN erp_workorder w ON w.id = m.work_order_id AND w.state IN ('proposed', 'firm', 'released')
        JOIN erp_salesorderline l ON l.id = w.sales_order_line_id AND l.order_id = %(order)s
        JOIN LATERAL (SELECT sum(quantity) AS quantity FROM erp_peg
                      WHERE work_order_material_id = m.id AND work_order_id IS NOT NULL AND NOT is_planned) p ON true
        LEFT JOIN LATERAL (SELECT sum(quantity) AS quantity FROM erp_reservation
                           WHERE work_order_material_id = m.id) kept ON true
        WHERE w.plant_id = %(plant)s
        UNION ALL
        SELECT m.material_id, o.settled_qty - o.quantity
        FROM erp_owedissue o JOIN erp_workordermaterial m ON m.id = o.work_order_material_id
        JOIN erp_workorder w ON w.id = m.work_order_id AND w.plant_id = %(plant)s
        JOIN erp_salesorderline l ON l.id = w.sales_order_line_id AND l.order_id = %(order)s
        WHERE o.settled_at IS NULL
    ) x WHERE material_id = ANY(%(materials)s) GROUP BY 1
"""


def own_work(*, order_id: int, plant_id: int, material_ids: Collection[int]) -> dict[Key, list[OwnWork]]:
    """Per part, the order's work orders that bring more than is pegged to them, as far as it is really to be had."""
    values: dict[str, Any] = {"order": order_id, "plant": plant_id, "materials": sorted(material_ids)}
    with connection.cursor() as cursor:
        cursor.execute(_MAKERS, values)
        makers = cursor.fetchall()
        cursor.execute(_THERE, values)
        left: dict[int, Decimal] = dict(cursor.fetchall())
    for _, material_id, _, coming in makers:
        left[material_id] = left.get(material_id, ZERO) + coming
    found: dict[Key, list[OwnWork]] = {}
    for work_order_id, material_id, unpegged, _ in makers:
        part = min(unpegged, left[material_id])
        if part > 0:
            found.setdefault((plant_id, material_id), []).append(OwnWork(work_order_id, part))
            left[material_id] -= part
    return found
