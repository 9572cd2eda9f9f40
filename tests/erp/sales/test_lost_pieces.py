"""Pieces that an order loses on the floor are supplied again in the same commit: on all levels, stock first."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from erp import selectors as erp_now
from erp import services as erp
from erp.models import (
    Account,
    MaterialValue,
    OwedIssue,
    Peg,
    PlannedOrder,
    PurchaseOrderLine,
    Reservation,
    SalesOrder,
    WorkOrder,
    WorkOrderMaterial,
)
from masterdata.models import FactRecord, Material
from suite import audit
from tests.erp import workbench
from tests.erp.shop import NOW, Shop
from tests.erp.workbench import wip

D = Decimal
Role = Account.Role


def broken() -> list[str]:
    """Invariants of the whole house that do not hold."""
    return [finding.invariant.name for finding in audit.findings() if not finding.holds]


def shelves(shop: Shop, boards: str = "10", pieces: str = "2") -> tuple[SalesOrder, WorkOrder]:
    """An order of shelves at 100.00 each, one board of 10.00 a piece, 10 min and 2 min a piece at 90.00 an hour."""
    shelf, board = shop.make("SHELF"), shop.buy("BOARD", cost="10")
    shop.bom(shelf, (board, "1"))
    shop.price(board, "10")
    shop.stock(board, boards, "10")
    order = shop.order((shelf, pieces))
    return order, WorkOrder.objects.get()


def tables(shop: Shop) -> tuple[SalesOrder, WorkOrder, WorkOrder]:
    """An order of 2 tables of one frame each; a frame is made of one board. The table's work order, the frame's."""
    table, frame, board = shop.make("TABLE"), shop.make("FRAME"), shop.buy("BOARD", cost="10")
    shop.bom(table, (frame, "1"))
    shop.bom(frame, (board, "1"))
    shop.price(board, "10")
    shop.stock(board, "10", "10")
    order = shop.order((table, "2"))
    return order, WorkOrder.objects.get(path="1"), WorkOrder.objects.get(path="1.1")


def report(
    work_order: WorkOrder, good: str = "0", scrap: str = "0", minutes: str = "0", *, finish: bool = False
) -> erp.Report:
    """A report of its only operation, now."""
    return workbench.report(work_order, 10, good, scrap, minutes, finish=finish, now=NOW)


def worth(code: str, order: SalesOrder) -> tuple[Decimal, Decimal]:
    """Quantity and value in the order's stock."""
    row = MaterialValue.objects.get(material__code=code, sales_order=order)
    return row.quantity, row.value


def sent(order: SalesOrder) -> None:
    """Packed and shipped, all that is ready."""
    erp.ship(shipment_id=erp.pack_shipment(order_id=order.pk, now=NOW).pk, now=NOW)


def again(work_order: WorkOrder) -> WorkOrder:
    """The newest work order for the same place in the product."""
    found = WorkOrder.objects.filter(path=work_order.path).exclude(pk=work_order.pk).order_by("-id").first()
    assert found is not None
    return found


def test_a_scrapped_piece_is_made_again_for_the_same_line(shop: Shop) -> None:
    """1 good, 1 scrap in 22 min: boards 20.00, labour 11.00, machine 22.00; the good one carries all 53.00.

    One more: a board 10.00, 12 min: labour 6.00, machine 12.00. Expected 81.00 of 200.00: margin 119.00; so it ends.
    """
    order, first = shelves(shop)
    line = order.lines.get()
    assert report(first, "1", "1", "22").is_closed

    second = again(first)
    assert (second.quantity, second.state, second.sales_order_line_id) == (1, "firm", line.pk)
    assert [(peg.work_order_id, peg.quantity) for peg in Peg.objects.filter(sales_order_line=line)] == [
        (first.pk, 1),
        (second.pk, 1),
    ]
    assert Reservation.objects.get(work_order_material__work_order=second).quantity == 1
    assert worth("SHELF", order) == (1, 53)
    line.refresh_from_db()
    assert line.expected_at is None
    fact = FactRecord.objects.get(kind="PiecesLost")
    assert (fact.payload["quantity"], fact.payload["work_order_id"]) == ("1.000000", first.pk)
    cost = erp_now.order_cost(order.pk)
    assert (cost.expected, cost.margin) == (81, 119)
    assert cost.estimate.cause == f"1 of {first.number} lost"
    assert broken() == []

    sent(order)
    report(second, "1", minutes="12")
    assert worth("SHELF", order) == (1, 28)
    sent(order)
    cost = erp_now.order_cost(order.pk)
    assert (cost.incurred_total, cost.margin, cost.is_final) == (81, 119, True)
    assert erp_now.account_balance(shop.company, Role.COGS, order_id=order.pk) == 81
    assert broken() == []


