"""Who gets what a purchase line brings: its pegs in their order, and reservations for what they still lack."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal

from erp.stock.models import Reservation
from erp.stock.services import StockDemand, reserve
from erp.supply.models import Peg, PurchaseOrder, PurchaseOrderLine
from erp.supply.services.pegs import sales_order_of
from erp.supply.services.spoilt import plan_spoilt
from erp.supply.services.supplied import still_to_send
from masterdata import statements
from masterdata.numbers import ZERO
from masterdata.whole import Whole

_RECEIVED = """
    UPDATE erp_purchaseorderline line
    SET received_qty = line.received_qty + new.quantity, pegged_qty = line.pegged_qty - new.pegged,
        over_qty = greatest(line.over_qty, line.received_qty + new.quantity - line.quantity)
    FROM unnest(%s::bigint[], %s::numeric[], %s::numeric[]) AS new(id, quantity, pegged)
    WHERE line.id = new.id
"""
_OPEN = Whole(
    Peg,
    "t.purchase_order_line_id = ANY(%s) AND t.received_qty < t.quantity ORDER BY t.id",
    "work_order_material",
    "work_order_material__work_order",
    "work_order_material__work_order__sales_order_line",
    "sales_order_line",
    "supplied_component",
    "supplied_component__material",
    "supplied_component__material__unit",
    "supplied_component__order_line",
)
_Demand = tuple[int | None, int | None, int | None]


def serve_pegs(
    order: PurchaseOrder,
    lines: Mapping[int, PurchaseOrderLine],
    delivered: Mapping[int, Decimal],
    spoilt: Mapping[int, Decimal],
    now: dt.datetime,
) -> set[int]:
    """Give each line's goods to its open pegs, oldest first, and reserve what the demand still lacks.

    `lines` are locked and as before the delivery; `spoilt` is how much of each came unusable: who waits for that is
    planned again. Returns the sales orders that waited.
    """
    pegs = _OPEN.read(statements.array(delivered))
    left = {pk: quantity - spoilt.get(pk, ZERO) for pk, quantity in delivered.items()}
    pegged = dict.fromkeys(delivered, ZERO)
    served: list[tuple[Peg, Decimal]] = []
    for peg in pegs:
        line_id = peg.purchase_order_line_id or 0
        part = min(left[line_id], peg.quantity - peg.received_qty)
        if part > 0:
            left[line_id] -= part
            pegged[line_id] += part
            peg.received_qty += part
            served.append((peg, part))
    if served:
        Peg.objects.bulk_update([peg for peg, _ in served], ["received_qty"])
    lost = [part for line_id in spoilt for part in _plan_again(order, lines[line_id], delivered[line_id], pegs, pegged)]
    rows = ((line_id, quantity, pegged[line_id]) for line_id, quantity in delivered.items())
    statements.run(_RECEIVED, statements.columns(rows, 3))
    reserve(demands=demands_of(order.plant_id, served), now=now)
    return {order_id for peg, _ in [*served, *lost] if (order_id := sales_order_of(peg)) is not None}


def _plan_again(
    order: PurchaseOrder, line: PurchaseOrderLine, came: Decimal, pegs: Sequence[Peg], pegged: dict[int, Decimal]
) -> list[tuple[Peg, Decimal]]:
    waiting = [peg for peg in pegs if peg.purchase_order_line_id == line.pk and peg.received_qty < peg.quantity]
    parts = plan_spoilt(order=order, line=line, came=came, waiting=waiting)
    pegged[line.pk] += sum((part for _, part in parts), ZERO)
    return parts


def demands_of(plant_id: int, served: Sequence[tuple[Peg, Decimal]]) -> list[StockDemand]:
    """What is kept of these parts of pegs, which have come: no more than the demand still lacks."""
    lacking = _lacking([peg for peg, _ in served])
    demands = []
    for peg, part in served:
        wanted = min(part, lacking.get(_key(peg), ZERO))  # a planned order takes what is free
        if wanted <= 0:
            continue
        lacking[_key(peg)] -= wanted
        need = peg.work_order_material
        is_hard = need is None or need.work_order.state == need.work_order.State.RELEASED
        demands.append(
            StockDemand(
                plant_id=plant_id,
                material_id=_material(peg),
                quantity=wanted,
                work_order_material_id=peg.work_order_material_id,
                sales_order_line_id=peg.sales_order_line_id,
                supplied_component_id=peg.supplied_component_id,
                kind=Reservation.Kind.HARD if is_hard else Reservation.Kind.SOFT,
            )
        )
    return demands


def _key(row: Peg | Reservation) -> _Demand:
    return row.work_order_material_id, row.sales_order_line_id, row.supplied_component_id


def _material(peg: Peg) -> int:
    demand = peg.work_order_material or peg.sales_order_line or peg.supplied_component
    assert demand is not None
    return demand.material_id


def _lacking(pegs: Sequence[Peg]) -> dict[_Demand, Decimal]:
    """What each demand still needs: its quantity less what was issued or shipped and what is reserved for it.

    A work order that is closed or cancelled needs nothing more, and one that is only proposed keeps nothing: what was
    bought for it is free stock. A component is needed while its supplier lacks it.
    """
    lacking: dict[_Demand, Decimal] = {}
    for peg in pegs:
        need, line, component = peg.work_order_material, peg.sales_order_line, peg.supplied_component
        if need is not None:
            keeps = need.work_order.state in (need.work_order.State.FIRM, need.work_order.State.RELEASED)
            lacking[_key(peg)] = need.quantity - need.issued_qty if keeps else ZERO
        elif line is not None:
            lacking[_key(peg)] = line.quantity - line.shipped_qty
        elif component is not None:
            lacking[_key(peg)] = still_to_send(component, component.order_line)
    needs, lines, supplied = ([key[at] for key in lacking if key[at]] for at in range(3))
    rows = Reservation.objects.filter(work_order_material__in=needs) | Reservation.objects.filter(
        sales_order_line__in=lines
    )
    if supplied:
        rows |= Reservation.objects.filter(supplied_component__in=supplied)
    for reservation in rows:
        lacking[_key(reservation)] -= reservation.quantity
    return lacking
