"""Why is this planned, for that day? The chain behind quantity and dates, up to customers and down to parts."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from erp.planning.models import ActionMessage
from erp.planning.rows import Item
from erp.planning.selectors.messages import OrderBehind, orders_behind_supplies
from erp.planning.structure import read_items
from erp.production.models import WorkOrder
from erp.stock.selectors import free_quantity
from erp.supply.models import PlannedOrder
from masterdata.numbers import ZERO

# The demands that a supply is for, the first needed first, then where each stands.
_DEMANDS = """
    SELECT p.quantity - CASE WHEN w.id IS NULL OR p.is_planned THEN p.received_qty ELSE 0 END,
        coalesce(w.number, o.number, asked.number, bought.number, ''), w.id, o.id, t.id, asked.id, bought.id,
        coalesce(mat.code, made.code, ''),
        coalesce((op.planned_start_at AT TIME ZONE %(zone)s)::date, w.start_by_on,
            (coalesce(l.promised_at AT TIME ZONE %(zone)s, (l.wanted_on + 1)::timestamp)
                - make_interval(mins => %(transport)s) - interval '1 second')::date, t.order_by_on,
            ql.needed_on, cd.send_on) AS needed_on
    FROM erp_peg p
    LEFT JOIN erp_workordermaterial m ON m.id = p.work_order_material_id
    LEFT JOIN erp_workorder w ON w.id = m.work_order_id
    LEFT JOIN masterdata_material mat ON mat.id = w.material_id
    LEFT JOIN erp_workorderoperation op ON op.work_order_id = w.id AND op.sequence = m.operation_sequence
    LEFT JOIN erp_salesorderline l ON l.id = p.sales_order_line_id
    LEFT JOIN erp_salesorder o ON o.id = l.order_id
    LEFT JOIN erp_plannedorder t ON t.id = p.transfer_id
    LEFT JOIN erp_requisitionline ql ON ql.id = p.requisition_line_id
    LEFT JOIN erp_requisition asked ON asked.id = ql.requisition_id
    LEFT JOIN erp_componentdemand cd ON cd.component_id = p.supplied_component_id
    LEFT JOIN erp_purchaseorder bought ON bought.id = cd.order_id
    LEFT JOIN erp_purchaseorderline bl ON bl.id = cd.order_line_id
    LEFT JOIN masterdata_material made
        ON made.id = coalesce(bl.material_id, CASE WHEN t.kind = 'buy' THEN t.material_id END)
    WHERE {column} = %(id)s
    ORDER BY needed_on, p.id
"""
# What brings the components of a work order: kept stock, or what they are pegged to; the rest lies in stock, unkept.
_PARTS = """
    SELECT m.id, mat.code, unit.code, m.quantity, m.issued_qty,
        coalesce((SELECT sum(r.quantity) FROM erp_reservation r WHERE r.work_order_material_id = m.id), 0),
        coalesce((SELECT sum(p.quantity - p.received_qty) FROM erp_peg p WHERE p.work_order_material_id = m.id), 0),
        (SELECT max(coalesce(b.confirmed_at, b.due_at, n.due_at, w.planned_end_at,
                    (w.needed_on + 1)::timestamp AT TIME ZONE %(zone)s))
         FROM erp_peg p LEFT JOIN erp_purchaseorderline b ON b.id = p.purchase_order_line_id
         LEFT JOIN erp_plannedorder n ON n.id = p.planned_order_id LEFT JOIN erp_workorder w ON w.id = p.work_order_id
         WHERE p.work_order_material_id = m.id AND p.quantity > p.received_qty)
    FROM erp_workordermaterial m JOIN masterdata_material mat ON mat.id = m.material_id
    JOIN masterdata_unit unit ON unit.id = m.unit_id
    WHERE m.work_order_id = %(id)s ORDER BY m.line_no
"""
# The same of what a subcontractor needs for a planned order; for that nothing is kept before it is ordered.
_SUPPLIED = """
    SELECT c.id, mat.code, unit.code, c.quantity, 0::numeric, 0::numeric, coalesce(sum(p.quantity - p.received_qty), 0),
        max(coalesce(b.confirmed_at, b.due_at, n.due_at, w.planned_end_at,
            (w.needed_on + 1)::timestamp AT TIME ZONE %(zone)s)) FILTER (WHERE p.quantity > p.received_qty)
    FROM erp_plannedcomponent c JOIN masterdata_material mat ON mat.id = c.material_id
    JOIN masterdata_unit unit ON unit.id = mat.unit_id
    LEFT JOIN (erp_peg p LEFT JOIN erp_purchaseorderline b ON b.id = p.purchase_order_line_id
        LEFT JOIN erp_plannedorder n ON n.id = p.planned_order_id LEFT JOIN erp_workorder w ON w.id = p.work_order_id)
        ON p.transfer_id = c.planned_order_id AND coalesce(b.material_id, n.material_id, w.material_id) = c.material_id
    WHERE c.planned_order_id = %(id)s GROUP BY c.id, mat.code, unit.code, c.quantity ORDER BY mat.code
