"""Dispatch lists: what a machine was told to do, in the plan's order."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Max

from masterdata import lateness
from mes.held import HELD, shown_sql
from mes.models import Dispatch

_LIST = f"""
    SELECT d.operation_id, o.name, o.sequence, w.number AS work_order, m.code AS material_code, m.name AS material,
           u.code AS unit, coalesce(o.quantity, w.quantity) AS quantity, o.good_qty, o.scrap_qty, o.rework_qty,
           d.planned_start_at, d.planned_end_at, d.setup_min, d.plan_no, d.told_at,
           so.id AS order_id, so.number AS order_number, c.name AS customer, l.promised_at, l.expected_at,
           coalesce(r.state, 'planned') AS state,
           {shown_sql("coalesce(r.state, 'planned')", "o.id")} AS shown_state,
           r.resumed_at, r.started_at, r.unbooked_sec,
           coalesce(o.quantity, before.good_qty, w.quantity + w.over_qty) AS input_qty,
           before.sequence IS NOT NULL AS has_before,
           coalesce(before.name, '') AS before_name,
           mc.code AS machine_code, d.machine_id,
           (SELECT count(*) FROM erp_workordermaterial wm
             LEFT JOIN LATERAL (SELECT coalesce(sum(rs.quantity), 0) AS kept FROM erp_reservation rs
                                 WHERE rs.work_order_material_id = wm.id) k ON true
             LEFT JOIN LATERAL (SELECT coalesce(sum(b.on_hand), 0) AS own FROM erp_stockbalance b
                                 WHERE b.sales_order_id = so.id AND b.material_id = wm.material_id) s ON true
             WHERE wm.work_order_id = w.id AND wm.operation_sequence = o.sequence
               AND wm.issued_qty + k.kept + s.own < wm.quantity) AS short_materials
    FROM mes_dispatch d
    JOIN erp_workorderoperation o ON o.id = d.operation_id
    JOIN erp_workorder w ON w.id = o.work_order_id
    JOIN masterdata_material m ON m.id = w.material_id
    JOIN masterdata_unit u ON u.id = m.unit_id
    JOIN masterdata_machine mc ON mc.id = d.machine_id
    LEFT JOIN erp_salesorderline l ON l.id = w.sales_order_line_id
    LEFT JOIN erp_salesorder so ON so.id = l.order_id
    LEFT JOIN masterdata_partner c ON c.id = so.customer_id
    LEFT JOIN mes_operationrun r ON r.operation_id = o.id
    LEFT JOIN LATERAL (SELECT p.sequence, p.name, p.good_qty FROM erp_workorderoperation p
                        WHERE p.work_order_id = w.id AND p.sequence < o.sequence AND p.mends_id IS NULL
                        ORDER BY p.sequence DESC LIMIT 1) before ON true
    WHERE {{where}} AND o.finished_at IS NULL AND w.state IN ('firm', 'released')
    ORDER BY (coalesce(r.state, '') IN ('running', 'setup')) DESC, (coalesce(r.state, '') = 'paused') DESC,
             d.planned_start_at, d.operation_id
    LIMIT %(limit)s
"""  # noqa: S608 - our own text


@dataclass(frozen=True)
class DispatchItem:
    """One operation on a machine's list, quantities in the material's unit; `input_qty` came from the step before.

    `state` is how far the work is, `shown_state` the same or held.
    """

    operation_id: int
    name: str
    sequence: int
    work_order: str
    material_code: str
    material: str
    unit: str
    quantity: Decimal
    good_qty: Decimal
    scrap_qty: Decimal
    rework_qty: Decimal
    planned_start_at: dt.datetime
    planned_end_at: dt.datetime
    setup_min: int
    plan_no: int
    told_at: dt.datetime
    order_id: int | None
    order_number: str | None
    customer: str | None
    promised_at: dt.datetime | None
    expected_at: dt.datetime | None
    state: str
    shown_state: str
    resumed_at: dt.datetime | None
    started_at: dt.datetime | None
    unbooked_sec: int | None
    input_qty: Decimal
    has_before: bool
    before_name: str
    machine_code: str
    machine_id: int
    short_materials: int

    @property
    def is_held(self) -> bool:
        return self.shown_state == HELD

    @property
    def remaining_qty(self) -> Decimal:
        """What may still be reported here."""
        return max(Decimal(0), self.input_qty - self.good_qty - self.scrap_qty - self.rework_qty)

    @property
    def open_qty(self) -> Decimal:
        """What is still to make, whether it has come or not."""
        return max(Decimal(0), self.quantity - self.good_qty - self.scrap_qty - self.rework_qty)

    @property
    def is_late(self) -> bool:
        return lateness.is_late(self.promised_at, self.expected_at)

    @property
    def waits_for_before(self) -> bool:
        """The operation before has passed nothing on yet."""
        return self.has_before and self.input_qty == 0


def _items(where: str, values: dict[str, Any]) -> list[DispatchItem]:
    with connection.cursor() as cursor:
        cursor.execute(_LIST.format(where=where), values)
        names = [column[0] for column in cursor.description]
        return [DispatchItem(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


def dispatch_list(*, machine_id: int, limit: int = 500) -> list[DispatchItem]:
    """What the machine has to do, running first, then in the plan's order. One query."""
    return _items("d.machine_id = %(machine)s", {"machine": machine_id, "limit": limit})


def told_plan_no(*, plant_id: int) -> int:
    """The newest plan of which the lines were told something, 0 without one: `dispatch_plan` has told all up to it."""
    newest: int | None = Dispatch.objects.filter(plant_id=plant_id).aggregate(newest=Max("plan_no"))["newest"]
    return newest or 0


def job(*, operation_id: int) -> DispatchItem | None:
    """One operation as its machine sees it; None when it is not dispatched or is finished."""
    items = _items("d.operation_id = %(operation)s", {"operation": operation_id, "limit": 1})
    return items[0] if items else None
