"""By-products in planning: they come with the work that is there anyway, and nobody makes more of it for them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from erp import services as erp
from erp.models import ActionMessage, Peg, WorkOrder
from masterdata import services as masters
from masterdata.models import Material, MaterialPlant
from tests.erp.planning.test_run import day, for_stock, plan, planned, regenerate, work
from tests.erp.production.test_byproducts import beside, report
from tests.erp.shop import NOW, Shop

D = Decimal


def _world(shop: Shop) -> tuple[Material, Material]:
    """A shelf of a board, 3 days to make, brings 2 offcuts; offcuts are also bought in 4 days."""
    shelf, board, off = shop.make("SHELF"), shop.buy("BOARD"), shop.buy("OFFCUT")
    shop.price(off, days=4)
    shop.stock(board, "100")
    beside(shop, shelf, [(board, "1")], masters.ByproductInput(off.pk, D(2)))
    for_stock(shop, shelf, lead_time_days=3)
    for_stock(shop, off)
    return shelf, off


def _order(shop: Shop, material: Material, quantity: str, on: dt.date) -> None:
    draft = shop.draft((material, quantity))
    draft.lines.update(wanted_on=on)
    erp.confirm_order(order_id=draft.pk, now=NOW)


def test_proposed_work_brings_its_byproduct_and_the_rest_is_bought(shop: Shop) -> None:
    """3 shelves for day 10 bring 6 offcuts on day 10. 9 are wanted on day 12: 3 are bought, by day 8. Pegs both ways.

    Nothing is said about moving the work for them, and a run again changes nothing.
    """
    shelf, off = _world(shop)
    _order(shop, shelf, "3", day(10))
    _order(shop, off, "9", day(12))
    plan(shop)
    assert work(shop, shelf) == [("proposed", D(3), day(7), day(10))]
    assert planned(shop, off) == [(D(3), day(8), day(12))]
    pegs = Peg.objects.filter(sales_order_line__material=off).order_by("-quantity")
    assert [(one.quantity, one.work_order_id is not None) for one in pegs] == [(6, True), (3, False)]
    assert not ActionMessage.objects.filter(work_order__material=shelf).exists()
    assert regenerate(shop).changes == 0


def test_the_parent_is_not_made_for_it(shop: Shop) -> None:
    shelf, off = _world(shop)
    _order(shop, off, "9", day(12))
    plan(shop)
    assert work(shop, shelf) == []
    assert planned(shop, off) == [(D(9), day(8), day(12))]


def test_it_follows_the_work_that_brings_it(shop: Shop) -> None:
    """3 shelves more for day 11: 12 offcuts, nothing is bought. The work goes: all 9 are bought."""
    shelf, off = _world(shop)
    _order(shop, shelf, "3", day(10))
    _order(shop, off, "9", day(12))
    plan(shop)
    _order(shop, shelf, "3", day(11))
    plan(shop)
    assert planned(shop, off) == []
    shop.stock(shelf, "6", "10")
    plan(shop)
    assert work(shop, shelf) == []
    assert planned(shop, off) == [(D(9), day(8), day(12))]
    assert regenerate(shop).changes == 0


def test_what_firm_work_has_brought_is_stock_and_the_rest_still_comes(shop: Shop) -> None:
    """4 shelves for the day after tomorrow bring 8. One made: 2 are kept of the stock, 6 still come, 1 is bought."""
    shelf, off = _world(shop)
    MaterialPlant.objects.filter(material=shelf).update(planning_fence_days=30)
    _order(shop, shelf, "4", day(10))
    _order(shop, off, "9", day(12))
    plan(shop)
    order = WorkOrder.objects.get(material=shelf, state="firm")
    assert planned(shop, off) == [(D(1), day(8), day(12))]
    report(order, "1")
    plan(shop)
    assert planned(shop, off) == [(D(1), day(8), day(12))]
    assert list(Peg.objects.filter(work_order=order, sales_order_line__material=off).values_list("quantity")) == [(6,)]
    report(order, "3")
    plan(shop)
    assert planned(shop, off) == [(D(1), day(8), day(12))]
    assert not Peg.objects.filter(work_order=order, sales_order_line__material=off).exists()
    assert regenerate(shop).changes == 0


def test_an_orders_own_work_brings_it_too(shop: Shop) -> None:
    """A shelf to order, confirmed after the offcuts were bought: its 2 offcuts are bought no more."""
    shelf, off = _world(shop)
    MaterialPlant.objects.filter(material=shelf).update(policy="to_order")
    _order(shop, off, "2", day(12))
    plan(shop)
    assert planned(shop, off) == [(D(2), day(8), day(12))]
    _order(shop, shelf, "1", day(10))
    plan(shop)
    assert planned(shop, off) == []
    assert regenerate(shop).changes == 0


def test_nothing_waits_for_what_it_is_itself_used_for(shop: Shop) -> None:
    """A shelf needs a dowel, the dowel an offcut, and the shelf brings two: the dowel's offcut is bought all the same.

    Shelves for day 10 begin on day 7, their dowels on day 5; no offcut of these shelves is there before day 10.
    """
    shelf, dowel, off = shop.make("SHELF"), shop.make("DOWEL"), shop.buy("OFFCUT")
    shop.price(off, days=4)
    beside(shop, dowel, [(off, "1")])
    beside(shop, shelf, [(dowel, "1")], masters.ByproductInput(off.pk, D(2)))
    for_stock(shop, shelf, lead_time_days=3)
    for_stock(shop, dowel, lead_time_days=2)
    for_stock(shop, off)
    _order(shop, shelf, "3", day(10))
    _order(shop, shelf, "2", day(20))
    plan(shop)
    assert planned(shop, off) == [(D(3), day(1), day(5))]
    later = Peg.objects.filter(work_order_material__work_order__material=dowel, work_order__isnull=False)
    assert [(one.quantity, one.work_order.needed_on) for one in later] == [(D(2), day(10))]  # type: ignore[union-attr]
    assert regenerate(shop).changes == 0
