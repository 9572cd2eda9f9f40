"""Picking: what one walk fetches, put back, found short; the goods wait in the staging place for their order."""

from __future__ import annotations

import datetime as dt

import pytest

from erp import services as erp
from erp.models import CountSheet, PickList, Reservation
from masterdata.errors import StaleVersion
from tests.erp import workbench
from tests.erp.fulfilment.yard import D, lot_of, lying, pick, pick_all, pick_list, put, shelf, tracked
from tests.erp.shop import NOW, Shop


def test_a_wave_is_one_walk_in_the_sequence_of_places(shop: Shop) -> None:
    """Two orders, goods on B2 and A1: the walk goes A1, A1, B2; what it asks for is reserved hard."""
    lamp, shade = shop.buy("LAMP"), shop.buy("SHADE")
    put(shop, lamp, "10", shelf(shop, "B2"))
    put(shop, shade, "10", shelf(shop, "A1"))
    first, second = shop.order((lamp, "2"), (shade, "1")), shop.order((shade, "3"))
    wave = pick_list(shop, first, second)
    walked = [(line.location.code, line.material.code, line.quantity) for line in wave.lines.all()]
    assert walked == [("A1", "SHADE", 1), ("A1", "SHADE", 3), ("B2", "LAMP", 2)]
    assert wave.is_wave
    assert set(Reservation.objects.filter(quantity__gt=0).values_list("kind", flat=True)) == {"hard"}
    with pytest.raises(erp.NothingToPick):
        pick_list(shop, first, second)


def test_picked_goods_wait_for_their_order_in_the_staging_place(shop: Shop) -> None:
    """3 of 10 are carried: 7 free ones stay, 3 lie there reserved; then they are packed and shipped from there."""
    lamp = shop.buy("LAMP", cost="20")
    put(shop, lamp, "10", shelf(shop, "A1"))
    order = shop.order((lamp, "3"))
    walk = pick_list(shop, order)
    pick(walk.lines.get(), "1", place="a1", goods="lamp")
    pick(walk.lines.get(), "2")
    assert lying(lamp) == {"A1": (D(7), D(0)), "SHIPPING": (D(3), D(3))}
    assert PickList.objects.get().closed_at == NOW
    erp.ship(shipment_id=erp.pack_shipment(order_id=order.pk, now=NOW).pk, now=NOW)
    assert lying(lamp) == {"A1": (D(7), D(0))}
    assert walk.lines.get().gone_qty == 3


def test_goods_made_for_an_order_are_picked_from_its_own_stock(shop: Shop) -> None:
    table = shop.make("TABLE")
    order = shop.order((table, "2"))
    workbench.report(order.lines.get().work_orders.get(), 10, "2", "0", now=NOW)
    walk = pick_list(shop, order)
    line = walk.lines.get()
    assert (line.owner, line.reservation, line.quantity) == (order, None, 2)
    pick_all(walk)
    assert lying(table) == {"SHIPPING": (D(2), D(0))}
    erp.ship(shipment_id=erp.pack_shipment(order_id=order.pk, now=NOW).pk, now=NOW)
    assert lying(table) == {}


def test_the_wrong_place_goods_and_quantity_are_refused(shop: Shop) -> None:
    lamp, other = shop.buy("LAMP"), shop.buy("SHADE")
    put(shop, lamp, "10", shelf(shop, "A1"))
    walk = pick_list(shop, shop.order((lamp, "3")))
    line = walk.lines.get()
    for wrong in ({"place": "A2"}, {"goods": other.code}, {"lot": "L1"}):
        with pytest.raises(erp.WrongGoods):
            pick(line, **wrong)
    with pytest.raises(erp.OverPick):
        pick(line, "4")
    assert lying(lamp) == {"A1": (D(10), D(3))}


def test_what_expires_first_is_fetched_first(shop: Shop) -> None:
    """The order has reserved L1 (oldest balance, expires in June); L2 expires in April: the walk takes 4 of L2, 1 of
    L1."""
    glue, place = tracked(shop, "GLUE"), shelf(shop, "A1")
    june, april = lot_of(glue, "L1", dt.date(2026, 6, 1)), lot_of(glue, "L2", dt.date(2026, 4, 1))
    put(shop, glue, "6", place, june)
    put(shop, glue, "4", place, april)
    walk = pick_list(shop, shop.order((glue, "5")))
    fetched = {line.lot.number: line.quantity for line in walk.lines.all() if line.lot}
    assert fetched == {"L2": 4, "L1": 1}


