"""Cancelling: what a customer no longer wants is let go of on all levels; what has begun needs a decision."""

from __future__ import annotations

from decimal import Decimal

import pytest

from erp import services as erp
from erp.models import (
    LineChange,
    PlannedOrder,
    PurchaseOrderLine,
    Reservation,
    SalesOrder,
    StockBalance,
    WorkOrder,
)
from masterdata.errors import InvalidInput
from masterdata.models import FactRecord, Material
from suite import audit
from tests.erp import workbench
from tests.erp.crowd import at_once
from tests.erp.sales.test_races import open_shop  # noqa: F401 (a fixture)
from tests.erp.shop import NOW, Shop

D = Decimal


def cancel(order: SalesOrder, *, keep_work: bool = False) -> SalesOrder:
    return erp.cancel_order(order_id=order.pk, reason="No money", by=None, now=NOW, keep_work=keep_work)


def table(shop: Shop, boards: str = "0") -> tuple[Material, Material, Material]:
    """A table of one frame of two boards."""
    product, frame, board = shop.make("TABLE"), shop.make("FRAME"), shop.buy("BOARD")
    shop.bom(product, (frame, "1"))
    shop.bom(frame, (board, "2"))
    shop.price(board)
    if boards != "0":
        shop.stock(board, boards)
    return product, frame, board


def test_everything_that_nobody_began_goes(shop: Shop) -> None:
    """2 tables: 2 + 2 work orders' pieces, 3 of 4 boards in stock, 1 on order. The work goes, the boards are free, the
    purchase stays as free supply."""
    product, _frame, board = table(shop, "3")
    order = cancel(shop.order((product, "2", "100")))
    assert order.cancelled_at == NOW
    assert set(WorkOrder.objects.values_list("state", flat=True)) == {"cancelled"}
    assert StockBalance.objects.get(material=board).reserved == 0
    assert not Reservation.objects.filter(quantity__gt=0).exists()
    bought = PurchaseOrderLine.objects.get(material=board)
    assert (bought.quantity, bought.pegged_qty) == (1, 0)
    line = order.lines.get()
    assert (line.quantity, line.net_amount) == (0, 0)
    change = LineChange.objects.get()
    assert (change.before, change.after, change.reason) == (2, 0, "No money")
    assert FactRecord.objects.filter(kind="OrderCancelled", subject=f"order:{order.pk}").count() == 1
    with pytest.raises(erp.NothingToCancel):
        cancel(order)


def test_what_is_only_planned_is_not_bought(shop: Shop) -> None:
    """Without a supplier price the lamps are a planned order: it goes with the order."""
    lamp = shop.buy("LAMP")
    order = shop.order((lamp, "4"))
    assert PlannedOrder.objects.get(closed_at=None).quantity == 4
    cancel(order)
    assert not PlannedOrder.objects.filter(closed_at=None).exists()


def test_begun_work_needs_a_decision(shop: Shop) -> None:
    """The frame is begun: refused with its number. Kept, it goes on; the frame that it makes is set free."""
    product, frame, _board = table(shop, "4")
    order = shop.order((product, "2"))
    work = WorkOrder.objects.get(material=frame)
    workbench.report(work, 10, "1", now=NOW)
    with pytest.raises(erp.WorkHasBegun) as refused:
        cancel(order)
    assert (refused.value.code, refused.value.values["work_orders"]) == ("work_has_begun", [work.number])
    cancel(order, keep_work=True)
    work.refresh_from_db()
    assert (work.state in ("firm", "released"), WorkOrder.objects.get(material=product).state) == (True, "cancelled")
    workbench.report(work, 10, "1", now=NOW, finish=True)
    assert erp.free_surplus(order_id=order.pk, now=NOW) == 2
    free = StockBalance.objects.get(material=frame, sales_order=None)
    assert free.on_hand == 2
    with pytest.raises(erp.NoSurplus):
        erp.free_surplus(order_id=order.pk, now=NOW)


def test_what_was_made_is_free_with_its_value(shop: Shop) -> None:
    """2 tables of 14 minutes: 7 + 14 = 21, all of it free stock afterwards."""
    product = shop.make("TABLE")
    order = shop.order((product, "2"))
    workbench.report(order.lines.get().work_orders.get(), 10, "2", minutes="14", now=NOW, finish=True)
    cancel(order)
    row = StockBalance.objects.get(material=product, on_hand__gt=0)
    assert (row.sales_order_id, row.on_hand) == (None, 2)
    assert workbench.worth(shop, "TABLE")[1] == 21 if hasattr(shop, "materials") else True


