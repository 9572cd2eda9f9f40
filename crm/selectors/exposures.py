"""What the dates of order lines hang on: work still to be done, the queue before it, goods that are waited for."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db import connection

from crm.selectors.confidence import (
    Goods,
    Observed,
    Spread,
    Work,
    observed,
    too_few_deliveries,
    too_few_operations,
)
from erp.models import SalesOrderLine

_LEFT = """
    SELECT o.id, o.work_centre_id, o.planned_machine_id, o.planned_start_at, w.sales_order_line_id AS line_id,
        ((CASE WHEN o.worked_min = 0 THEN o.setup_min ELSE 0 END + o.run_min_per_unit
            * greatest(coalesce(o.quantity, w.quantity) - o.good_qty - o.scrap_qty - o.rework_qty, 0))
            * 100 / coalesce(m.speed_percent, 100))::float8 AS left_min
    FROM erp_workorderoperation o
    JOIN erp_workorder w ON w.id = o.work_order_id AND w.state IN ('proposed', 'firm', 'released')
    LEFT JOIN masterdata_machine m ON m.id = o.planned_machine_id
    WHERE o.finished_at IS NULL AND {where}
"""
_OF_LINES = "w.sales_order_line_id = ANY(%(lines)s)"
_ON_MACHINES = "w.plant_id = ANY(%(plants)s) AND o.planned_machine_id IS NOT NULL"
# Minutes, and minutes squared, of each line's own open operations, work centre by work centre.
_OWN = """
    SELECT line_id, work_centre_id, sum(left_min), sum(left_min * left_min)
    FROM ({left}) o GROUP BY 1, 2 ORDER BY 1, 2
"""
# Of each line the longest queue that stands before one of its operations: others' work planned earlier on the machine.
_QUEUES = """
    WITH o AS ({left}),
    ahead AS (
        SELECT o.*,
            coalesce(sum(left_min) OVER before, 0) - coalesce(sum(left_min) OVER own, 0) AS minutes,
            coalesce(sum(left_min ^ 2) OVER before, 0) - coalesce(sum(left_min ^ 2) OVER own, 0) AS squares
        FROM o WINDOW
            before AS (PARTITION BY planned_machine_id ORDER BY planned_start_at, id
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
            own AS (PARTITION BY planned_machine_id, line_id ORDER BY planned_start_at, id
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    )
    SELECT DISTINCT ON (line_id) line_id, work_centre_id, minutes, greatest(squares, 0)
    FROM ahead WHERE line_id = ANY(%(lines)s) AND minutes > 0 ORDER BY line_id, minutes DESC, id
"""
# Goods that are pegged to a line or its work and have not come: their supplier (none: nobody has ordered them), when
# they are counted on, and when the work that needs them is planned (traded goods: when they are to leave).
_GOODS = """
    SELECT d.line_id, po.supplier_id, coalesce(l.confirmed_at, l.due_at, q.due_at) AS comes_at, d.needed_at
    FROM (
        SELECT g.id, g.purchase_order_line_id, g.planned_order_id, w.sales_order_line_id AS line_id,
            (SELECT min(o.planned_start_at) FROM erp_workorderoperation o
             WHERE o.work_order_id = w.id AND o.finished_at IS NULL) AS needed_at
        FROM erp_peg g JOIN erp_workordermaterial n ON n.id = g.work_order_material_id
        JOIN erp_workorder w ON w.id = n.work_order_id
        WHERE w.sales_order_line_id = ANY(%(lines)s) AND g.received_qty < g.quantity
        UNION ALL
        SELECT g.id, g.purchase_order_line_id, g.planned_order_id, s.id,
            s.expected_at - make_interval(mins => p.transport_min)
        FROM erp_peg g JOIN erp_salesorderline s ON s.id = g.sales_order_line_id
        JOIN masterdata_plant p ON p.id = s.plant_id
        WHERE s.id = ANY(%(lines)s) AND g.received_qty < g.quantity
    ) d
    LEFT JOIN erp_purchaseorderline l ON l.id = d.purchase_order_line_id
    LEFT JOIN erp_purchaseorder po ON po.id = l.order_id
    LEFT JOIN erp_plannedorder q ON q.id = d.planned_order_id
    WHERE l.id IS NOT NULL OR q.id IS NOT NULL ORDER BY d.line_id, d.id
"""


def spreads_of_lines(lines: Iterable[SalesOrderLine], *, now: dt.datetime) -> dict[int, Spread]:
    """How far the expected date of each line may be off. Six queries, however many lines."""
    plants = {line.pk: line.plant_id for line in lines}
    if not plants:
        return {}
    known = observed(set(plants.values()), now)
    values = {"lines": list(plants), "plants": sorted(set(plants.values()))}
    works, goods, missing = defaultdict[int, list[Work]](list), defaultdict[int, list[Goods]](list), dict[int, str]()
    with connection.cursor() as cursor:
        cursor.execute(_OWN.format(left=_LEFT.format(where=_OF_LINES)), values)
        _take_work(cursor.fetchall(), plants, known, works, missing)
        cursor.execute(_QUEUES.format(left=_LEFT.format(where=_ON_MACHINES)), values)
        _take_work(cursor.fetchall(), plants, known, works, missing)
        cursor.execute(_GOODS, values)
        _take_goods(cursor.fetchall(), plants, known, goods, missing)
    return {
        pk: Spread(
            now,
            known.stretches[plant_id],
            works=tuple(works[pk]),
            goods=tuple(goods[pk]),
            why_unknown=missing.get(pk, ""),
        )
        for pk, plant_id in plants.items()
    }


def _take_work(
    rows: Iterable[Any], plants: dict[int, int], known: Observed, works: dict[int, list[Work]], missing: dict[int, str]
) -> None:
    for line_id, centre_id, minutes, squares in rows:
        row = known.work(plants[line_id], centre_id)
        if row is None:
            missing.setdefault(line_id, too_few_operations(known.seen("work", plants[line_id])))
        else:
            works[line_id].append(Work(minutes, squares, row.quantiles))


def _take_goods(
    rows: Iterable[Any], plants: dict[int, int], known: Observed, goods: dict[int, list[Goods]], missing: dict[int, str]
) -> None:
    for line_id, supplier_id, comes_at, needed_at in rows:
        row = known.supply(plants[line_id], supplier_id)
        if row is None:
            missing.setdefault(line_id, too_few_deliveries(known.seen("supply", plants[line_id])))
        else:
            slack = max((needed_at - comes_at) / dt.timedelta(minutes=1), 0.0) if needed_at else 0.0
            goods[line_id].append(Goods(slack, row.quantiles))
