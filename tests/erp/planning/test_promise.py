"""Available to promise: how much of each line there is when, and from where, by one query an order."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from erp import selectors as erp_now
from erp import services as erp
from erp.models import SalesOrder
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