def test_when_all_is_scrapped_the_order_pays_and_all_is_made_again(shop: Shop) -> None:
    """2 scrapped in 22 min: 53.00 to the order's cost of goods. Again 2 boards 20.00 and 14 min 21.00: 94.00."""
    order, first = shelves(shop)
    assert report(first, "0", "2", "22").is_closed
    second = again(first)
    assert second.quantity == 2
    assert erp_now.account_balance(shop.company, Role.COGS, order_id=order.pk) == 53
    assert erp_now.order_cost(order.pk).expected == 94
    assert wip(first) == 0
    with pytest.raises(erp.NothingToPack):
        erp.pack_shipment(order_id=order.pk, now=NOW)
    report(second, "2", minutes="14")
    sent(order)
    assert erp_now.order_cost(order.pk).incurred_total == 94
    assert erp_now.account_balance(shop.company, Role.COGS, order_id=order.pk) == 94
    assert erp_now.account_balance(shop.company, Role.PRODUCTION_VARIANCE) == 0
    assert broken() == []


def test_scrap_before_the_work_order_ends_is_made_again_at_once_and_once(shop: Shop) -> None:
    """Of 3: first 1 scrap (1 made again), then 1 good, then 1 good: nothing more is lost. Again scrap: again 1."""
    _order, first = shelves(shop, pieces="3")
    report(first, "0", "1")
    second = again(first)
    assert second.quantity == 1
    report(first, "1")
    report(first, "1")
    assert WorkOrder.objects.count() == 2
    report(second, "0", "1")
    assert again(second).quantity == 1
    assert WorkOrder.objects.count() == 3
    assert broken() == []


def test_work_that_ends_short_is_made_again_like_scrap(shop: Shop) -> None:
    """1 of 2, then ended: its second board is free again and goes into the new work order; nothing is bought."""
    _order, first = shelves(shop, boards="2")
    report(first, "1", finish=True)
    second = again(first)
    assert Reservation.objects.get(work_order_material__work_order=second).quantity == 1
    assert not PurchaseOrderLine.objects.exists()
    assert broken() == []


def test_free_stock_comes_first(shop: Shop) -> None:
    """A shelf lies on the shelf: it is kept for the line, nothing is made, and it comes today + 2 h of transport."""
    order, first = shelves(shop)
    shop.stock(Material.objects.get(code="SHELF"), "1", "40")
    report(first, "1", "1")
    assert WorkOrder.objects.count() == 1
    line = order.lines.get()
    assert Reservation.objects.get(sales_order_line=line).quantity == 1
    assert line.expected_at == NOW + dt.timedelta(hours=2)
    assert broken() == []
    sent(order)
    line.refresh_from_db()
    assert line.shipped_qty == 2
    assert broken() == []


def test_a_missing_board_becomes_a_purchase_for_the_new_work_order(shop: Shop) -> None:
    """Both boards are used: one more is bought, due in 5 days, and the operation waits for it."""
    order, first = shelves(shop, boards="2")
    report(first, "1", "1")
    need = WorkOrderMaterial.objects.get(work_order=again(first))
    bought = PurchaseOrderLine.objects.get()
    assert (bought.quantity, bought.pegged_qty, bought.due_at) == (1, 1, NOW + dt.timedelta(days=5))
    assert Peg.objects.get(work_order_material=need).purchase_order_line == bought
    work = erp_now.open_operations(shop.plant.pk, now=NOW)
    assert [one.material_ready_at for one in work] == [bought.due_at]
    assert order.pk == work[0].order_id
    assert broken() == []