def test_what_has_left_stays(shop: Shop) -> None:
    """Of 5, 2 are shipped: 3 are cancelled, the order goes on with 2 and is whole."""
    lamp = shop.buy("LAMP")
    shop.stock(lamp, "5")
    order = shop.order((lamp, "5", "100"))
    line = order.lines.get()
    erp.ship(shipment_id=erp.pack_shipment(order_id=order.pk, lines=[(line.pk, D(2))], now=NOW).pk, now=NOW)
    packed = erp.pack_shipment(order_id=order.pk, lines=[(line.pk, D(1))], now=NOW)
    with pytest.raises(erp.NothingToCancel):
        cancel(order)
    erp.unpack_shipment(shipment_id=packed.pk)
    cancel(order)
    order.refresh_from_db()
    line.refresh_from_db()
    assert (order.cancelled_at, line.quantity, line.shipped_qty, line.net_amount) == (None, 2, 2, 200)


def test_a_part_of_a_line_comes_off_what_is_to_come_first(shop: Shop) -> None:
    """10 lamps: 6 kept, 4 on order. 5 are cancelled: the 4 on order are for nobody, 1 of the kept is free."""
    lamp = shop.buy("LAMP")
    shop.price(lamp)
    shop.stock(lamp, "6")
    order = shop.order((lamp, "10"))
    erp.cancel_line(line_id=order.lines.get().pk, quantity=D(5), reason="Less", by=None, now=NOW)
    assert order.lines.get().quantity == 5
    assert StockBalance.objects.get().reserved == 5
    assert PurchaseOrderLine.objects.get().pegged_qty == 0
    with pytest.raises(InvalidInput):
        erp.cancel_line(line_id=order.lines.get().pk, quantity=D(1), reason="", by=None, now=NOW)


def test_a_part_of_what_is_being_made_is_refused(shop: Shop) -> None:
    product = shop.make("TABLE")
    order = shop.order((product, "4"))
    with pytest.raises(erp.PartIsMade):
        erp.cancel_line(line_id=order.lines.get().pk, quantity=D(1), reason="Less", by=None, now=NOW)
    assert WorkOrder.objects.get().state == "firm"


def test_what_stands_on_a_pick_list_is_put_back_first(shop: Shop) -> None:
    lamp = shop.buy("LAMP")
    shop.stock(lamp, "5")
    order = shop.order((lamp, "2"))
    walk = erp.make_pick_list(order_ids=[order.pk], plant=shop.plant, now=NOW)
    with pytest.raises(erp.BeingPicked):
        cancel(order)
    erp.confirm_pick(line_id=walk.lines.get().pk, quantity=D(2), now=NOW)
    with pytest.raises(erp.BeingPicked):
        cancel(order)
    erp.unpick(line_id=walk.lines.get().pk, quantity=D(2), now=NOW)
    cancel(order)
    assert StockBalance.objects.filter(reserved__gt=0).count() == 0


def test_a_draft_is_cancelled(shop: Shop) -> None:
    draft = shop.draft((shop.buy("LAMP"), "1"))
    assert cancel(draft).cancelled_at == NOW
    with pytest.raises(Exception, match="cancelled"):
        erp.confirm_order(order_id=draft.pk, now=NOW)


def test_cancelling_against_a_report_is_one_or_the_other(open_shop: Shop) -> None:  # noqa: F811 (a fixture)
    """4 orders of 2, each cancelled while a piece of its work is reported: the report wins and cancelling is refused,
    or cancelling wins and nothing can be reported."""
    product = open_shop.make("TABLE")
    orders = [open_shop.order((product, "2")) for _ in range(4)]
    deeds = []
    for order in orders:
        work = WorkOrder.objects.get(sales_order_line__order=order)
        deeds.append(lambda order=order: cancel(order))
        deeds.append(lambda work=work: workbench.report(work, 10, "1", now=NOW))
    failed = at_once(deeds)
    assert len(failed) == 4
    for order in orders:
        order.refresh_from_db()
        work = WorkOrder.objects.get(sales_order_line__order=order)
        assert (order.cancelled_at is None) == (work.good_qty == 1)
    assert [finding.invariant.name for finding in audit.findings() if not finding.holds] == []
