"""Goods that come back: at what they cost when they left, into quarantine, then decided upon."""

from __future__ import annotations

from decimal import Decimal

import pytest

from erp import selectors as erp_now
from erp import services as erp
from erp.fulfilment.selectors.returns import creditable
from erp.models import Account, CustomerReturn, ReturnReceipt, SalesOrder, ShipmentLine
from masterdata.errors import InvalidInput
from masterdata.models import ReasonCode
from tests.erp import workbench
from tests.erp.fulfilment.yard import D, lot_of, lying, put, shelf, tracked
from tests.erp.shop import NOW, Shop

ROLE = Account.Role


def ship(order: SalesOrder) -> ShipmentLine:
    shipment = erp.pack_shipment(order_id=order.pk, now=NOW)
    erp.ship(shipment_id=shipment.pk, now=NOW)
    return shipment.lines.get()


def allow(line: ShipmentLine, quantity: str, reason: str = "faulty") -> CustomerReturn:
    return erp.authorise_return(
        order_id=line.order_line.order_id, lines=[(line.pk, D(quantity))], reason=reason, now=NOW
    )


def receive(row: CustomerReturn, quantity: str, lot: str = "", *, to_stock: bool = False) -> ReturnReceipt:
    return erp.receive_return(
        return_id=row.pk, line_id=row.lines.get().pk, quantity=D(quantity), lot=lot, to_stock=to_stock, now=NOW
    )


def decide(receipt: ReturnReceipt, outcome: str, **more: int | bool) -> ReturnReceipt:
    return erp.decide_return(receipt_id=receipt.pk, outcome=outcome, now=NOW, by=None, **more)  # type: ignore[arg-type]


def test_goods_come_back_at_what_they_cost_when_they_left(shop: Shop) -> None:
    """3 lamps shipped at 10.00 in all: 3.33 and 6.67 come back in two parts. New lamps cost 50 meanwhile."""
    lamp = shop.buy("LAMP")
    put(shop, lamp, "3", shop.shelf, cost="3.333333")
    order = shop.order((lamp, "3", "30"))
    line = ship(order)
    put(shop, lamp, "5", shop.shelf, cost="50")
    row = allow(line, "3")
    first = receive(row, "1")
    second = receive(row, "2")
    assert (first.move.value, second.move.value) == (Decimal("3.33"), Decimal("6.67"))
    assert erp_now.account_balance(shop.company, ROLE.COGS, order_id=order.pk) == 0
    assert erp_now.order_cost(order.pk).incurred_total == 0
    assert lying(lamp)["QUARANTINE"] == (D(3), D(0))
    kept = order.lines.get()
    assert (kept.shipped_qty, kept.returned_qty) == (3, 3)
    assert [(one.order_line_id, one.quantity) for one in creditable(row)] == [(kept.pk, 3)]


def test_goods_made_for_the_order_come_back_as_free_stock(shop: Shop) -> None:
    """2 tables of 14 minutes in all: 7 + 14 = 21. One comes back at 10.50; the order keeps the other 10.50."""
    table = shop.make("TABLE")
    order = shop.order((table, "2", "50"))
    workbench.report(order.lines.get().work_orders.get(), 10, "2", "0", now=NOW, minutes="14")
    line = ship(order)
    receipt = receive(allow(line, "1"), "1", to_stock=True)
    assert receipt.move.value == Decimal("10.50")
    assert erp_now.account_balance(shop.company, ROLE.COGS, order_id=order.pk) == Decimal("10.50")
    assert erp_now.order_cost(order.pk).incurred_total == Decimal("10.50")
    assert lying(table) == {"STOCK": (D(1), D(0))}


def test_no_more_comes_back_than_left(shop: Shop) -> None:
    """Of 3, 2 are allowed on one return: 1 is left for another; what is withdrawn may be allowed again."""
    lamp = shop.buy("LAMP")
    put(shop, lamp, "3", shop.shelf)
    line = ship(shop.order((lamp, "3")))
    row = allow(line, "2")
    with pytest.raises(erp.NotReturnable):
        allow(line, "2")
    with pytest.raises(erp.NotReturnable):
        receive(row, "3")
    receive(row, "1")
    erp.close_return(return_id=row.pk, now=NOW)
    with pytest.raises(erp.ReturnClosed):
        receive(row, "1")
    allow(line, "2")


def test_what_came_back_is_decided(shop: Shop) -> None:
    """Of 4: 1 back to stock, 1 scrapped (20 to differences), 1 back to the customer, 1 replaced without charge.

    The first two are to be credited: the customer has one of the others, and gets one for the last.
    """
    lamp = shop.buy("LAMP")
    put(shop, lamp, "4", shop.shelf)
    order = shop.order((lamp, "4"))
    row = allow(ship(order), "4")
    one, two, three, four = (receive(row, "1") for _ in range(4))
    reason = ReasonCode.objects.create(code="BROKEN", name="Broken", kind="scrap")
    decide(one, "restock")
    with pytest.raises(erp.ReturnClosed if row.closed_at else InvalidInput):
        decide(two, "scrap")
    decide(two, "scrap", reason_id=reason.pk)
    decide(three, "send_back")
    new = decide(four, "rework", replace=True).replaced_by
    assert new is not None
    assert (new.quantity, new.unit_price, new.order.confirmed_at) == (1, 0, None)
    assert lying(lamp) == {"QUARANTINE": (D(2), D(0)), "STOCK": (D(1), D(0))}
    assert erp_now.account_balance(shop.company, ROLE.STOCK_DIFFERENCE) == 20
    row.refresh_from_db()
    assert row.closed_at == NOW
    assert [one.quantity for one in creditable(row)] == [2]
    assert order.lines.get().taken_back_qty == 2


def test_the_lot_that_left_comes_back(shop: Shop) -> None:
    saw = tracked(shop, "SAW", "serial")
    for number in ("S1", "S2", "S3"):
        put(shop, saw, "1", shelf(shop, number), lot_of(saw, number))
    row = allow(ship(shop.order((saw, "2"))), "2")
    with pytest.raises(InvalidInput):
        receive(row, "1", "S3")
    receive(row, "1", "S1")
    with pytest.raises(erp.NotReturnable):
        receive(row, "1", "S1")
    assert receive(row, "1", "S2").lot == saw.lots.get(number="S2")
