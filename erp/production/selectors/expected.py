"""What orders are expected to cost in the end: incurred so far, still to be used, still to be worked."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from decimal import Decimal

from django.db import connection

from erp.cost.models import Element
from erp.cost.rates import rates_of
from erp.cost.services import Estimate
from erp.production.selectors.yields import YIELD
from masterdata import statements
from masterdata.numbers import ZERO, money

_DECIMALS = """
    SELECT s.id, y.decimals FROM erp_salesorder s
    JOIN masterdata_company c ON c.id = s.company_id JOIN masterdata_currency y ON y.id = c.currency_id
    WHERE s.id = ANY(%s)
"""
# Element, amount per order.
_INCURRED = """
    SELECT sales_order_id, element, sum(amount)
    FROM erp_costentry WHERE sales_order_id = ANY(%s) AND kind = 'incurred' GROUP BY 1, 2
    UNION ALL
    SELECT l.order_id, x.element, sum(CASE x.element WHEN 'material' THEN m.value - m.fee ELSE m.fee END)
    FROM erp_stockmove m JOIN erp_salesorderline l ON l.id = m.sales_order_line_id
    CROSS JOIN (VALUES ('material'), ('subcontract')) AS x(element)
    WHERE l.order_id = ANY(%s) AND m.kind = 'shipment' AND m.source_order_id IS NULL GROUP BY 1, 2
"""
# What open work orders still use and lines still take from free stock, at its average value there, else at standard
# cost. Of a component that the order makes itself, only what is reserved comes from free stock. What of it a
# subcontractor asks for stands beside: by what lies there, else by what he makes of our components now.
_MATERIAL = f"""
    WITH made AS MATERIALIZED (
        SELECT DISTINCT l.order_id, w.plant_id, w.material_id
        FROM erp_salesorderline l JOIN erp_workorder w ON w.sales_order_line_id = l.id
        WHERE l.order_id = ANY(%s) AND w.state <> 'cancelled'
    ), need AS (
        SELECT l.order_id, w.plant_id, m.material_id,
            (SELECT o.work_centre_id FROM erp_workorderoperation o
             WHERE o.work_order_id = w.id AND o.sequence = m.operation_sequence) AS work_centre_id,
            CASE WHEN made.order_id IS NOT NULL
            THEN coalesce((SELECT sum(r.quantity) FROM erp_reservation r WHERE r.work_order_material_id = m.id), 0)
            ELSE m.quantity - m.issued_qty END AS quantity
        FROM erp_workordermaterial m
        JOIN erp_workorder w ON w.id = m.work_order_id
        JOIN erp_salesorderline l ON l.id = w.sales_order_line_id
        LEFT JOIN made ON made.order_id = l.order_id AND made.plant_id = w.plant_id AND made.material_id = m.material_id
        WHERE l.order_id = ANY(%s) AND w.state IN ('proposed', 'firm', 'released') AND m.quantity > m.issued_qty
        UNION ALL
        SELECT l.order_id, l.plant_id, l.material_id, NULL::bigint, greatest(0, l.quantity
            - coalesce((SELECT sum(y.quantity) FROM erp_workorder w JOIN LATERAL ({YIELD}) y ON true
                        WHERE w.sales_order_line_id = l.id AND position('.' IN w.path) = 0
                            AND w.state <> 'cancelled'), 0)
            - coalesce((SELECT sum(m.quantity) FROM erp_stockmove m WHERE m.sales_order_line_id = l.id
                        AND m.kind = 'shipment' AND m.source_order_id IS NULL), 0))
        FROM erp_salesorderline l WHERE l.order_id = ANY(%s)
    )
    SELECT n.order_id, n.work_centre_id,
        sum(n.quantity * CASE WHEN v.quantity > 0 THEN v.value / v.quantity ELSE m.standard_cost END),
        sum(n.quantity * CASE WHEN v.quantity > 0 THEN v.fee / v.quantity ELSE least(m.standard_cost, coalesce((
            SELECT b.unit_price FROM erp_purchaseorderline b JOIN erp_purchaseorder o ON o.id = b.order_id
            WHERE b.material_id = n.material_id AND b.received_qty < b.quantity AND o.plant_id = n.plant_id
                AND EXISTS (SELECT FROM erp_suppliedcomponent c WHERE c.order_line_id = b.id AND c.quantity > 0)
            ORDER BY b.id DESC LIMIT 1), 0)) END)
    FROM need n
    JOIN masterdata_material m ON m.id = n.material_id
    LEFT JOIN erp_materialvalue v
        ON v.material_id = n.material_id AND v.plant_id = n.plant_id AND v.sales_order_id IS NULL
    WHERE n.quantity > 0
    GROUP BY 1, 2