def test_another_lot_that_is_free_may_be_taken(shop: Shop) -> None:
    """5 of L1 are asked for; 2 are taken of L2, which is free, 3 of L1: 2 of L1 are free again."""
    glue, place = tracked(shop, "GLUE"), shelf(shop, "A1")
    put(shop, glue, "5", place, lot_of(glue, "L1"))
    put(shop, glue, "2", place, lot_of(glue, "L2"))
    walk = pick_list(shop, shop.order((glue, "5")))
    pick(walk.lines.get(), "2", goods="L2")
    pick(walk.lines.get(picked_qty=0), "3", goods="L1")
    picked = {line.lot.number: line.picked_qty for line in walk.lines.all() if line.lot}
    assert picked == {"L1": 3, "L2": 2}
    assert lying(glue)["SHIPPING"] == (D(2), D(2)) or lying(glue)["SHIPPING"] == (D(3), D(3))
    assert Reservation.objects.filter(quantity__gt=0, balance__location__code="A1").count() == 0


def test_missing_pieces_are_asked_for_elsewhere_and_the_place_is_counted(shop: Shop) -> None:
    """5 asked for on A1, 2 found. B1 has 2 free: asked for there; 1 waits for the count of A1. It finds 0: the order
    is supplied again with 1 bought piece."""
    lamp, a1, b1 = shop.buy("LAMP"), shelf(shop, "A1"), shelf(shop, "B1")
    shop.price(lamp)
    put(shop, lamp, "5", a1)
    put(shop, lamp, "2", b1)
    order = shop.order((lamp, "5"))
    walk = pick_list(shop, order)
    line = walk.lines.get()
    pick(line, "2")
    short = erp.pick_short(line_id=line.pk, now=NOW)
    assert [(one.location.code, one.quantity) for one in short.elsewhere] == [("B1", 2)]
    assert (short.missing, short.sheet) == (1, CountSheet.objects.get())
    pick(short.elsewhere[0])
    assert lying(lamp) == {"A1": (D(3), D(1)), "SHIPPING": (D(4), D(4))}
    walk.refresh_from_db()
    assert walk.closed_at
    sheet = CountSheet.objects.get()
    erp.enter_count(line_id=sheet.lines.get().pk, quantity=D(0), by=None, now=NOW)
    erp.post_count(sheet_id=sheet.pk, now=NOW, by=None)
    assert lying(lamp) == {"SHIPPING": (D(4), D(4))}
    assert order.lines.get().pegs.get().quantity == 1


def test_picked_goods_are_put_back(shop: Shop) -> None:
    """Of 3 picked, 1 is put back: 2 wait, 1 stays reserved on its shelf and is fetched by the next list."""
    lamp = shop.buy("LAMP")
    put(shop, lamp, "10", shelf(shop, "A1"))
    order = shop.order((lamp, "3"))
    walk = pick_list(shop, order)
    pick_all(walk)
    line = walk.lines.get()
    erp.unpick(line_id=line.pk, quantity=D(1), now=NOW)
    assert lying(lamp) == {"A1": (D(8), D(1)), "SHIPPING": (D(2), D(2))}
    assert [one.quantity for one in pick_list(shop, order).lines.all()] == [1]
    erp.pack_shipment(order_id=order.pk, lines=[(order.lines.get().pk, D(2))], now=NOW)
    with pytest.raises(erp.OverPick):
        erp.unpick(line_id=line.pk, quantity=D(1), now=NOW)


def test_a_list_that_is_closed_lets_the_rest_go_to_another(shop: Shop) -> None:
    lamp = shop.buy("LAMP")
    put(shop, lamp, "10", shelf(shop, "A1"))
    order = shop.order((lamp, "3"))
    walk = pick_list(shop, order)
    pick(walk.lines.get(), "1")
    with pytest.raises(StaleVersion):
        erp.close_pick_list(list_id=walk.pk, now=NOW, expected_version=1)
    erp.close_pick_list(list_id=walk.pk, now=NOW)
    with pytest.raises(erp.PickListClosed):
        pick(walk.lines.get(), "1")
    assert [one.quantity for one in pick_list(shop, order).lines.all()] == [2]