def test_a_lost_part_keeps_its_parent_waiting(shop: Shop) -> None:
    """1 of 2 frames is scrapped: a frame is made again for the same table, whose operation waits for both."""
    _order, table, frame = tables(shop)
    report(frame, "1", "1")
    second = again(frame)
    need = WorkOrderMaterial.objects.get(work_order=table)
    assert {(peg.work_order_id, peg.quantity) for peg in Peg.objects.filter(work_order_material=need)} == {
        (frame.pk, 1),
        (second.pk, 1),
    }
    work = {one.work_order_id: one for one in erp_now.open_operations(shop.plant.pk, now=NOW)}
    assert work[table.pk].predecessor_ids == (work[second.pk].operation_id,)
    assert broken() == []


def test_what_is_owed_is_settled_by_the_new_part(shop: Shop) -> None:
    """2 tables are reported before their frames, so both are owed; of 2 frames 1 is good and settles 1.

    The order has cost what was incurred: 3 boards at 10.00 and no minutes, 30.00.
    """
    order, table, frame = tables(shop)
    report(table, "2")
    report(frame, "1", "1")
    owed = OwedIssue.objects.get()
    assert (owed.quantity, owed.settled_qty, owed.settled_at) == (2, 1, None)
    report(again(frame), "1")
    owed.refresh_from_db()
    assert (owed.settled_qty, owed.settled_at) == (2, NOW)
    table.refresh_from_db()
    assert table.state == "closed"
    assert erp_now.order_cost(order.pk).incurred_total == 30
    sent(order)
    assert broken() == []


def test_a_part_that_was_not_used_goes_into_the_new_product(shop: Shop) -> None:
    """Both frames are made, one table is, and the work order is ended: the new one takes the frame that lies there."""
    order, table, frame = tables(shop)
    report(frame, "2")
    report(table, "1", finish=True)
    second = again(table)
    assert WorkOrder.objects.filter(material=frame.material).count() == 1
    need = WorkOrderMaterial.objects.get(work_order=second)
    assert Peg.objects.get(work_order_material=need).work_order == frame
    assert report(second, "1").is_closed
    assert worth("FRAME", order) == (0, 0)
    sent(order)
    assert broken() == []


def test_a_scrapped_product_needs_its_parts_again(shop: Shop) -> None:
    """A table is scrapped with its frame in it: table and frame are made again."""
    _order, table, frame = tables(shop)
    report(frame, "2")
    report(table, "1", "1")
    assert (again(table).quantity, again(frame).quantity) == (1, 1)
    assert broken() == []


def test_nobody_waits_for_parts_of_a_table_that_was_given_up(shop: Shop) -> None:
    """1 table is made of its frame and the other given up; the second frame, scrapped later, is for the new table."""
    _order, table, frame = tables(shop)
    report(frame, "1")
    report(table, "1", finish=True)
    second = again(table)
    assert WorkOrder.objects.filter(material=frame.material).count() == 1
    report(frame, "0", "1")
    need = WorkOrderMaterial.objects.get(work_order=second)
    assert Peg.objects.get(work_order_material=need).work_order == again(frame)
    assert broken() == []


def test_a_report_is_never_refused_for_want_of_a_routing(shop: Shop) -> None:
    """The shelf got a new part that nobody can make: it stands as a planned order with its problem."""
    _order, first = shelves(shop)
    shop.bom(first.material, (shop.make("GLASS", routed=False), "1"))
    report(first, "1", "1")
    planned = PlannedOrder.objects.get()
    assert (planned.material.code, planned.quantity) == ("GLASS", 1)
    assert "GLASS" in planned.problem


def test_work_for_stock_closes_short_and_nothing_follows(shop: Shop) -> None:
    shelf = shop.make("SHELF")
    stock_order = workbench.make(
        erp.WorkOrderSpec(
            plant=shop.plant,
            material_id=shelf.pk,
            quantity=D(2),
            operations=[
                erp.OperationSpec(
                    sequence=10, name="Saw", work_centre_id=shop.saw.pk, setup_min=D(0), run_min_per_unit=D(1)
                )
            ],
            materials=[],
        )
    )[0]
    assert report(stock_order, "1", "1").is_closed
    assert WorkOrder.objects.count() == 1
    assert not FactRecord.objects.filter(kind="PiecesLost").exists()
