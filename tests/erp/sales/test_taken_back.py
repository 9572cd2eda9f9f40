"""Scrap that is taken back takes back what was ordered again because of it, as far as nobody has begun it."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal

from erp import selectors as erp_now
from erp import services as erp
from erp.models import Peg, PurchaseOrderLine, Reservation, WorkOrder, WorkOrderMaterial
from masterdata.models import FactRecord
from tests.erp.sales.test_lost_pieces import again, broken, shelves, tables
from tests.erp.shop import NOW, Shop

D = Decimal
LATER = NOW + dt.timedelta(minutes=30)


def told(
    work: WorkOrder, good: str, scrap: str, minutes: str = "0", *, finish: bool = False, at: int = 10
) -> uuid.UUID:
    """A report of its only operation, so many minutes after now; its key."""
    key = uuid.uuid4()
    erp.report_operation(
        operation_id=work.operations.get().pk, good_qty=D(good), scrap_qty=D(scrap), worked_min=D(minutes),
        finish=finish, now=NOW + dt.timedelta(minutes=at), key=key,
    )  # fmt: skip
    return key


def back(key: uuid.UUID) -> None:
    erp.take_back_report(key=key, reason="Counted wrong", now=LATER)


def waits(**demand: object) -> list[tuple[int | None, Decimal]]:
    """Which work orders supply a demand, and how much."""
    return [(peg.work_order_id, peg.quantity) for peg in Peg.objects.filter(**demand).order_by("pk")]


def test_work_that_replaces_scrap_goes_when_the_scrap_never_was(shop: Shop) -> None:
    """3 shelves of a board of 10.00 and 10 + 2 min at 90.00: planned 30.00 + 16 min 24.00 = 54.00. One is scrapped, one
    is made again with a board kept for it; taken back all three are the first work order's, and the estimate is 54."""
    order, first = shelves(shop, pieces="3")
    line = order.lines.get()
    key = told(first, "0", "1")
    second = again(first)
    assert waits(sales_order_line=line) == [(first.pk, 2), (second.pk, 1)]
    assert erp_now.order_cost(order.pk).expected > 54
    back(key)
    second.refresh_from_db()
    assert (second.state, second.closed_at) == ("cancelled", LATER)
    assert waits(sales_order_line=line) == [(first.pk, 3)]
    kept = Reservation.objects.filter(quantity__gt=0).values_list("work_order_material__work_order", "quantity")
    assert ({pk for pk, _ in kept}, sum(quantity for _, quantity in kept)) == ({first.pk}, 3)
    assert erp_now.order_cost(order.pk).expected == 54
    facts = FactRecord.objects.filter(kind="WorkOrderChanged").values_list("subject", "payload__what")
    assert list(facts) == [(f"work_order:{second.pk}", "cancelled")]
    assert broken() == []
    told(first, "3", "0", "16", at=40)
    assert WorkOrder.objects.exclude(state="cancelled").get().state == "closed"
    assert broken() == []


def test_begun_work_goes_on_and_the_story_says_so(shop: Shop) -> None:
    order, first = shelves(shop, pieces="3")
    key = told(first, "0", "1")
    second = again(first)
    erp.start_operation(operation_id=second.operations.get().pk, machine_id=shop.saw.machines.get().pk, now=LATER)
    back(key)
    second.refresh_from_db()
    assert second.state in ("firm", "released")
    assert waits(sales_order_line=order.lines.get()) == [(first.pk, 2), (second.pk, 1)]
    fact = FactRecord.objects.get(kind="WorkOrderChanged", payload__what="replaced")
    assert fact.subject == f"work_order:{first.pk}"
    assert fact.payload["text"] == (
        f"Scrap was taken back, but work on what replaces it has begun: {second.number} (1) goes on and is more than "
        "is needed"
    )
    assert broken() == []


