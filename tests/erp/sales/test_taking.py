"""Material of another order: let go of there, taken here, ordered anew for the other, or refused and nothing is."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

import pytest

from erp import selectors as erp_now
from erp import services as erp
from erp.models import Peg, PurchaseOrderLine, Reservation, SalesOrder, StockBalance, WorkOrder, WorkOrderMaterial
from masterdata.models import Material
from tests.erp.shop import NOW, Shop

D = Decimal
DAY = dt.timedelta(days=1)


@dataclass
class Legs:
    """A table takes 4 legs. 20 legs lie there, all kept for an order of 5 tables. Usual lead time: 10 days."""

    shop: Shop
    table: Material
    leg: Material
    giver: SalesOrder

    def takings(self, quantity: str) -> list[erp_now.Taking]:
        supply = erp_now.supply_for(plant_id=self.shop.plant.pk, material_id=self.table.pk, now=NOW)
        return erp_now.takings(supply, D(quantity))

    def takes(self, taking: erp_now.Taking) -> list[erp.Take]:
        return [erp.Take(pledge.need_id, need.quantity) for pledge, need in taking.needs]


@pytest.fixture
def legs(shop: Shop) -> Legs:
    table, leg = shop.make("TABLE"), shop.buy("LEG")
    shop.bom(table, (leg, "4"))
    shop.price(leg, "2", days=10)
    shop.stock(leg, "20")
    return Legs(shop, table, leg, shop.order((table, "5")))


def test_others_reservation_would_do_and_the_other_waits_for_its_replacement(legs: Legs) -> None:
    """3 tables want 12 legs; none is free, so they would come on day 10. The 20 of the other order would do at once:
    12 of them are taken and come again for it on day 10. 6 tables want 24: the other order holds too few."""
    [taking] = legs.takings("3")
    assert (taking.order_no, [(part.balance_id is None, taken) for part, taken in taking.parts]) == (
        legs.giver.number,
        [(False, D(12))],
    )
    assert taking.explosion.work_orders[0].ready_at(10) is None
    work_order = WorkOrder.objects.get()
    assert taking.ready_times == {(work_order.pk, 10): NOW + 10 * DAY}
    assert legs.takings("6") == []
    assert Reservation.objects.get().quantity == D(20)


def test_taking_moves_reservation_and_orders_the_rest_for_the_other(legs: Legs) -> None:
    """12 of 20 legs go to the new order. The other keeps 8 and waits for 12 that are bought, 24.00."""
    [taking] = legs.takings("3")
    draft = legs.shop.draft((legs.table, "3"))
    order = erp.confirm_with_material(order_id=draft.pk, takes=legs.takes(taking), now=NOW)
    kept = Reservation.objects.filter(quantity__gt=0).order_by("work_order_material__work_order_id")
    assert list(kept.values_list("work_order_material__work_order__sales_order_line__order", "quantity")) == [
        (legs.giver.pk, D(8)),
        (order.pk, D(12)),
    ]
    assert StockBalance.objects.get(material=legs.leg).reserved == D(20)
    line = PurchaseOrderLine.objects.get()
    assert (line.quantity, line.pegged_qty, line.due_at) == (D(12), D(12), NOW + 10 * DAY)
    peg = Peg.objects.get(purchase_order_line=line)
    assert peg.work_order_material is not None
    assert peg.work_order_material.work_order.sales_order_line.order == legs.giver  # type: ignore[union-attr]
    ready = erp_now.ready_times(plant_id=legs.shop.plant.pk, now=NOW)
    assert list(ready.values()) == [NOW + 10 * DAY]


def test_what_comes_on_a_purchase_of_another_order_moves_as_a_peg(legs: Legs) -> None:
    """The second order of 2 tables has no legs in stock: its 8 come on day 10. The supplier confirms day 3. A third
    order of 2 tables, asked when its own would come on day 10, takes the 8 of day 3; the second gets new ones."""
    second = legs.shop.order((legs.table, "2"))
    erp.confirm_purchase_date(line_id=PurchaseOrderLine.objects.get().pk, confirmed_at=NOW + 3 * DAY)
    Reservation.objects.update(kind=Reservation.Kind.HARD)
    [taking] = legs.takings("2")
    assert taking.order_no == second.number
    assert taking.explosion.work_orders[0].ready_at(10) == NOW + 3 * DAY
    draft = legs.shop.draft((legs.table, "2"))
    third = erp.confirm_with_material(order_id=draft.pk, takes=legs.takes(taking), now=NOW)
    pegs = Peg.objects.filter(purchase_order_line__isnull=False).order_by("purchase_order_line_id")
    owners = pegs.values_list("work_order_material__work_order__sales_order_line__order", "quantity")
    assert list(owners) == [(third.pk, D(8)), (second.pk, D(8))]


def test_material_that_the_floor_has_is_not_taken(legs: Legs) -> None:
    """Released between question and taking: the reservation is hard. Nothing of the new order is written."""
    [taking] = legs.takings("3")
    erp.release_work_order(work_order_id=WorkOrder.objects.get().pk, now=NOW)
    assert legs.takings("3") == []
    draft = legs.shop.draft((legs.table, "3"))
    with pytest.raises(erp.MaterialGone, match="LEG of"):
        erp.confirm_with_material(order_id=draft.pk, takes=legs.takes(taking), now=NOW)
    draft.refresh_from_db()
    assert draft.confirmed_at is None
    assert WorkOrderMaterial.objects.count() == 1


def test_hurried_order_buys_where_it_comes_soonest(legs: Legs) -> None:
    """10 days for 2.00 as usual; Quick takes 2 days and 5.00. A hurried order of 1 table buys 4 legs from Quick."""
    quick = type(legs.shop.supplier).objects.create(code="S2", name="Quick", is_supplier=True)
    legs.shop.price(legs.leg, "5", days=2, supplier=quick)
    draft = legs.shop.draft((legs.table, "1"))
    erp.confirm_order(order_id=draft.pk, now=NOW, hurried=[legs.leg.pk])
    line = PurchaseOrderLine.objects.get()
    assert (line.order.supplier, line.quantity, line.unit_price, line.due_at) == (quick, D(4), D(5), NOW + 2 * DAY)
