"""Available to promise: how much of each line there is when, and from where, by one query an order."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from erp import selectors as erp_now
from erp import services as erp
from erp.models import Lot, SalesOrder
from masterdata.models import Material, MaterialPlant, Partner
from tests.erp.planning.test_run import day, for_stock, plan
from tests.erp.shop import NOW, Shop
from tests.pages.counting import assert_query_count

D = Decimal


def promise(order: SalesOrder) -> list[list[tuple[str, Decimal, dt.date | None]]]:
    """Per line: source, quantity, day."""
    with assert_query_count("available to promise", 1):
        lines = erp_now.available_to_promise(order_id=order.pk, now=NOW)
    return [
        [(part.source, part.quantity, part.at.date() if part.at else None) for part in line.parts] for line in lines
    ]


def test_a_draft_takes_stock_above_safety_then_what_comes_by_day_then_the_lead_time(shop: Shop) -> None:
    """10 in stock, 4 for safety; 5 come in 3 days, 5 in 9. Lines of 8 and 12, 7 days to buy.

    The first: 6 free, 2 of the first delivery. The second: 3 of it, 5 of the next, 4 by the lead time.
    """
    board = shop.buy("BOARD")
    shop.price(board, days=7)
    for_stock(shop, board, safety_stock=D(4))
    shop.stock(board, "10")
    for days in (9, 3):
        erp.create_purchase_order(
            plant=shop.plant,
            supplier=shop.supplier,
            lines=[erp.PurchaseLineInput(board.pk, D(5), D(1), NOW + dt.timedelta(days=days))],
            now=NOW,
        )
    draft = shop.draft((board, "8"), (board, "12"))
    assert promise(draft) == [
        [("free_stock", D(6), day(0)), ("purchase", D(2), day(3))],
        [("purchase", D(3), day(3)), ("lead_time", D(4), day(7)), ("purchase", D(5), day(9))],
    ]
    erp.confirm_order(order_id=draft.pk, now=NOW)
    plan(shop)
    assert promise(draft) == [
        [("stock", D(6), day(0)), ("purchase", D(2), day(3))],
        [("purchase", D(3), day(3)), ("purchase", D(5), day(9)), ("planned", D(4), day(18))],
    ]


def test_what_is_made_for_stock_or_for_the_order_is_told_by_its_work_orders(shop: Shop) -> None:
    """A stool for stock is planned for the end of the 20th; a table made to order waits for its plan."""
    stool, table = shop.make("STOOL"), shop.make("TABLE")
    for_stock(shop, stool, lead_time_days=2)
    order = shop.order((stool, "3"), (table, "2"))
    plan(shop)
    assert promise(order) == [[("work_order", D(3), dt.date(2026, 3, 21))], [("work_order", D(2), None)]]


def test_what_nobody_makes_yet_takes_the_days_of_all_levels(shop: Shop) -> None:
    """A table takes 3 days to make, of frames that take 2, of rails that are bought in 5; the shop works every day.

    Nothing there: 5 + 2 + 3 days, at the end of the 10th day from today. 4 frames free: 2 tables take 3 days, and 3
    tables, for which the frames do not suffice, 10 again. The faster supplier is not the usual one: 5 days, not 1.
    """
    table, frame, rail = shop.make("TABLE"), shop.make("FRAME"), shop.buy("RAIL")
    shop.bom(frame, (rail, "4"))
    shop.bom(table, (frame, "2"))
    shop.price(rail, "1", days=5)
    quick = Partner.objects.create(code="S2", name="Quick", is_supplier=True)
    shop.price(rail, "3", days=1, supplier=quick)
    for material, days in ((table, 3), (frame, 2)):
        MaterialPlant.objects.create(material=material, plant=shop.plant, lead_time_days=days)
    assert promise(shop.draft((table, "2"))) == [[("lead_time", D(2), day(11))]]
    shop.stock(frame, "4")
    assert promise(shop.draft((table, "2"))) == [[("lead_time", D(2), day(4))]]
    assert promise(shop.draft((table, "3"))) == [[("lead_time", D(3), day(11))]]


def test_no_day_is_invented_for_what_is_made_to_order_without_a_lead_time(shop: Shop) -> None:
    assert promise(shop.draft((shop.make("TABLE"), "1"))) == [[("lead_time", D(1), None)]]


def test_a_lot_that_has_expired_is_not_free(shop: Shop) -> None:
    """3 of a lot that could be used until yesterday: none of them counts, 7 days to buy."""
    glue = shop.buy("GLUE")
    shop.price(glue, days=7)
    erp.set_tracking(material_id=glue.pk, tracking="lot", is_dimensioned=False)
    lot = erp.ensure_lot(material=Material.objects.get(pk=glue.pk), number="L1", now=NOW)
    Lot.objects.filter(pk=lot.pk).update(expires_on=day(-1))
    erp.receive_opening(rows=[erp.OpeningStock(glue.pk, shop.shelf.pk, D(3), D(1), lot.pk)], now=NOW)
    assert promise(shop.draft((glue, "2"))) == [[("lead_time", D(2), day(7))]]
