"""Supplier goods that are mended here, and customers' returns that are decided in parts; what both cost."""

from __future__ import annotations

from decimal import Decimal

import pytest

from erp import selectors as erp_now
from erp import services as erp
from erp.models import Account, MaterialValue, ReturnReceipt, SalesOrderLine, StockBalance, WorkOrder
from masterdata.errors import InvalidInput, Refusal
from mes import selectors
from mes import services as mes
from tests.factories import NOW
from tests.mes.hall import Hall, at, hall, step
from tests.mes.laboratory import D, decide, quarantine_reason
from tests.mes.test_nonconformances import apart, planing, receipt


def mended(shop: Hall, order: WorkOrder, minute: int, minutes: int, good: str, scrap: str = "0") -> None:
    """The rework order's only step, at the first saw."""
    work = step(order, 10)
    shop.start(work, "SAW-1", minute)
    shop.report(work, "SAW-1", minute + minutes, good, scrap)


def free(shop: Hall) -> Decimal:
    """Boards in stock that anybody may use."""
    rows = StockBalance.objects.filter(material=shop.shop.materials["BOARD"], location__kind="stock", sales_order=None)
    return sum((row.on_hand for row in rows), D(0))


def boards(shop: Hall) -> tuple[Decimal, Decimal]:
    """All boards of the plant and their value."""
    row = MaterialValue.objects.get(material=shop.shop.materials["BOARD"], sales_order=None)
    return row.quantity, row.value


def test_goods_of_a_supplier_are_mended_and_keep_their_value() -> None:
    """100 boards of 3.00 lie there, 20 of 3.00 come, six are bent. Four are mended in 20 minutes at 60 + 30 an hour:
    30.00 of rework, which nobody's order pays: a production variance. The boards are worth 360.00 before and after."""
    shop = hall()
    quarantine_reason()
    line = receipt(shop)
    row = mes.raise_supplier_nonconformance(receipt_line_id=line.pk, quantity=D(6), now=at(5), text="Bent")
    made = decide(row, "rework", "4", 10, rework=planing(shop))
    order = made.rework_order
    assert (order.state, order.quantity, order.is_rework, order.sales_order_line) == ("released", 4, True, None)
    assert (apart(shop), boards(shop)) == (2, (116, 348))
    decide(row, "use", "2", 12)
    mended(shop, order, 20, 20, "4")
    order.refresh_from_db()
    assert order.state == "closed"
    assert (free(shop), apart(shop), boards(shop)) == (120, 0, (120, 360))
    cost = selectors.costs_of([row.pk])[row.pk]
    assert (cost.scrap, cost.rework, cost.total) == (0, 30, 30)
    assert erp_now.account_balance(shop.shop.company, Account.Role.PRODUCTION_VARIANCE) == 30
    row.refresh_from_db()
    assert row.state == "decided"


def test_no_more_is_mended_than_lies_there() -> None:
    shop = hall()
    quarantine_reason()
    line = receipt(shop)
    row = mes.raise_supplier_nonconformance(receipt_line_id=line.pk, quantity=D(6), now=at(5), text="Bent")
    with pytest.raises(InvalidInput, match="Say what is done"):
        decide(row, "rework", "4", 10)
    decide(row, "use", "4", 11)
    with pytest.raises(InvalidInput, match="2 of"):
        decide(row, "rework", "3", 12, rework=planing(shop))
    assert not WorkOrder.objects.exists()


def came_back(shop: Hall, quantity: str) -> tuple[SalesOrderLine, ReturnReceipt]:
    """So many boards of the five that were sold came back: the order's line, and what came."""
    board = shop.shop.materials["BOARD"]
    board.is_sellable = True
    board.save(update_fields=["is_sellable"])
    given = erp.OrderLineInput(
        plant_id=shop.shop.plant.pk, material_id=board.pk, quantity=D(5), unit_price=D(5), wanted_on=NOW.date()
    )
    order = erp.create_order(
        company=shop.shop.company, customer=shop.shop.customer, currency=shop.shop.company.currency, lines=[given],
        now=NOW,
    )  # fmt: skip
    erp.confirm_order(order_id=order.pk, now=NOW)
    shipment = erp.pack_shipment(order_id=order.pk, lines=None, now=NOW)
    erp.ship(shipment_id=shipment.pk, now=NOW)
    back = erp.authorise_return(
        order_id=order.pk, lines=[(shipment.lines.get().pk, D(quantity))], reason="faulty", now=NOW
    )
    came = erp.receive_return(return_id=back.pk, line_id=back.lines.get().pk, quantity=D(quantity), now=NOW)
    return order.lines.get(), came


def test_a_return_is_decided_in_parts_and_costs_its_order_what_is_lost() -> None:
    """Four boards of 3.00: one is scrapped, 3.00; two are used; one is mended in 10 minutes at 90 an hour, 15.00.
    Poor quality of the order: 18.00. Of 95 boards after the shipment and four that came back, one is gone: 98."""
    shop = hall()
    line, came = came_back(shop, "4")
    row = mes.raise_complaint(return_receipt_id=came.pk, now=at(5), text="Scratched")
    assert decide(row, "scrap", "1", 10, defect_id=shop.reasons["S-CHIP"].pk).value == 3
    came.refresh_from_db()
    assert (came.outcome, came.decided_qty, came.line.customer_return.closed_at) == ("", 1, None)
    with pytest.raises(Refusal, match="decided in parts too"):
        erp.decide_return(receipt_id=came.pk, outcome="restock", now=at(11), by=None)
    decide(row, "use", "2", 12)
    made = decide(row, "rework", "1", 13, rework=planing(shop))
    came.refresh_from_db()
    came.line.customer_return.refresh_from_db()
    assert (came.outcome, came.decided_qty) == ("parts", 4)
    assert came.line.customer_return.closed_at == at(13)
    mended(shop, made.rework_order, 20, 10, "1")
    cost = selectors.cost_of_order(line.order_id)
    assert (cost.scrap, cost.rework, cost.total) == (3, 15, 18)
    assert (free(shop), apart(shop), boards(shop)) == (98, 0, (98, 294))
    row.refresh_from_db()
    assert row.state == "decided"


def test_what_is_decided_in_parts_stays_within_what_came() -> None:
    shop = hall()
    _line, came = came_back(shop, "2")
    for quantity in ("0", "3"):
        with pytest.raises(InvalidInput, match="at most 2"):
            erp.decide_return_part(receipt_id=came.pk, outcome="restock", quantity=D(quantity), now=at(5), by=None)
    with pytest.raises(InvalidInput, match="In parts"):
        erp.decide_return_part(receipt_id=came.pk, outcome="send_back", quantity=D(1), now=at(5), by=None)
