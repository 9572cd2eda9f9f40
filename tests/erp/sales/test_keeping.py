"""Pieces kept by hand: for a draft until a moment, for a confirmed demand instead of what is on order."""

from __future__ import annotations

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.db import connection

from erp import services as erp
from erp.models import PurchaseOrderLine, Reservation, StockBalance
from erp.sales.services.keeping import DemandEnded, NeedsNoMore, NotEnoughFree, NothingKept
from masterdata.errors import InvalidInput
from tests.erp.shop import NOW, Shop

D = Decimal
LATER = NOW + dt.timedelta(hours=4)
NOTHING_FREE = "Nothing of LAMP is free in First plant: let another reservation go, or wait for what is on order."


def held() -> list[tuple[str, Decimal]]:
    rows = Reservation.objects.filter(quantity__gt=0).order_by("id")
    return [(row.kind, row.quantity) for row in rows]


def test_a_draft_holds_stock_until_it_is_confirmed(shop: Shop) -> None:
    """3 of 5 lamps are held for a draft of 4: another order of 5 gets the 2 free ones and buys 3. Confirming the draft
    takes its 3 and buys the fourth."""
    lamp = shop.buy("LAMP")
    shop.price(lamp)
    shop.stock(lamp, "5")
    draft = shop.draft((lamp, "4"))
    line = draft.lines.get()
    erp.keep_pieces(sales_order_line_id=line.pk, quantity=D(3), expires_at=LATER, now=NOW)
    shop.order((lamp, "5"))
    assert held() == [("soft", 3), ("soft", 2)]
    erp.confirm_order(order_id=draft.pk, now=NOW)
    mine = Reservation.objects.filter(sales_order_line=line, quantity__gt=0).get()
    assert (mine.quantity, mine.expires_at) == (3, None)
    assert sorted(PurchaseOrderLine.objects.values_list("quantity", flat=True)) == [1, 3]


def test_what_is_held_expires_by_the_clock(shop: Shop) -> None:
    lamp = shop.buy("LAMP")
    shop.stock(lamp, "5")
    line = shop.draft((lamp, "4")).lines.get()
    erp.keep_pieces(sales_order_line_id=line.pk, quantity=D(3), expires_at=LATER, now=NOW)
    assert erp.expire_reservations(now=LATER - dt.timedelta(minutes=1)) == 0
    assert erp.expire_reservations(now=LATER) == 1
    assert erp.expire_reservations(now=LATER) == 0
    assert StockBalance.objects.get().reserved == 0


def test_no_more_than_is_free_and_no_more_than_is_lacked(shop: Shop) -> None:
    lamp = shop.buy("LAMP")
    shop.stock(lamp, "2")
    draft = shop.draft((lamp, "4"))
    line = draft.lines.get()
    with pytest.raises(NotEnoughFree, match="Only 2 of LAMP are free") as refused:
        erp.keep_pieces(sales_order_line_id=line.pk, quantity=D(3), now=NOW)
    assert refused.value.values["available"] == "2.000000"
    with pytest.raises(NeedsNoMore, match="lacks 4"):
        erp.keep_pieces(sales_order_line_id=line.pk, quantity=D(5), now=NOW)
    with pytest.raises(InvalidInput):
        erp.keep_pieces(quantity=D(1), now=NOW)
    with pytest.raises(InvalidInput):
        erp.keep_pieces(sales_order_line_id=line.pk, quantity=D(1), kind="hard", expires_at=LATER, now=NOW)
    assert held() == []


def test_keeping_stock_for_work_frees_what_was_on_order_for_it(shop: Shop) -> None:
    """A table lacks 4 legs, which are bought. 3 legs turn up and are kept for it: the purchase line is pegged for 1
    only, 3 of it are for whoever comes."""
    table, leg = shop.make("TABLE"), shop.buy("LEG")
    shop.bom(table, (leg, "4"))
    shop.price(leg)
    order = shop.order((table, "1"))
    need = order.lines.get().work_orders.get().materials.get()
    shop.stock(leg, "3")
    erp.keep_pieces(work_order_material_id=need.pk, quantity=D(3), kind="hard", now=NOW)
    assert held() == [("hard", 3)]
    assert PurchaseOrderLine.objects.get().pegged_qty == 1


def test_letting_go_supplies_a_confirmed_order_from_elsewhere(shop: Shop) -> None:
    """An order has 4 lamps from the shelf. Let go, the 4 are free for another order, and 4 are bought for the first."""
    lamp = shop.buy("LAMP")
    shop.price(lamp)
    shop.stock(lamp, "4")
    order = shop.order((lamp, "4"))
    erp.let_pieces_go(reservation_id=Reservation.objects.get().pk, now=NOW)
    row = StockBalance.objects.get()
    assert (row.on_hand, row.reserved) == (4, 0)
    assert [peg.quantity for peg in order.lines.get().pegs.all()] == [4]
    with pytest.raises(NothingKept):
        erp.let_pieces_go(reservation_id=Reservation.objects.get().pk, quantity=D(1), now=NOW)


def test_nothing_is_kept_for_work_that_has_ended(shop: Shop) -> None:
    table, leg = shop.make("TABLE"), shop.buy("LEG")
    shop.bom(table, (leg, "4"))
    shop.price(leg)
    work = shop.order((table, "1")).lines.get().work_orders.get()
    shop.stock(leg, "9")
    type(work).objects.filter(pk=work.pk).update(state="closed")
    with pytest.raises(DemandEnded):
        erp.keep_pieces(work_order_material_id=work.materials.get().pk, quantity=D(1), now=NOW)
    type(work).objects.filter(pk=work.pk).update(state="firm")


def test_of_forty_who_want_one_of_ten_pieces_ten_get_one_and_thirty_are_told(committed: None) -> None:
    """40 draft orders, 10 lamps, 8 connections at a time: 10 reservations of 1, 30 refusals that say what is left."""
    shop = Shop()
    lamp = shop.buy("LAMP")
    shop.stock(lamp, "10")
    lines = [shop.draft((lamp, "1")).lines.get().pk for _ in range(40)]
    gate = threading.Barrier(8)

    def want(place: int) -> str:
        if place < 8:
            gate.wait(timeout=30)
        try:
            erp.keep_pieces(sales_order_line_id=lines[place], quantity=D(1), now=NOW)
            return "granted"
        except NotEnoughFree as refusal:
            return refusal.sentence
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(want, range(40)))
    assert answers.count("granted") == 10
    assert answers.count(NOTHING_FREE) == 30
    assert (StockBalance.objects.get().reserved, Reservation.objects.count()) == (10, 10)
