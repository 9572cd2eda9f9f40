"""Purchase orders that change, come in parts, come short or too much, and go back."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from erp import selectors as erp_now
from erp import services as erp
from erp.ledger.models import Account
from erp.models import (
    DeliveryTolerance,
    Lot,
    Peg,
    PlannedOrder,
    PurchaseOrder,
    PurchaseOrderLine,
    Reservation,
    StockBalance,
)
from masterdata.errors import InvalidInput, StaleVersion
from masterdata.models import FactRecord, Material
from tests.erp.shop import NOW, Shop

D = Decimal
DAY = dt.timedelta(days=1)


@pytest.fixture
def line(shop: Shop) -> PurchaseOrderLine:
    """20 handles at 1.50 in packs of 10; 12 are for 12 doors of one order, 4 for 4 doors of another."""
    door, handle = shop.make("DOOR"), shop.buy("HANDLE")
    shop.bom(door, (handle, "1"))
    shop.price(handle, "1.50", least="20")
    shop.order((door, "12"))
    shop.order((door, "4"))
    return PurchaseOrderLine.objects.get()


def orders_told() -> list[list[int]]:
    told = FactRecord.objects.filter(kind="PurchaseDateChanged").order_by("stated_at")
    return [row.payload["order_ids"] for row in told]


def receive(line: PurchaseOrderLine, quantity: str, **more: object) -> object:
    return erp.receive_purchase(
        purchase_order_id=line.order_id,
        lines=[erp.Delivered(line_id=line.pk, quantity=D(quantity), **more)],  # type: ignore[arg-type]
        now=NOW,
    )


def test_cancelled_rest_is_planned_again_for_who_waits(line: PurchaseOrderLine) -> None:
    """9 come, for the first order. Of 11 cancelled 3 were for it, 4 for the second: 7 are planned again, for both."""
    receive(line, "9")
    erp.cancel_purchase(order_id=line.order_id, now=NOW, why="is not made any more")
    line.refresh_from_db()
    assert (line.quantity, line.received_qty, line.cancelled_qty, line.pegged_qty) == (D(9), D(9), D(11), D(0))
    planned = PlannedOrder.objects.get()
    assert (planned.quantity, planned.due_at) == (D(7), line.due_at)
    assert planned.problem == "PO-2026-00001 line 1 is not made any more: order it again"
    assert sorted(Peg.objects.filter(planned_order=planned).values_list("quantity", flat=True)) == [D(3), D(4)]
    assert len(orders_told()[0]) == 2
    assert not erp_now.open_purchase_orders().exists()
    assert PurchaseOrder.objects.get().cancelled_at is None
    with pytest.raises(erp.NothingToCome, match="Nothing more of PO-2026-00001"):
        erp.cancel_purchase(order_id=line.order_id, now=NOW)
    assert erp_now.purchase_line_words(line.pk) == "PO-2026-00001: no more HANDLE comes"


def test_an_order_of_which_nothing_came_is_cancelled_whole(line: PurchaseOrderLine) -> None:
    """All 16 that are wanted are planned again; nothing can be received any more."""
    erp.cancel_purchase(order_id=line.order_id, now=NOW)
    assert PurchaseOrder.objects.get().cancelled_at == NOW
    assert PlannedOrder.objects.get().quantity == D(16)
    with pytest.raises(erp.OverReceipt):
        erp.receive_purchase(purchase_order_id=line.order_id, now=NOW)


def test_less_is_taken_from_who_came_last(line: PurchaseOrderLine) -> None:
    """14 instead of 20: the second order keeps 2 of its 4. At 1.40, and somebody's older version is refused."""
    erp.change_purchase_line(line_id=line.pk, now=NOW, quantity=D(14), unit_price=D("1.40"), expected_version=1)
    line.refresh_from_db()
    assert (line.quantity, line.cancelled_qty, line.pegged_qty, line.unit_price) == (D(14), D(6), D(14), D("1.40"))
    assert PlannedOrder.objects.get().quantity == D(2)
    with pytest.raises(StaleVersion, match="changed meanwhile"):
        erp.change_purchase_line(line_id=line.pk, now=NOW, quantity=D(20), expected_version=1)
    receive(line, "10")
    with pytest.raises(InvalidInput, match="10 have come already"):
        erp.change_purchase_line(line_id=line.pk, now=NOW, quantity=D(9))
    with pytest.raises(erp.PriceStands, match="came at its price already"):
        erp.change_purchase_line(line_id=line.pk, now=NOW, unit_price=D(1))


