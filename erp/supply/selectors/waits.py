"""Which material an offer waits for, in words: how much of what, and who brings it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from erp.supply.models import PlannedOrder, PurchaseOrderLine
from erp.supply.needs import Explosion, Need
from masterdata.models import Material, Partner
from masterdata.numbers import ZERO


@dataclass(frozen=True, kw_only=True, slots=True)
class MaterialWait:
    """`quantity` base units that come last, at `ready_at`: on a purchase order that exists, else to be ordered.

    `supplier` is empty when nobody sells it: then its lead time in the plant counts.
    """

    material_id: int
    code: str
    unit: str
    quantity: Decimal
    ready_at: dt.datetime
    purchase_no: str
    supplier: str


def material_wait(explosion: Explosion, *, path: str, sequence: int) -> MaterialWait | None:
    """The bought material that the operation waits for longest; nothing when all of it is there. Two queries."""
    need = explosion.need_of(path, sequence)
    if need is None or need.ready_at is None:
        return None
    code, unit = Material.objects.values_list("code", "unit__code").get(pk=need.material_id)
    purchase_no, supplier, quantity = _from(explosion, need)
    return MaterialWait(
        material_id=need.material_id,
        code=code,
        unit=unit,
        quantity=quantity,
        ready_at=need.ready_at,
        purchase_no=purchase_no,
        supplier=supplier,
    )


def _from(explosion: Explosion, need: Need) -> tuple[str, str, Decimal]:
    """Purchase order, supplier and quantity of what comes last; of a transfer its number and the plant that sent it."""
    if sent := [part for part in need.transit if part.ready_at == need.ready_at]:
        rows = PlannedOrder.objects.filter(pk=sent[0].planned_order_id)
        number, name = rows.values_list("transfer_line__transfer__number", "source_plant__name").get()
        return number, name, sum((part.quantity for part in sent), ZERO)
    last = [part for part in need.ordered if part.ready_at == need.ready_at]
    to_buy = [
        (purchase, part)
        for purchase in explosion.purchases
        if purchase.due_at == need.ready_at
        for wanted, part in purchase.pegs
        if wanted is need
    ]
    quantity = sum((part for _, part in to_buy), ZERO) + sum((part.quantity for part in last), ZERO)
    if to_buy:
        offer = to_buy[0][0].offer
        return "", Partner.objects.values_list("name", flat=True).get(pk=offer.supplier_id) if offer else "", quantity
    if not last:  # left to material planning
        return "", "", need.planned
    found = PurchaseOrderLine.objects.filter(pk=last[0].line_id).values_list("order__number", "order__supplier__name")
    number, name = found.get()
    return number, name, quantity
