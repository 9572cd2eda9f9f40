"""Goods in: stock, ledger, and those who waited."""

import datetime as dt
from decimal import Decimal

import pytest

from erp import selectors as erp_now
from erp import services as erp
from erp.ledger.models import Account
from erp.models import Lot, Peg, PlannedOrder, PurchaseOrder, PurchaseOrderLine, Reservation, StockBalance, WorkOrder
from masterdata.models import FactRecord
from tests.erp.shop import NOW, Shop


@pytest.fixture
def bought(shop: Shop) -> PurchaseOrder:
    """23 handles for 23 doors, bought as 4 boxes of 10 at 4.50: 40 handles at 0.45."""
    door, handle = shop.make("DOOR"), shop.buy("HANDLE")
    shop.bom(door, (handle, "1"))
    shop.boxes(handle, 10)
    shop.price(handle, "4.50", shop.box, least="4")
    shop.order((door, "23"))
    return PurchaseOrder.objects.get()


def test_deliveries_serve_who_waits_and_sum_to_the_order(shop: Shop, bought: PurchaseOrder) -> None:
    """15 come: all for the doors, worth 6.75. The other 25 are worth 18.00 - 6.75 = 11.25; 8 for the doors, 17 free."""
    line = bought.lines.get()
    erp.receive_purchase(purchase_order_id=bought.pk, lines=[(line.pk, Decimal(15))], now=NOW, delivery_note="L-1")
    line.refresh_from_db()
    assert (line.received_qty, line.pegged_qty) == (Decimal(15), Decimal(8))
    waiting = erp_now.waiting_demands([line.pk])
    assert [(row.quantity, row.work_order_number) for row in waiting] == [(Decimal(8), WorkOrder.objects.get().number)]

    receipt = erp.receive_purchase(purchase_order_id=bought.pk, now=NOW)
    line.refresh_from_db()
    assert (line.received_qty, line.pegged_qty) == (Decimal(40), Decimal(0))
    assert Peg.objects.get(purchase_order_line=line).received_qty == Decimal(23)
    assert list(Reservation.objects.order_by("id").values_list("quantity", "kind")) == [
        (Decimal(15), "soft"),
        (Decimal(8), "soft"),
    ]
    balance = StockBalance.objects.get()
    assert (balance.on_hand, balance.reserved) == (Decimal(40), Decimal(23))
    assert [row.value for row in receipt.lines.all()] == [Decimal("11.25")]
    assert erp_now.account_balance(shop.company, Account.Role.INVENTORY) == Decimal(18)
    grni = erp_now.account_balance(shop.company, Account.Role.GRNI, partner_id=shop.supplier.pk)
    assert grni == Decimal(-18)
    assert erp_now.receipt_number(receipt.pk) == "RC-2026-00002"


def test_a_receipt_tells_which_orders_waited(bought: PurchaseOrder) -> None:
    """The order of the doors."""
    erp.receive_purchase(purchase_order_id=bought.pk, now=NOW)
    order = WorkOrder.objects.get().sales_order_line.order
    assert FactRecord.objects.get(kind="GoodsReceived").payload["order_ids"] == [order.pk]


def test_released_work_keeps_its_goods_hard(bought: PurchaseOrder) -> None:
    """Released before the delivery."""
    work = WorkOrder.objects.get()
    erp.release_work_order(work_order_id=work.pk, despite_shortage=True, reason="Urgent", now=NOW)
    erp.receive_purchase(purchase_order_id=bought.pk, now=NOW)
    assert Reservation.objects.get().kind == Reservation.Kind.HARD


def test_more_than_ordered_is_not_received(bought: PurchaseOrder) -> None:
    """41 of 40, and anything after all has come."""
    line = bought.lines.get()
    with pytest.raises(erp.OverReceipt, match="has 40 to come"):
        erp.receive_purchase(purchase_order_id=bought.pk, lines=[(line.pk, Decimal(41))], now=NOW)
    erp.receive_purchase(purchase_order_id=bought.pk, now=NOW)
    with pytest.raises(erp.OverReceipt, match="has come already"):
        erp.receive_purchase(purchase_order_id=bought.pk, now=NOW)


