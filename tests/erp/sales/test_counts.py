"""Counts: moves while counting are not lost, approval by value, and who loses when less is there than was kept."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from erp import selectors as erp_now
from erp import services as erp
from erp.models import Account, CountSheet, Reservation, ReservationCut, SalesOrder, StockBalance, StockMove
from erp.sales.models import SalesOrderLine
from erp.stock.counting import NeedsApproval, NotCounted, SheetClosed
from masterdata.errors import InvalidInput, StaleVersion
from masterdata.models import FactRecord, Material
from suite import audit
from tests.erp.shop import NOW, Shop

D = Decimal


def sheet_of(shop: Shop, material: Material) -> CountSheet:
    return erp.make_count_sheet(plant=shop.plant, material=material, now=NOW)


def enter(sheet: CountSheet, quantity: str) -> None:
    """On its only line."""
    erp.enter_count(line_id=sheet.lines.get().pk, quantity=D(quantity), by=None, now=NOW)


def post(sheet: CountSheet, *, may_approve: bool = True) -> CountSheet:
    return erp.post_count(sheet_id=sheet.pk, now=NOW, by=None, may_approve=may_approve)


def kept_for(order: SalesOrder) -> Decimal:
    rows = Reservation.objects.filter(sales_order_line__order=order).values_list("quantity", flat=True)
    return sum(rows, D(0))


def promise(order: SalesOrder, day: int) -> None:
    SalesOrderLine.objects.filter(order=order).update(promised_at=dt.datetime(2026, 3, day, tzinfo=dt.UTC))


def test_moves_while_counting_are_not_lost(shop: Shop) -> None:
    """10 in the book, 9 found: one is missing. Then 4 are written off for another reason: 6 in the book. Posting takes
    1 off these 6 and leaves 5, worth 15 of 30."""
    lamp = shop.buy("LAMP")
    shop.stock(lamp, "10", "3")
    sheet = sheet_of(shop, lamp)
    enter(sheet, "9")
    row = StockBalance.objects.get()
    reason = shop_reason()
    erp.scrap_stock(balance_id=row.pk, quantity=D(4), reason_id=reason, now=NOW)
    post(sheet)
    line = sheet.lines.get()
    assert (line.book_qty, line.difference, line.move.value) == (10, -1, 3)
    assert StockBalance.objects.get().on_hand == 5
    assert erp_now.account_balance(shop.company, Account.Role.INVENTORY) == 15


def shop_reason() -> int:
    from masterdata.models import ReasonCode

    return ReasonCode.objects.create(code="BROKEN", name="Broken", kind="scrap").pk


def test_a_gain_is_worth_what_stock_is_worth(shop: Shop) -> None:
    """4 worth 10.00; 6 found: 2 more at 2.50 each."""
    lamp = shop.buy("LAMP")
    shop.stock(lamp, "4", "2.5")
    sheet = sheet_of(shop, lamp)
    enter(sheet, "6")
    post(sheet)
    assert StockMove.objects.get(kind="adjustment").value == 5
    assert erp_now.account_balance(shop.company, Account.Role.STOCK_DIFFERENCE) == -5


def test_a_count_below_the_reserved_takes_it_from_the_latest_promise_and_supplies_it_again(shop: Shop) -> None:
    """10 lamps: 4 for A (promised on the 10th), 6 for B (on the 20th). 7 are found: 3 short, B keeps 3, and 3 are
    bought for B. A keeps its 4. Nobody is refused; a fact tells planning."""
    lamp = shop.buy("LAMP")
    shop.price(lamp)
    shop.stock(lamp, "10")
    first, second = shop.order((lamp, "4")), shop.order((lamp, "6"))
    promise(first, 10), promise(second, 20)
    sheet = sheet_of(shop, lamp)
    enter(sheet, "7")
    post(sheet)
    assert (kept_for(first), kept_for(second)) == (4, 3)
    line = second.lines.get()
    assert [(peg.quantity, peg.purchase_order_line.quantity) for peg in line.pegs.all()] == [(3, 3)]
    line.refresh_from_db()
    assert line.expected_at == NOW + dt.timedelta(days=5, minutes=120)
    row = StockBalance.objects.get()
    assert (row.on_hand, row.reserved) == (7, 7)
    assert [(cut.quantity, cut.cause) for cut in ReservationCut.objects.all()] == [(3, "count")]
    fact = FactRecord.objects.filter(kind="StockShort").get()
    assert fact.payload["order_ids"] == [second.pk]


def test_what_came_and_was_lost_is_pegged_anew_only(shop: Shop) -> None:
    """6 lamps are bought for an order and come; 2 are found. 4 are bought again: 2 came, 4 come, 6 as ordered."""
    lamp = shop.buy("LAMP")
    shop.price(lamp)
    order = shop.order((lamp, "6"))
    erp.receive_purchase(purchase_order_id=order.lines.get().pegs.get().purchase_order_line.order_id, now=NOW)
    sheet = sheet_of(shop, lamp)
    enter(sheet, "2")
    post(sheet)
    pegs = order.lines.get().pegs.order_by("id")
    assert [(peg.quantity, peg.received_qty) for peg in pegs] == [(2, 2), (4, 0)]
    assert [found.invariant.name for found in audit.findings() if not found.holds] == []


def test_the_same_loss_counted_twice_is_posted_once(shop: Shop) -> None:
    """10 in the book. Two people count 9 before either posts: one piece is missing, not two."""
    lamp = shop.buy("LAMP")
    shop.stock(lamp, "10")
    sheets = [sheet_of(shop, lamp), sheet_of(shop, lamp)]
    for sheet in sheets:
        enter(sheet, "9")
    for hour, sheet in enumerate(sheets, start=1):
        erp.post_count(sheet_id=sheet.pk, now=NOW + dt.timedelta(hours=hour), by=None)
        assert StockBalance.objects.get().on_hand == 9
    assert StockMove.objects.filter(kind="adjustment").count() == 1


def test_hard_reservations_lose_last_and_work_is_supplied_again(shop: Shop) -> None:
    """5 legs: 2 soft for a lamp order, 3 hard for a released work order of a table. 1 is found: the soft 2 go, then 2
    of the hard 3. All 4 are bought again, 2 for each."""
    table, leg = shop.make("TABLE"), shop.buy("LEG")
    shop.bom(table, (leg, "3"))
    shop.price(leg)
    shop.stock(leg, "5")
    made = shop.order((table, "1"))
    work = made.lines.get().work_orders.get()
    erp.release_work_order(work_order_id=work.pk, now=NOW)
    sold = shop.order((leg, "2"))
    sheet = sheet_of(shop, leg)
    enter(sheet, "1")
    post(sheet)
    cuts = ReservationCut.objects.order_by("id").values_list("quantity", "was_hard")
    assert list(cuts) == [(2, False), (2, True)]
    assert kept_for(sold) == 0
    need = work.materials.get()
    assert sum(need.reservations.values_list("quantity", flat=True)) == 1
    assert sum(need.pegs.values_list("quantity", flat=True)) == 2


def test_a_lower_priority_number_keeps_its_pieces(shop: Shop) -> None:
    """The later promise has priority 1: the earlier one, without any, loses."""
    lamp = shop.buy("LAMP")
    shop.price(lamp)
    shop.stock(lamp, "4")
    first, second = shop.order((lamp, "2")), shop.order((lamp, "2"))
    promise(first, 10), promise(second, 20)
    Reservation.objects.filter(sales_order_line__order=second).update(priority=1)
    sheet = sheet_of(shop, lamp)
    enter(sheet, "2")
    post(sheet)
    assert (kept_for(first), kept_for(second)) == (0, 2)


def test_differences_above_the_limit_wait_for_approval(shop: Shop) -> None:
    """Limit 10.00; 4 lamps at 3 are missing: 12.00. One who may not approve is refused, one who may posts."""
    lamp = shop.buy("LAMP")
    shop.stock(lamp, "10", "3")
    erp.set_count_limit(plant=shop.plant, amount=D(10))
    sheet = sheet_of(shop, lamp)
    enter(sheet, "6")
    with pytest.raises(NeedsApproval, match=r"12\.00 EUR"):
        post(sheet, may_approve=False)
    assert StockBalance.objects.get().on_hand == 10
    assert post(sheet, may_approve=True).posted_at == NOW
    with pytest.raises(SheetClosed):
        post(sheet)


def test_a_sheet_is_posted_when_all_of_it_is_counted(shop: Shop) -> None:
    lamp, shade = shop.buy("LAMP"), shop.buy("SHADE")
    shop.stock(lamp, "1"), shop.stock(shade, "1")
    sheet = erp.make_count_sheet(plant=shop.plant, location=shop.shelf, now=NOW)
    assert sheet.lines.count() == 2
    with pytest.raises(NotCounted, match="2 places"):
        post(sheet)
    with pytest.raises(InvalidInput):
        erp.enter_count(line_id=sheet.lines.first().pk, quantity=D("0.5"), by=None, now=NOW)
    with pytest.raises(StaleVersion):
        erp.drop_count_sheet(sheet_id=sheet.pk, now=NOW, expected_version=7)
    erp.drop_count_sheet(sheet_id=sheet.pk, now=NOW)


def test_what_the_book_does_not_know_is_found_too(shop: Shop) -> None:
    """Two shades lie on the shelf that the book knows nothing of, at a standard cost of 4."""
    lamp, shade = shop.buy("LAMP"), shop.buy("SHADE", cost="4")
    shop.stock(lamp, "1")
    sheet = erp.make_count_sheet(plant=shop.plant, location=shop.shelf, now=NOW)
    enter(sheet, "1")
    line = erp.add_count_line(sheet_id=sheet.pk, material=shade, location=shop.shelf)
    erp.enter_count(line_id=line.pk, quantity=D(2), by=None, now=NOW)
    post(sheet)
    line.refresh_from_db()
    assert (line.difference, line.move.value) == (2, 8)
