"""Who gets what a purchase line brings: its pegs in their order, and reservations for what they still lack."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal

from erp.stock.models import Reservation
from erp.stock.services import StockDemand, reserve
from erp.supply.models import Peg, PurchaseOrder
from erp.supply.services.pegs import sales_order_of
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
)


def serve_pegs(order: PurchaseOrder, delivered: Mapping[int, Decimal], now: dt.datetime) -> set[int]:
    """Give each line's goods to its open pegs, oldest first, and reserve what the demand still lacks.

    Returns the sales orders that waited.
    """
    pegs = _OPEN.read(statements.array(delivered))
    left, pegged = dict(delivered), dict.fromkeys(delivered, ZERO)
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
    rows = ((line_id, quantity, pegged[line_id]) for line_id, quantity in delivered.items())
    statements.run(_RECEIVED, statements.columns(rows, 3))
    reserve(demands=_demands(order.plant_id, served), now=now)
    return {order_id for peg, _ in served if (order_id := sales_order_of(peg)) is not None}


def _demands(plant_id: int, served: Sequence[tuple[Peg, Decimal]]) -> list[StockDemand]:
    lacking = _lacking([peg for peg, _ in served])
    demands = []
    for peg, part in served:
        key = (peg.work_order_material_id, peg.sales_order_line_id)
        wanted = min(part, lacking.get(key, ZERO))  # a transfer to another plant takes what is free
        if wanted <= 0:
            continue
        lacking[key] -= wanted
        need = peg.work_order_material
        is_hard = need is None or need.work_order.state == need.work_order.State.RELEASED
        demands.append(
            StockDemand(
                plant_id=plant_id,
                material_id=need.material_id if need else _ordered_material(peg),
                quantity=wanted,
                work_order_material_id=peg.work_order_material_id,
                sales_order_line_id=peg.sales_order_line_id,
                kind=Reservation.Kind.HARD if is_hard else Reservation.Kind.SOFT,
            )
        )
    return demands


def _ordered_material(peg: Peg) -> int:
    assert peg.sales_order_line is not None
    return peg.sales_order_line.material_id


def _lacking(pegs: Sequence[Peg]) -> dict[tuple[int | None, int | None], Decimal]:
    """What each demand still needs: its quantity less what was issued or shipped and what is reserved for it.

    A work order that is closed or cancelled needs nothing more, and one that is only proposed keeps nothing: what was
    bought for it is free stock.
    """
    lacking: dict[tuple[int | None, int | None], Decimal] = {}
    for peg in pegs:
        need, line = peg.work_order_material, peg.sales_order_line
        if need is not None:
            keeps = need.work_order.state in (need.work_order.State.FIRM, need.work_order.State.RELEASED)
            lacking[need.pk, None] = need.quantity - need.issued_qty if keeps else ZERO
        elif line is not None:
            lacking[None, line.pk] = line.quantity - line.shipped_qty
    for reservation in Reservation.objects.filter(
        work_order_material__in=[key[0] for key in lacking if key[0]]
    ) | Reservation.objects.filter(sales_order_line__in=[key[1] for key in lacking if key[1]]):
        lacking[reservation.work_order_material_id, reservation.sales_order_line_id] -= reservation.quantity
    return lacking