def test_deliveries_in_parts_serve_who_waits_longest_first(line: PurchaseOrderLine) -> None:
    """10 on day 3 and 10 on day 9 instead of 20 on day 5: the first order gets 10, then 2; the second 4 on day 9."""
    with pytest.raises(InvalidInput, match="sum to what is to come, 20"):
        erp.split_purchase_line(line_id=line.pk, deliveries=[(D(10), NOW), (D(9), NOW)], now=NOW)
    parts = [(D(10), NOW + 9 * DAY), (D(10), NOW + 3 * DAY)]
    erp.split_purchase_line(line_id=line.pk, deliveries=parts, now=NOW)
    first, second = PurchaseOrderLine.objects.order_by("line_no")
    assert (first.quantity, first.confirmed_at, first.pegged_qty) == (D(10), NOW + 3 * DAY, D(10))
    assert (second.quantity, second.confirmed_at, second.pegged_qty) == (D(10), NOW + 9 * DAY, D(6))
    pegs = Peg.objects.filter(purchase_order_line=second)
    assert sorted(pegs.values_list("quantity", flat=True)) == [D(2), D(4)]
    assert sorted(len(told) for told in orders_told()) == [1, 2]
    receive(second, "10")
    assert Reservation.objects.count() == 2


def test_more_within_tolerance_is_taken(shop: Shop, line: PurchaseOrderLine) -> None:
    """20 ordered, 7.5 % more may come: 1.5, in whole pieces 1. 22 are refused, 21 are received at 31.50."""
    DeliveryTolerance.objects.create(supplier=shop.supplier, over_percent=D("7.5"))
    with pytest.raises(erp.OverReceipt, match="with its tolerance at most 21: receive that and send the rest back"):
        receive(line, "22")
    receive(line, "21")
    line.refresh_from_db()
    assert (line.received_qty, line.over_qty, line.pegged_qty) == (D(21), D(1), D(0))
    assert erp_now.account_balance(shop.company, Account.Role.GRNI) == D("-31.50")
    with pytest.raises(erp.OverReceipt, match="All of line 1"):
        receive(line, "1")


def test_short_within_tolerance_closes_the_line(shop: Shop, line: PurchaseOrderLine) -> None:
    """The handle's own tolerance of 10 % goes before the supplier's none: 18 of 20 close it, 17 would not."""
    DeliveryTolerance.objects.create(supplier=shop.supplier)
    DeliveryTolerance.objects.create(supplier=shop.supplier, material=line.material, under_percent=D(10))
    receive(line, "17")
    line.refresh_from_db()
    assert (line.quantity, line.cancelled_qty) == (D(20), D(0))
    receive(line, "1")
    line.refresh_from_db()
    assert (line.quantity, line.cancelled_qty, line.received_qty) == (D(18), D(2), D(18))


