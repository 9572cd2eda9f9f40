"""What a receipt posts: each part comes in at its share of the line's price and of what we supplied for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from erp.stock.models import StockMove
from erp.stock.places import default_place
from erp.stock.services import MoveIntent
from erp.supply.models import PurchaseOrder, PurchaseOrderLine, Receipt
from masterdata.models import Location
from masterdata.numbers import ZERO, money


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivered:
    """`quantity` base units of a purchase order line, in one lot where the material has lots (a serial number: one)."""

    line_id: int
    quantity: Decimal
    lot: str = ""
    supplier_lot: str = ""
    expires_on: dt.date | None = None
    length_mm: int | None = None
    width_mm: int | None = None
    lot_id: int | None = None


def moves_in(
    *,
    receipt: Receipt,
    order: PurchaseOrder,
    known: Mapping[int, PurchaseOrderLine],
    delivered: Sequence[Delivered],
    place: Location,
    supplied: Sequence[Decimal],
    fee_line_ids: Collection[int] = (),
) -> list[MoveIntent]:
    """`supplied` is what we supplied for each: the goods are worth it beside the supplier's price.

    The price of the `fee_line_ids` is a fee: subcontracting, and not material.
    """
    supplier = default_place(order.plant, Location.Kind.SUPPLIER)
    decimals = order.plant.company.currency.decimals
    before = {pk: line.received_qty for pk, line in known.items()}
    moves = []
    for one, ours in zip(delivered, supplied, strict=True):
        line = known[one.line_id]
        price = _value(before[line.pk], one.quantity, line.unit_price, decimals)
        moves.append(
            MoveIntent(
                kind=StockMove.Kind.RECEIPT,
                plant=order.plant,
                material_id=line.material_id,
                source_id=supplier.pk,
                target_id=place.pk,
                quantity=one.quantity,
                value=price + ours,
                fee=price if line.pk in fee_line_ids else ZERO,
                lot_id=one.lot_id,
                document=f"receipt:{receipt.pk}",
                partner=order.supplier,
                purchase_order_line_id=line.pk,
                memo=f"{receipt.number} for {order.number}",
            )
        )
        before[line.pk] += one.quantity
    return moves


def _value(before: Decimal, quantity: Decimal, unit_price: Decimal, decimals: int) -> Decimal:
    """The line's amount so far less what earlier receipts took of it: the parts sum to the whole line."""
    return money((before + quantity) * unit_price, decimals) - money(before * unit_price, decimals)
