"""An order with goods in two plants: each ships its own, or one of them ships all that the other brings."""

from __future__ import annotations

from decimal import Decimal

import pytest

from erp import selectors as erp_now
from erp import services as erp
from erp.models import Account, Peg, SalesOrder, StockBalance, Transfer
from masterdata.errors import InvalidInput
from masterdata.models import Location, Material, Plant, Warehouse
from tests.erp import workbench
from tests.erp.fulfilment.yard import D, put
from tests.erp.shop import NOW, WANTED, Shop


def second_plant(shop: Shop) -> Plant:
    plant = Plant.objects.create(company=shop.company, code="P2", name="Second plant", calendar=shop.plant.calendar)
    warehouse = Warehouse.objects.create(plant=plant, code="W2", name="Second", is_main=True)
    for kind in Location.Kind.values:
        inside = warehouse if kind in ("stock", "quarantine") else None
        Location.objects.create(plant=plant, warehouse=inside, code=kind, name=kind, kind=kind, is_default=True)
    erp.open_buying(plant=plant)
    return plant


def ordered(shop: Shop, *lines: tuple[Plant, Material, str]) -> SalesOrder:
    rows = [erp.OrderLineInput(plant.pk, material.pk, D(much), D(100), WANTED) for plant, material, much in lines]
    draft = erp.create_order(company=shop.company, customer=shop.customer, currency=shop.euro, lines=rows, now=NOW)
    return erp.confirm_order(order_id=draft.pk, now=NOW)


def test_each_plant_ships_its_own(shop: Shop) -> None:
    other, lamp = second_plant(shop), shop.buy("LAMP", cost="20")
    shop.stock(lamp, "5")
    put(shop, lamp, "5", Location.objects.get(plant=other, kind="stock"))
    order = ordered(shop, (shop.plant, lamp, "2"), (other, lamp, "3"))
    for _ in range(2):
        erp.ship(shipment_id=erp.pack_shipment(order_id=order.pk, now=NOW).pk, now=NOW)
    assert sorted(order.shipments.values_list("plant__code", flat=True)) == ["P1", "P2"]
    assert [line.shipped_qty for line in order.lines.order_by("line_no")] == [2, 3]


def test_one_plant_ships_what_the_other_brings(shop: Shop) -> None:
    """2 tables of 14 minutes, 7 + 14 = 21, made in the first plant and a lamp at 20 kept there; a shade in the second
    ships with them. All is sent, arrives, is kept for its lines, and costs the order 41 + 20 whichever way it went."""
    other, lamp, shade = second_plant(shop), shop.buy("LAMP", cost="20"), shop.buy("SHADE", cost="20")
    table = shop.make("TABLE")
    shop.stock(lamp, "4", "20")
    put(shop, shade, "1", Location.objects.get(plant=other, kind="stock"))
    order = ordered(shop, (shop.plant, table, "2"), (shop.plant, lamp, "1"), (other, shade, "1"))
    with pytest.raises(InvalidInput):
        erp.bring_together(order_id=order.pk, now=NOW)
    erp.set_shipping(order_id=order.pk, ship_from=other, complete="order")
    first = order.lines.get(line_no=1)
    workbench.report(first.work_orders.get(), 10, "2", minutes="14", now=NOW, finish=True)
    sent = erp.bring_together(order_id=order.pk, now=NOW)
    assert [(one.plant.code, one.to_plant.code) for one in sent] == [("P1", "P2")]
    assert set(order.lines.values_list("plant__code", flat=True)) == {"P2"}
    assert Peg.objects.filter(sales_order_line__order=order, planned_order__isnull=False).count() == 2
    with pytest.raises(erp.NothingToBring):
        erp.bring_together(order_id=order.pk, now=NOW)
    erp.receive_transfer(transfer_id=Transfer.objects.get().pk, now=NOW)
    kept = StockBalance.objects.filter(plant=other, reserved__gt=0).values_list("material__code", "reserved")
    assert dict(kept) == {"LAMP": 1, "SHADE": 1, "TABLE": 2}
    erp.ship(shipment_id=erp.pack_shipment(order_id=order.pk, now=NOW).pk, now=NOW)
    assert [line.shipped_qty for line in order.lines.order_by("line_no")] == [2, 1, 1]
    assert erp_now.account_balance(shop.company, Account.Role.COGS, order_id=order.pk) == Decimal(61)
    assert erp_now.order_cost(order.pk).incurred_total == Decimal(61)


def test_what_is_not_ready_as_a_whole_stays(shop: Shop) -> None:
    other, lamp = second_plant(shop), shop.buy("LAMP")
    shop.stock(lamp, "2")
    order = ordered(shop, (shop.plant, lamp, "3"))
    erp.set_shipping(order_id=order.pk, ship_from=other)
    with pytest.raises(erp.NothingToBring):
        erp.bring_together(order_id=order.pk, now=NOW)
