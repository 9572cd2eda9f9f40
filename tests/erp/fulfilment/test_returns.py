"""Goods that come back: at what they cost when they left, into quarantine, then decided upon."""

from __future__ import annotations

from decimal import Decimal

import pytest

from erp import selectors as erp_now
from erp import services as erp
from erp.fulfilment.selectors.lists import listed_returns
from erp.fulfilment.selectors.returns import creditable
from erp.fulfilment.services.deciding import AlreadyDecided
from erp.fulfilment.views.returns import stage_of
from erp.models import Account, CustomerReturn, MaterialValue, ReturnReceipt, SalesOrder, ShipmentLine, StockBalance
from masterdata.errors import InvalidInput
from masterdata.models import Material, ReasonCode
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


def worth(material: Material) -> tuple[Decimal, Decimal]:
    row = MaterialValue.objects.get(material=material, sales_order=None)
    return row.quantity, row.value


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


def test_what_is_to_be_reworked_keeps_its_value_and_its_work_is_the_orders_cost(shop: Shop) -> None:
    """3 lamps at 20.00 were shipped, two come back: 40.00 into quarantine, 20.00 stay cost of goods.

    Mended at the saw (90 an hour): one good after 6 min, 9.00 of rework, into stock at 20.00; then one is scrap after
    2 min, 3.00: the order's cost of goods are 20 + 20 + 12 = 52.00, of that 12.00 rework.
    """
    lamp = shop.buy("LAMP")
    put(shop, lamp, "3", shop.shelf, cost="20")
    order = shop.order((lamp, "3", "50"))
    receipt = receive(allow(ship(order), "2"), "2")
    steps = [erp.ReworkStep(name="Rewire", work_centre_id=shop.saw.pk, run_min_per_unit=D(5))]
    with pytest.raises(InvalidInput, match="Decide first"):
        erp.rework_return(receipt_id=receipt.pk, steps=steps, now=NOW)
    decide(receipt, "rework")
    assert stage_of(listed_returns().get()) == "rework"
    with pytest.raises(InvalidInput, match="what is done"):
        erp.rework_return(receipt_id=receipt.pk, steps=[], now=NOW)
    work = erp.rework_return(receipt_id=receipt.pk, steps=steps, now=NOW)
    with pytest.raises(AlreadyDecided, match=work.number):
        erp.rework_return(receipt_id=receipt.pk, steps=steps, now=NOW)
    assert stage_of(listed_returns().get()) != "rework"
    assert (work.state, work.quantity, work.planned_unit_cost, work.path) == ("released", 2, 20, "1.R1")
    assert lying(lamp) == {}
    assert workbench.wip(work) == 40
    workbench.report(work, 10, "1", minutes="6", now=NOW)
    assert worth(lamp) == (1, 20)
    workbench.report(work, 10, scrap="1", minutes="2", now=NOW)
    work.refresh_from_db()
    assert (work.state, workbench.wip(work)) == ("closed", 0)
    assert worth(lamp) == (1, 20)
    assert erp_now.account_balance(shop.company, ROLE.COGS, order_id=order.pk) == 52
    cost = erp_now.order_cost(order.pk)
    assert cost.incurred_total == 52
    assert cost.incurred["rework"] == 12


def test_a_numbered_piece_is_mended_as_what_it_was(shop: Shop) -> None:
    """What comes out has the serial number that went in; a second return of the line is its second rework."""
    saw = tracked(shop, "SAWS", "serial")
    for number in ("S1", "S2"):
        put(shop, saw, "1", shelf(shop, number), lot_of(saw, number))
    row = allow(ship(shop.order((saw, "2"))), "2")
    paths = []
    for number in ("S1", "S2"):
        receipt = decide(receive(row, "1", number), "rework")
        step = erp.ReworkStep(name="Sharpen", work_centre_id=shop.saw.pk, run_min_per_unit=D(1))
        work = erp.rework_return(receipt_id=receipt.pk, steps=[step], now=NOW)
        workbench.report(work, 10, "1", now=NOW)
        paths.append(work.path)
        assert StockBalance.objects.get(material=saw, lot__number=number, on_hand__gt=0).location.kind == "stock"
    assert paths == ["1.R1", "1.R2"]
