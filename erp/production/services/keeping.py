"""What a work order needs is kept for it when it is released: all reserved, or what lacks is said."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from django.db import connection

from erp.production.models import WorkOrder, WorkOrderMaterial
from erp.stock import services as stock
from erp.stock.intents import StockDemand
from erp.stock.models import Reservation
from masterdata import statements
from masterdata.errors import Refusal

State = WorkOrder.State
ON_THE_FLOOR = "Begun on the floor"
RELEASES = ["state", "released_at", "short_reason", "version"]
"""What a release changes of the work order's row."""

_HARDEN = """
    UPDATE erp_reservation SET kind = 'hard', expires_at = NULL
    WHERE work_order_material_id = ANY(%s::bigint[]) AND kind = 'soft'
"""
_RESERVED = """
    SELECT work_order_material_id, quantity FROM erp_reservation
    WHERE work_order_material_id = ANY(%s::bigint[]) AND quantity > 0
"""
_OWN = """
    SELECT DISTINCT w.material_id FROM erp_salesorderline mine
    JOIN erp_salesorderline l ON l.order_id = mine.order_id JOIN erp_workorder w ON w.sales_order_line_id = l.id
    WHERE mine.id = %s::bigint AND w.plant_id = %s AND w.material_id = ANY(%s::bigint[]) AND w.state <> 'cancelled'
"""
# When what is pegged to a need comes; supply stands beside production, so its rows are read by table.
_COMES = """
    SELECT p.work_order_material_id, max(coalesce(l.confirmed_at, l.due_at, n.due_at, w.planned_end_at))
    FROM erp_peg p LEFT JOIN erp_purchaseorderline l ON l.id = p.purchase_order_line_id
    LEFT JOIN erp_plannedorder n ON n.id = p.planned_order_id LEFT JOIN erp_workorder w ON w.id = p.work_order_id
    WHERE p.work_order_material_id = ANY(%s) AND p.received_qty < p.quantity GROUP BY 1
"""


class WorkOrderEnded(Refusal):
    """The work order is closed, cancelled, or only proposed."""

    code: ClassVar[str] = "work_order_not_open"


@dataclass(frozen=True, slots=True)
class Shortage:
    """What a work order lacks of a material, and when what is pegged to it comes (empty: nothing is on its way)."""

    material_id: int
    code: str
    unit: str
    missing: Decimal
    comes_at: dt.datetime | None

    def __str__(self) -> str:
        when = f", comes {self.comes_at.day} {self.comes_at:%B}" if self.comes_at else ", nothing is on its way"
        return f"{self.missing.normalize():f} {self.unit} of {self.code}{when}"


def ended(order: WorkOrder, what: str) -> WorkOrderEnded:
    return WorkOrderEnded(
        f"Work order {order.number} is {State(order.state).label.lower()}: {what}.",
        work_order_id=order.pk,
        state=order.state,
    )


def keep_for_release(
    order: WorkOrder, needs: Sequence[WorkOrderMaterial], now: dt.datetime, *, reason: str = ON_THE_FLOOR
) -> list[Shortage]:
    """The same of a firm work order with its `needs`; its row is for the caller to write (`RELEASES`)."""
    if order.state != State.FIRM:
        raise ended(order, "only a firm one can be released")
    missing = _reserve_all(order, needs, now)
    order.state = State.RELEASED
    order.released_at = now
    order.short_reason = reason[:200] if missing else ""
    order.version += 1
    return missing


def keep_again(order: WorkOrder, needs: Sequence[WorkOrderMaterial], now: dt.datetime) -> None:
    """What a released work order lacks since something was taken back is reserved again, as far as it is there."""
    _reserve_all(order, needs, now)


def _reserve_all(order: WorkOrder, needs: Sequence[WorkOrderMaterial], now: dt.datetime) -> list[Shortage]:
    """What is reserved for it stays so, and what nothing covers yet is reserved; what lacks of it. What the order
    makes itself is not reserved.
    """
    if not needs:
        return []
    mine = statements.array(need.pk for need in needs)
    materials = statements.array(need.material_id for need in needs)
    _, reserved, own = statements.together(
        (_HARDEN, [mine]),
        (_RESERVED, [mine]),
        (_OWN, [order.sales_order_line_id, order.plant_id, materials]),
    )
    covered = {need.pk: need.issued_qty for need in needs}
    for need_id, quantity in reserved:
        covered[need_id] += quantity
    made = {material_id for (material_id,) in own}
    wanting = [need for need in needs if need.material_id not in made and need.quantity > covered[need.pk]]
    if not wanting:
        return []
    granted = stock.reserve(
        demands=[
            StockDemand(
                plant_id=order.plant_id,
                material_id=need.material_id,
                quantity=need.quantity - covered[need.pk],
                work_order_material_id=need.pk,
                kind=Reservation.Kind.HARD,
            )
            for need in wanting
        ],
        now=now,
    )
    lacks = {
        need.pk: need.quantity - covered[need.pk] - got
        for need, got in zip(wanting, granted, strict=True)
        if need.quantity - covered[need.pk] > got
    }
    return _shortages([need for need in wanting if need.pk in lacks], lacks)


def _shortages(needs: list[WorkOrderMaterial], lacks: dict[int, Decimal]) -> list[Shortage]:
    if not needs:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_COMES, [[need.pk for need in needs]])
        comes = dict(cursor.fetchall())
    return [
        Shortage(need.material_id, need.material.code, need.unit.code, lacks[need.pk], comes.get(need.pk))
        for need in needs
    ]