"""  # noqa: S608 (a constant)
# Minutes left on the machine that is planned (or already runs it), setup while nothing was worked yet, at the rates of
# the day. A machine's speed counts for the run only.
_WORK = f"""
    WITH left_over AS (
        SELECT l.order_id, o.work_centre_id, o.finished_at, x.id AS machine_id,
            CASE WHEN o.worked_min = 0 THEN o.setup_min ELSE 0 END AS setup_min, o.run_min_per_unit,
            least(
                w.quantity + w.over_qty - coalesce(sum(o.scrap_qty) OVER before, 0),
                min(o.good_qty) FILTER (WHERE o.finished_at IS NOT NULL) OVER before
            ) - o.good_qty - o.scrap_qty - o.rework_qty AS quantity, '' AS element,
            coalesce(x.speed_percent, 100) AS speed
        FROM erp_workorderoperation o
        JOIN erp_workorder w ON w.id = o.work_order_id
        JOIN erp_salesorderline l ON l.id = w.sales_order_line_id
        LEFT JOIN masterdata_machine x ON x.id = CASE WHEN o.started_at IS NULL THEN o.planned_machine_id
            ELSE coalesce(o.machine_id, o.planned_machine_id) END
        WHERE l.order_id = ANY(%s) AND w.state IN ('proposed', 'firm', 'released') AND o.mends_id IS NULL
        WINDOW before AS (PARTITION BY o.work_order_id ORDER BY o.sequence
                          ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
        UNION ALL
        SELECT l.order_id, o.work_centre_id, o.finished_at, x.id,
            CASE WHEN o.worked_min = 0 THEN o.setup_min ELSE 0 END, o.run_min_per_unit,
            o.quantity - o.good_qty - o.scrap_qty - o.rework_qty, 'rework', coalesce(x.speed_percent, 100)
        FROM erp_workorderoperation o
        JOIN erp_workorder w ON w.id = o.work_order_id
        JOIN erp_salesorderline l ON l.id = w.sales_order_line_id
        LEFT JOIN masterdata_machine x ON x.id = coalesce(o.machine_id, o.planned_machine_id)
        WHERE l.order_id = ANY(%s) AND w.state = 'released' AND o.mends_id IS NOT NULL
    ), ahead AS (
        SELECT order_id, work_centre_id, machine_id, element,
            sum(setup_min + run_min_per_unit * greatest(quantity, 0) * 100 / speed) AS minutes
        FROM left_over WHERE finished_at IS NULL GROUP BY 1, 2, 3, 4
    ), rates AS MATERIALIZED (
        SELECT a.work_centre_id, a.machine_id, r.*
        FROM (SELECT DISTINCT work_centre_id, machine_id FROM ahead) a
        CROSS JOIN LATERAL ({rates_of("a.work_centre_id", machine="a.machine_id", at="%s::timestamptz")}) r
    )
    SELECT a.order_id, a.element, sum(a.minutes * r.labour / 60), sum(a.minutes * r.machine / 60),
        sum(a.minutes * (r.labour * r.on_labour / 100 + r.machine * r.on_machine / 100 + r.an_hour) / 60)
    FROM ahead a JOIN rates r ON r.work_centre_id = a.work_centre_id AND r.machine_id IS NOT DISTINCT FROM a.machine_id
    GROUP BY 1, 2
"""  # noqa: S608 (our own words)
_ON_MATERIAL = f"""
    SELECT w.id, r.on_material FROM masterdata_workcentre w
    CROSS JOIN LATERAL ({rates_of("w.id", at="%s::timestamptz")}) r WHERE r.on_material > 0
"""  # noqa: S608 (our own words)
_OPEN_ORDERS = """
    SELECT DISTINCT l.order_id FROM erp_salesorderline l JOIN erp_salesorder s ON s.id = l.order_id
    WHERE l.plant_id = %s AND s.confirmed_at IS NOT NULL AND s.cancelled_at IS NULL
        AND EXISTS (SELECT 1 FROM erp_salesorderline x WHERE x.order_id = s.id AND x.shipped_qty < x.quantity)
    ORDER BY 1
"""


_NAMED = "SELECT id FROM erp_salesorder WHERE id = ANY(%s) AND %s = 'Order ' || number"


def orders_to_estimate(plant_id: int) -> list[int]:
    """Confirmed orders with a line in the plant that are not shipped whole."""
    with connection.cursor() as cursor:
        cursor.execute(_OPEN_ORDERS, [plant_id])
        return [row[0] for row in cursor.fetchall()]


def order_named(order_ids: Collection[int], cause: str) -> list[int]:
    """The one of these orders that a plan names as its cause, if any."""
    with connection.cursor() as cursor:
        cursor.execute(_NAMED, [list(order_ids), cause])
        return [row[0] for row in cursor.fetchall()]


def expected_costs(order_ids: Collection[int], at: dt.datetime) -> list[Estimate]:
    """Per order and element: incurred + still to be used + still to be worked; one round trip whatever the size.

    Rates are those of the day of `at`.
    """
    ids = sorted(order_ids)
    amounts: dict[tuple[int, str], Decimal] = defaultdict(lambda: ZERO)
    which = statements.array(ids)
    in_currency, incurred, material, work, on_material = statements.together(
        (_DECIMALS, [which]),
        (_INCURRED, [which] * 2),
        (_MATERIAL, [which] * 3),
        (_WORK, [which, which, at]),
        (_ON_MATERIAL, [at]),
    )
    decimals: dict[int, int] = dict(in_currency)
    percents: dict[int | None, Decimal] = dict(on_material)
    for order_id, element, amount in incurred:
        amounts[order_id, element] += amount
    for order_id, work_centre_id, amount, fee in material:
        amounts[order_id, "material"] += amount - fee
        amounts[order_id, "subcontract"] += fee
        amounts[order_id, "overhead"] += (amount - fee) * percents.get(work_centre_id, ZERO) / 100
    for order_id, element, labour, machine, overhead in work:
        amounts[order_id, element or "labour"] += labour
        amounts[order_id, element or "machine"] += machine
        amounts[order_id, element or "overhead"] += overhead
    return [
        Estimate(
            order_id=order_id,
            **{element: money(amounts[order_id, element], decimals[order_id]) for element in Element.values},
        )
        for order_id in ids
    ]
