"""A shop with shelves, lots and orders, for tests of fulfilment."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from erp import services as erp
from erp.models import Lot, PickLine, PickList, SalesOrder, StockBalance
from masterdata.models import Location, Material, Warehouse
from tests.erp.shop import NOW, Shop

D = Decimal


def shelf(shop: Shop, code: str) -> Location:
    return Location.objects.create(
        plant=shop.plant, warehouse=Warehouse.objects.get(plant=shop.plant), code=code, name=f"Shelf {code}"
    )


def put(shop: Shop, material: Material, quantity: str, at: Location, lot: Lot | None = None, cost: str = "20") -> None:
    row = erp.OpeningStock(material.pk, at.pk, D(quantity), D(cost), lot.pk if lot else None)
    erp.receive_opening(rows=[row], now=NOW)


def lot_of(material: Material, number: str, expires_on: dt.date | None = None) -> Lot:
    return erp.ensure_lot(material=material, number=number, expires_on=expires_on, now=NOW)


def tracked(shop: Shop, code: str, tracking: str = "lot") -> Material:
    material = shop.buy(code, cost="20")
    material.tracking = tracking
    material.save()
    return material


def pick_list(shop: Shop, *orders: SalesOrder) -> PickList:
    return erp.make_pick_list(order_ids=[order.pk for order in orders], plant=shop.plant, now=NOW)


def pick(line: PickLine, quantity: str | None = None, **scanned: str) -> PickLine:
    much = line.quantity - line.picked_qty - line.short_qty if quantity is None else D(quantity)
    return erp.confirm_pick(line_id=line.pk, quantity=much, now=NOW, **scanned)


def pick_all(pick_list: PickList) -> None:
    for line in pick_list.lines.order_by("pk"):
        pick(line)


def lying(material: Material) -> dict[str, tuple[Decimal, Decimal]]:
    """Per place what is on hand and what of it is reserved."""
    rows = StockBalance.objects.filter(material=material, on_hand__gt=0).select_related("location")
    return {row.location.code: (row.on_hand, row.reserved) for row in rows.order_by("location__code")}