"""


@dataclass(frozen=True, slots=True)
class DemandBehind:
    """What needs `quantity` of it on a day: an order, work (on `material_code`), a planned order, a requisition, or a
    purchase order whose supplier makes `material_code` of it. A planned order without that is a transfer.
    """

    quantity: Decimal
    number: str
    work_order_id: int | None
    order_id: int | None
    transfer_id: int | None
    requisition_id: int | None
    purchase_order_id: int | None
    material_code: str
    needed_on: dt.date | None


@dataclass(frozen=True, slots=True)
class PartBelow:
    """A component: how much of it, what is kept, what is on the way and until when."""

    need_id: int
    material_code: str
    unit: str
    quantity: Decimal
    issued: Decimal
    kept: Decimal
    coming: Decimal
    ready_at: dt.datetime | None

    @property
    def in_stock(self) -> Decimal:
        """There, but kept for nobody: the work is only proposed."""
        return max(ZERO, self.quantity - self.issued - self.kept - self.coming)


_COMING = """
    SELECT coalesce(sum(s.quantity - coalesce((SELECT sum(p.quantity - p.received_qty) FROM erp_peg p
        WHERE p.purchase_order_line_id = s.line OR p.planned_order_id = s.planned OR p.work_order_id = s.work), 0)), 0)
    FROM (
        SELECT l.id AS line, NULL::bigint AS planned, NULL::bigint AS work, l.quantity - l.received_qty AS quantity
        FROM erp_purchaseorderline l JOIN erp_purchaseorder o ON o.id = l.order_id AND o.cancelled_at IS NULL
        WHERE o.plant_id = %(plant)s AND l.material_id = %(material)s AND l.received_qty < l.quantity
        UNION ALL
        SELECT NULL, n.id, NULL, n.quantity FROM erp_plannedorder n
        WHERE n.plant_id = %(plant)s AND n.material_id = %(material)s AND n.closed_at IS NULL AND n.is_firm
        UNION ALL
        SELECT NULL, NULL, w.id, w.quantity - w.good_qty - w.scrap_qty FROM erp_workorder w
        WHERE w.plant_id = %(plant)s AND w.material_id = %(material)s AND w.sales_order_line_id IS NULL
            AND w.state IN ('firm', 'released')
    ) s
"""


@dataclass(frozen=True, slots=True)
class SupplyReason:
    """A planned supply: what it is for, the rules that made its quantity and its dates, what is below it.

    `net` is what the demands need of it, `beyond` what lot, scrap or safety stock add. `wished_on` is the start that
    the first need asks for; when that has passed it begins `start_on` instead: what the action message of that says.
    """

    kind: str
    id: int
    number: str
    plant_id: int
    item: Item
    unit: str
    quantity: Decimal
    net: Decimal
    on_hand: Decimal
    coming: Decimal
    needed_on: dt.date | None
    due_on: dt.date | None
    start_on: dt.date | None
    wished_on: dt.date | None
    demands: tuple[DemandBehind, ...]
    orders: tuple[OrderBehind, ...]
    parts: tuple[PartBelow, ...] = field(default=())

    @property
    def beyond(self) -> Decimal:
        return self.quantity - self.net

    @property
    def is_redated(self) -> bool:
        return bool(self.wished_on and self.start_on and self.wished_on < self.start_on)


def why_planned_order(planned: PlannedOrder) -> SupplyReason:
    """The chain behind a planned order."""
    due = planned.due_at.astimezone(ZoneInfo(planned.plant.time_zone)).date()
    return _reason("planned_order", planned, "", due, planned.order_by_on)


def why_work_order(order: WorkOrder) -> SupplyReason:
    """The chain behind a work order for stock."""
    return _reason("work_order", order, order.number, order.needed_on, order.start_by_on)


def _reason(
    kind: str, row: WorkOrder | PlannedOrder, number: str, due: dt.date | None, start: dt.date | None
) -> SupplyReason:
    plant = row.plant
    item = read_items(plant_id=plant.pk, material_ids=[row.material_id])[row.material_id]
    demands = _demands(kind, row)
    first = min((one.needed_on for one in demands if one.needed_on), default=None)
    redated = ActionMessage.objects.filter(kind=ActionMessage.Kind.REDATED, **{kind: row.pk})
    wished = redated.values_list("from_on", flat=True).first() or start
    return SupplyReason(
        kind=kind,
        id=row.pk,
        number=number,
        plant_id=plant.pk,
        item=item,
        unit=row.material.unit.code,
        quantity=row.quantity,
        net=sum((one.quantity for one in demands), ZERO),
        on_hand=free_quantity(plant.pk, [row.material_id])[row.material_id],
        coming=_coming(row),
        needed_on=first,
        due_on=due,
        start_on=start,
        wished_on=wished,
        demands=tuple(demands),
        orders=tuple(orders_behind_supplies([(kind, row.pk)]).get((kind, row.pk), ())),
        parts=_parts(row),
    )


def _coming(row: WorkOrder | PlannedOrder) -> Decimal:
    """What comes for sure and is pegged to nobody: it counts towards what is kept in stock."""
    with connection.cursor() as cursor:
        cursor.execute(_COMING, {"plant": row.plant_id, "material": row.material_id})
        found: Decimal = cursor.fetchone()[0]
    return found


def _demands(kind: str, row: WorkOrder | PlannedOrder) -> list[DemandBehind]:
    column = "p.work_order_id" if kind == "work_order" else "p.planned_order_id"
    values: dict[str, Any] = {"id": row.pk, "zone": row.plant.time_zone, "transport": row.plant.transport_min}
    with connection.cursor() as cursor:
        cursor.execute(_DEMANDS.format(column=column), values)
        return [DemandBehind(*found) for found in cursor.fetchall()]


def _parts(row: WorkOrder | PlannedOrder) -> tuple[PartBelow, ...]:
    with connection.cursor() as cursor:
        query = _PARTS if isinstance(row, WorkOrder) else _SUPPLIED
        cursor.execute(query, {"id": row.pk, "zone": row.plant.time_zone})
        return tuple(PartBelow(*found) for found in cursor.fetchall())