def test_goods_go_back_at_their_value_and_are_replaced(shop: Shop, line: PurchaseOrderLine) -> None:
    """20 came for 30.00 beside 10 at 3.00: 60.00 in stock. 14 are nobody's; 15 of the 20 go back: 22.50, so 37.50 stay.
    One that the second order had is reserved no more: it waits for what comes instead."""
    shop.stock(line.material, "10", "3")
    [row] = receive(line, "20").lines.all()  # type: ignore[attr-defined]
    assert StockBalance.objects.get().reserved == D(16)
    done = erp.return_to_supplier(
        receipt_id=row.receipt_id, lines=[(row.pk, D(15))], reason="Scratched", is_replaced=True, now=NOW
    )
    line.refresh_from_db()
    assert (line.received_qty, line.returned_qty, line.quantity, line.pegged_qty) == (D(5), D(15), D(20), D(1))
    assert [(one.quantity, one.value) for one in done.lines.all()] == [(D(15), D("22.50"))]
    assert erp_now.account_balance(shop.company, Account.Role.GRNI) == D("-7.50")
    assert erp_now.account_balance(shop.company, Account.Role.INVENTORY) == D("37.50")
    balance = StockBalance.objects.get()
    assert (balance.on_hand, balance.reserved) == (D(15), D(15))
    with pytest.raises(erp.OverReturn, match="5 of HANDLE came with RC-2026-00001 and did not go back yet"):
        erp.return_to_supplier(
            receipt_id=row.receipt_id, lines=[(row.pk, D(6))], reason="Scratched", is_replaced=True, now=NOW
        )
    receive(line, "15")
    assert StockBalance.objects.get().reserved == D(16)


def test_goods_go_back_for_good(shop: Shop, line: PurchaseOrderLine) -> None:
    """All 20 go back and nothing comes for them: the line is closed, 16 are planned again for those who had them."""
    [row] = receive(line, "20").lines.all()  # type: ignore[attr-defined]
    erp.return_to_supplier(
        receipt_id=row.receipt_id, lines=[(row.pk, D(20))], reason="Wrong colour", is_replaced=False, now=NOW
    )
    line.refresh_from_db()
    assert (line.quantity, line.received_qty, line.returned_qty, line.cancelled_qty) == (D(0), D(0), D(20), D(20))
    planned = PlannedOrder.objects.get()
    assert planned.quantity == D(16)
    assert planned.problem == "PO-2026-00001 line 1 went back (Wrong colour): order it again"
    assert erp_now.account_balance(shop.company, Account.Role.GRNI) == 0
    assert StockBalance.objects.get().on_hand == 0


def test_value_of_parts_sums_to_the_receipt(shop: Shop) -> None:
    """3 at 0.333333 came for 1.00: they go back one by one at 0.33, 0.34, 0.33."""
    bolt = shop.buy("BOLT")
    order = erp.create_purchase_order(
        plant=shop.plant, supplier=shop.supplier, now=NOW,
        lines=[erp.PurchaseLineInput(bolt.pk, D(3), D("0.333333"), NOW)],
    )  # fmt: skip
    [row] = erp.receive_purchase(purchase_order_id=order.pk, now=NOW).lines.all()
    values = []
    for _ in range(3):
        done = erp.return_to_supplier(
            receipt_id=row.receipt_id, lines=[(row.pk, D(1))], reason="Bent", is_replaced=False, now=NOW
        )
        values.append(done.lines.get().value)
    assert values == [D("0.33"), D("0.34"), D("0.33")]


def test_lots_are_named_when_they_come(shop: Shop, line: PurchaseOrderLine) -> None:
    """A material kept by lot comes in two lots of one line; without a lot it is refused. A lot goes back by itself."""
    Material.objects.filter(pk=line.material_id).update(tracking=Material.Tracking.LOT)
    with pytest.raises(Exception, match="name the lot"):
        receive(line, "20")
    receipt = erp.receive_purchase(
        purchase_order_id=line.order_id,
        lines=[
            erp.Delivered(line_id=line.pk, quantity=D(12), lot="A", expires_on=dt.date(2027, 1, 1)),
            erp.Delivered(line_id=line.pk, quantity=D(8), lot="B", supplier_lot="X-9"),
        ],
        now=NOW,
    )
    assert list(receipt.lines.values_list("lot__number", "quantity", "value")) == [("A", 12, 18), ("B", 8, 12)]
    assert Lot.objects.get(number="B").supplier_lot == "X-9"
    row = receipt.lines.get(lot__number="B")
    erp.return_to_supplier(receipt_id=receipt.pk, lines=[(row.pk, D(8))], reason="Rusty", is_replaced=True, now=NOW)
    assert {balance.lot.number: balance.on_hand for balance in StockBalance.objects.all()} == {"A": 12, "B": 0}