def test_a_delivery_first_settles_what_pieces_made_have_used(shop: Shop) -> None:
    """2 doors made without a handle in the house owe 2 handles. The delivery of 5 pegged to 5 doors settles 2 and keeps
    3 for the 3 doors to come."""
    door, handle = shop.make("DOOR"), shop.buy("HANDLE")
    shop.bom(door, (handle, "1"))
    shop.price(handle, "2")
    shop.order((door, "5"))
    work_order = WorkOrder.objects.get()
    erp.report_operation(
        operation_id=work_order.operations.get().pk, good_qty=Decimal(2), scrap_qty=Decimal(0),
        worked_min=Decimal(14), now=NOW, machine_id=shop.saw_one.pk,
    )  # fmt: skip
    assert erp_now.open_owed_issues(shop.plant.pk).get().quantity == Decimal(2)
    erp.receive_purchase(purchase_order_id=PurchaseOrder.objects.get().pk, now=NOW)
    assert not erp_now.open_owed_issues(shop.plant.pk).exists()
    balance = StockBalance.objects.get(material=handle)
    assert (balance.on_hand, balance.reserved) == (Decimal(3), Decimal(3))


def test_open_purchase_orders_come_by_due_date(shop: Shop, bought: PurchaseOrder) -> None:
    """Gone from the list when all has come."""
    assert erp_now.open_purchase_orders(plant_id=shop.plant.pk).get().amount == Decimal(18)  # type: ignore[attr-defined]
    erp.confirm_purchase_date(line_id=bought.lines.get().pk, confirmed_at=NOW)
    assert erp_now.open_purchase_orders().get().due_at == NOW  # type: ignore[attr-defined]
    erp.receive_purchase(purchase_order_id=bought.pk, now=NOW)
    assert not erp_now.open_purchase_orders().exists()
    assert PurchaseOrderLine.objects.get().received_qty == Decimal(40)


def test_what_comes_expired_is_blocked_and_ordered_again_for_who_waits(shop: Shop) -> None:
    """5 doors wait for 5 litres of glue, 6 are bought for 5 and 1 over. 2 come of a lot past its last day: blocked at
    once, nothing of it is kept. 4 are still to come for 5 wanted: 1 is planned again. A good lot of 4 serves 4."""
    door, glue = shop.make("DOOR"), shop.buy("GLUE")
    erp.set_tracking(material_id=glue.pk, tracking="lot")
    shop.bom(door, (glue, "1"))
    shop.price(glue, "2", least="6")
    shop.order((door, "5"))
    line = PurchaseOrderLine.objects.get()
    assert (line.quantity, line.pegged_qty) == (6, 5)
    old = erp.Delivered(line_id=line.pk, quantity=Decimal(2), lot="OLD", expires_on=NOW.date() - dt.timedelta(days=1))
    erp.receive_purchase(purchase_order_id=line.order_id, lines=[old], now=NOW)
    lot = Lot.objects.get()
    assert (lot.is_blocked, lot.blocked_because) == (True, "Expired on 2026-03-01")
    assert not Reservation.objects.filter(quantity__gt=0).exists()
    line.refresh_from_db()
    assert (line.received_qty, line.pegged_qty) == (2, 4)
    again = PlannedOrder.objects.get()
    assert (again.quantity, again.problem) == (
        1, f"{line.order.number} line 1 came with a lot that can't be used: order it again"
    )  # fmt: skip
    good = erp.Delivered(line_id=line.pk, quantity=Decimal(4), lot="NEW", expires_on=NOW.date())
    erp.receive_purchase(purchase_order_id=line.order_id, lines=[good], now=NOW)
    assert [row.quantity for row in Reservation.objects.filter(quantity__gt=0)] == [4]