def test_a_lost_part_is_its_parents_again(shop: Shop) -> None:
    """1 of 2 frames is scrapped and made again for the table; taken back, the table waits for both of the first."""
    _order, table, frame = tables(shop)
    key = told(frame, "1", "1")
    second = again(frame)
    need = WorkOrderMaterial.objects.get(work_order=table)
    assert waits(work_order_material=need) == [(frame.pk, 1), (second.pk, 1)]
    back(key)
    second.refresh_from_db()
    assert second.state == "cancelled"
    assert waits(work_order_material=need) == [(frame.pk, 2)]
    assert broken() == []


def test_a_product_and_its_parts_are_taken_back_together(shop: Shop) -> None:
    """A table is scrapped with its frame in it: table and frame are made again, and neither when it never was."""
    order, table, frame = tables(shop)
    told(frame, "2", "0", at=5)
    key = told(table, "1", "1")
    assert WorkOrder.objects.count() == 4
    back(key)
    assert set(WorkOrder.objects.filter(pk__gt=frame.pk).values_list("state", flat=True)) == {"cancelled"}
    assert waits(sales_order_line=order.lines.get()) == [(table.pk, 2)]
    assert broken() == []


def test_of_two_scraps_only_the_one_that_never_was(shop: Shop) -> None:
    """Of 4 one is scrapped at minute 10 and one at 12: each is made again; the second is taken back alone."""
    order, first = shelves(shop, pieces="4")
    told(first, "0", "1", at=10)
    second = again(first)
    key = told(first, "0", "1", at=12)
    third = again(first)
    assert third.pk != second.pk
    back(key)
    states = dict(WorkOrder.objects.values_list("pk", "state"))
    assert (states[second.pk], states[third.pk]) == ("firm", "cancelled")
    assert sorted(waits(sales_order_line=order.lines.get())) == [(first.pk, 3), (second.pk, 1)]
    assert broken() == []


def test_a_part_that_was_let_go_comes_back_to_a_table_that_was_not_ended(shop: Shop) -> None:
    """One table is made and the other given up, so that its frame is for a new one. Taken back, the frame is for the
    first table again, whose second piece is open."""
    _order, table, frame = tables(shop)
    told(frame, "2", "0", at=5)
    key = told(table, "1", "0", finish=True)
    second = again(table)
    assert waits(work_order_material__work_order=second) == [(frame.pk, 1)]
    back(key)
    assert WorkOrder.objects.get(pk=second.pk).state == "cancelled"
    assert waits(work_order_material__work_order=second) == []
    table.refresh_from_db()
    assert (table.good_qty, table.operations.get().finished_at) == (0, None)
    told(table, "2", "0", at=40)
    assert WorkOrder.objects.get(pk=table.pk).state == "closed"
    assert broken() == []


def test_what_is_bought_for_it_is_for_nobody(shop: Shop) -> None:
    """Three boards for three shelves; a scrapped one needs a fourth, which is bought: taken back it is free supply."""
    _order, first = shelves(shop, boards="3", pieces="3")
    key = told(first, "0", "1")
    bought = PurchaseOrderLine.objects.get()
    assert (bought.quantity, bought.pegged_qty) == (1, 1)
    back(key)
    bought.refresh_from_db()
    assert (bought.quantity, bought.pegged_qty) == (1, 0)
    assert broken() == []


def test_of_two_reports_at_one_moment_each_takes_back_its_own_replacement(shop: Shop) -> None:
    """Two tablets say at the same second that a shelf was scrapped: two are made again. Taking the second report back
    cancels what it had ordered, and leaves what the first had."""
    order, first = shelves(shop, pieces="3")
    told(first, "0", "1")
    one = again(first)
    key = told(first, "0", "1")
    made = WorkOrder.objects.filter(sales_order_line=order.lines.get()).exclude(pk__in=[first.pk, one.pk])
    two = made.get()
    assert one.made_at == two.made_at
    back(key)
    found = dict(WorkOrder.objects.filter(pk__in=[one.pk, two.pk]).values_list("pk", "state"))
    assert found == {one.pk: "firm", two.pk: "cancelled"}
    assert broken() == []
