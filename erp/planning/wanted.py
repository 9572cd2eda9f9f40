"""When an order's own work should have its components: what the customer's day asks for, and not what the plan says.

A plan waits for what is bought; so its dates never say that something is bought too late, nor does a promise that was
made after it. The day that the customer wants, less what making the levels above takes, does.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from zoneinfo import ZoneInfo

from erp.planning.rows import NEED, Demand, Item

# Making takes the plant's lead time, else the minutes of the operations: as `erp.supply.netting` counts. Work of one
# path counts once: what was lost is made again beside it. Then what is bought for the need, for good.
TOOK = """
    SELECT coalesce(sum(level.took), interval '0') AS whole FROM (
        SELECT max(CASE WHEN x.lead_time_days > 0 THEN make_interval(days => x.lead_time_days)
            ELSE (SELECT sum(s.setup_min + s.run_min_per_unit * a.quantity) FROM erp_workorderoperation s
                  WHERE s.work_order_id = a.id AND s.mends_id IS NULL) * interval '1 minute' END) AS took
        FROM erp_workorder a
        LEFT JOIN masterdata_materialplant x ON x.material_id = a.material_id AND x.plant_id = a.plant_id
        WHERE a.sales_order_line_id = w.sales_order_line_id AND a.state <> 'cancelled'
            AND (a.path = w.path OR starts_with(w.path, a.path || '.'))
        GROUP BY a.path) level
"""
WANTED = f"""
    SELECT m.id, least(l.promised_at, (l.wanted_on + 1)::timestamp AT TIME ZONE %(zone)s)
            - make_interval(mins => %(transport)s) - took.whole,
        EXISTS (SELECT 1 FROM erp_workorder x WHERE x.sales_order_line_id = l.id AND x.state IN ('firm', 'released')
            AND x.planned_start_at IS NOT NULL),
        coalesce(bought.quantity, 0), (bought.at AT TIME ZONE %(zone)s)::date
    FROM erp_workordermaterial m JOIN erp_workorder w ON w.id = m.work_order_id
    JOIN erp_salesorderline l ON l.id = w.sales_order_line_id
    JOIN LATERAL ({TOOK}) took ON true
    LEFT JOIN LATERAL (SELECT sum(p.quantity - p.received_qty) AS quantity,
            max(coalesce(b.confirmed_at, b.due_at, n.due_at)) AS at
        FROM erp_peg p LEFT JOIN erp_purchaseorderline b ON b.id = p.purchase_order_line_id
        LEFT JOIN erp_plannedorder n ON n.id = p.planned_order_id
        WHERE p.work_order_material_id = m.id AND NOT p.is_planned AND p.work_order_id IS NULL
            AND p.quantity > p.received_qty) bought ON true
    WHERE m.id = ANY(%(needs)s)
"""  # noqa: S608 (a constant)
MOMENT = dt.timedelta(microseconds=1)


def asked_about(
    demands: Mapping[int, list[Demand]], items: Mapping[int, Item], beside: Collection[int]
) -> dict[int, Demand]:
    """Needs of orders' firm work for which that day counts: what something may stand in for, or comes `beside` work."""
    return {
        one.id: one
        for material_id, rows in demands.items()
        if items[material_id].group is not None or material_id in beside
        for one in rows
        if one.kind == NEED and one.is_order_work and not one.is_released
    }


def take_wanted(rows: Iterable[tuple], wanted: Mapping[int, Demand], today: dt.date, zone: str) -> None:
    """The days that customers ask for, and what is bought. A by-product may come until the plan, else until that day.

    While some of the line's work is planned, only a plan says when the rest of it begins.
    """
    for pk, needed_at, is_planned, bought, comes_on in rows:
        demand = wanted[pk]
        demand.asked_on = max((needed_at - MOMENT).astimezone(ZoneInfo(zone)).date(), today)
        if demand.at is None and not is_planned:
            demand.at = needed_at - MOMENT
        if bought:
            demand.bought = bought, max(comes_on, today)
            demand.may_swap = demand.is_undecided and demand.open + demand.kept + bought == demand.quantity
