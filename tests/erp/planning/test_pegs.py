"""Planning runs: what is kept and pegged for whom when things come, are lost, or end."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from erp import selectors as erp_now
from erp import services as erp
from erp.models import ActionMessage, Peg, PlannedOrder, Reservation, WorkOrder
from masterdata.models import User
from suite import audit
from tests.erp.planning.test_run import day, for_stock, plan, planned, regenerate, work
from tests.erp.shop import NOW, Shop


def test_what_comes_for_proposed_work_stays_free_until_the_work_is_firm(shop: Shop) -> None:
    """3 stools of 2 bolts are proposed for 20 March; the 6 bolts come early and are kept for nobody.

    3 stools are found: the proposal goes, and with it what its pegs say had come.
    """
    stool, bolt = shop.make("STOOL"), shop.buy("BOLT")
    shop.price(bolt, days=1)
    shop.bom(stool, (bolt, "2"))
    for_stock(shop, stool, lead_time_days=2)
    for_stock(shop, bolt)
    shop.order((stool, "3"))
    plan(shop)
    ordered = PlannedOrder.objects.values_list("pk", flat=True)
    bought = erp.order_planned_together(planned_order_ids=list(ordered), now=NOW).orders[0]
    erp.receive_purchase(purchase_order_id=bought.pk, now=NOW)
    assert not Reservation.objects.exists()
    plan(shop)
    assert planned(shop, bolt) == []
    assert regenerate(shop).changes == 0
    shop.stock(stool, "3")
    plan(shop)
    assert work(shop, stool) == []
    assert Reservation.objects.get().quantity == 3
    assert regenerate(shop).changes == 0


def test_what_came_and_was_lost_is_planned_again_beside_what_still_comes(shop: Shop) -> None:
    """4 bolts are bought for a table, 2 come and are lost: 2 are still to come, 2 are planned anew, and no more."""
    table, bolt = shop.make("TABLE"), shop.buy("BOLT")
    shop.price(bolt, days=1)
    shop.bom(table, (bolt, "4"))
    for_stock(shop, bolt)
    shop.order((table, "1"))
    plan(shop)
    ordered = PlannedOrder.objects.values_list("pk", flat=True)
    bought = erp.order_planned_together(planned_order_ids=list(ordered), now=NOW).orders[0]
    erp.receive_purchase(purchase_order_id=bought.pk, lines=[(bought.lines.get().pk, Decimal(2))], now=NOW)
    assert Reservation.objects.get().quantity == 2
    sheet = erp.make_count_sheet(plant=shop.plant, material=bolt, location=shop.shelf, now=NOW)
    erp.enter_count(line_id=sheet.lines.get().pk, quantity=Decimal(0), by=None, now=NOW)
    erp.post_count(sheet_id=sheet.pk, now=NOW, by=None)
    plan(shop)
    pegs = Peg.objects.filter(work_order_material__isnull=False).order_by("pk")
    assert [peg.quantity - peg.received_qty for peg in pegs] == [2, 2]
    assert planned(shop, bolt)[0][0] == 2
    assert regenerate(shop).changes == 0
    assert [finding.invariant.name for finding in audit.findings() if not finding.holds] == []


def test_pegs_of_work_that_has_ended_go_with_the_next_run(shop: Shop) -> None:
    """4 legs are made for a table and lost: 4 more are planned, and the old work's peg waits no longer."""
    table, leg = shop.make("TABLE"), shop.make("LEG")
    shop.bom(table, (leg, "4"))
    board = shop.buy("BOARD")
    shop.bom(leg, (board, "1"))
    shop.stock(board, "8")
    for_stock(shop, leg, lead_time_days=2)
    for_stock(shop, board)
    shop.order((table, "1"))
    plan(shop)
    made = WorkOrder.objects.get(material=leg)
    erp.release_work_order(work_order_id=made.pk, now=NOW)
    step = made.operations.get()
    erp.report_operation(
        operation_id=step.pk, good_qty=Decimal(4), scrap_qty=Decimal(0), worked_min=Decimal(1), now=NOW
    )
    sheet = erp.make_count_sheet(plant=shop.plant, material=leg, location=shop.shelf, now=NOW)
    erp.enter_count(line_id=sheet.lines.get().pk, quantity=Decimal(0), by=None, now=NOW)
    erp.post_count(sheet_id=sheet.pk, now=NOW, by=None)
    plan(shop)
    again = WorkOrder.objects.get(material=leg, good_qty=0)
    pegs = Peg.objects.filter(work_order_material__material=leg)
    assert [(peg.work_order_id, peg.quantity) for peg in pegs] == [(again.pk, 4)]
    assert regenerate(shop).changes == 0


def test_what_was_granted_is_wanted_until_it_comes(shop: Shop) -> None:
    """3 blades are granted for 20 March and ordered, 5 days' lead: nobody is told to cancel them, and a door that needs
    a blade does not take them. Needed on the day on which they come: no message at all. Cancelled at the supplier they
    are planned again for who asked."""
    paula, ines = (User.objects.create(username=name, first_name=name) for name in ("Paula", "Ines"))
    blade = shop.buy("BLADE")
    shop.price(blade, days=5)
    for_stock(shop, blade)
    line = erp.RequisitionLineInput(blade.pk, Decimal(3), day(18))
    wish = erp.request_purchase(plant=shop.plant, by=paula, reason="Saw is blunt", lines=[line], now=NOW)
    erp.approve_requisition(requisition_id=wish.pk, by=ines, now=NOW)
    plan(shop)
    [first] = PlannedOrder.objects.all()
    assert [one.number for one in erp_now.why_planned_order(first).demands] == [wish.number]
    shop.order((blade, "1"))
    plan(shop)
    assert sorted(PlannedOrder.objects.values_list("quantity", flat=True)) == [1, 3]
    [bought] = erp.order_planned_together(planned_order_ids=[first.pk], now=NOW).orders
    plan(shop)
    regenerate(shop)
    kinds = set(ActionMessage.objects.filter(purchase_order_line__order=bought).values_list("kind", flat=True))
    assert kinds == set()
    [peg] = Peg.objects.filter(requisition_line__requisition=wish)
    assert (peg.purchase_order_line_id, peg.quantity) == (bought.lines.get().pk, 3)
    erp.cancel_purchase(order_id=bought.pk, now=NOW)
    peg.refresh_from_db()
    assert (peg.planned_order.quantity, peg.planned_order.is_firm) == (3, True)


def test_made_without_a_bom_stays_proposed_and_says_so(shop: Shop) -> None:
    """A lamp that is made, wanted within the fence, has no BOM: nobody knows what goes into it. It is proposed, with a
    message; with a frozen BOM the message goes, the work is firm and needs its shade."""
    lamp, shade = shop.make("LAMP"), shop.buy("SHADE")
    for_stock(shop, lamp, planning_fence_days=90)
    shop.order((lamp, "2"))
    plan(shop)
    [row] = WorkOrder.objects.filter(material=lamp)
    assert row.state == "proposed"
    [message] = ActionMessage.objects.filter(material=lamp)
    assert (message.kind, message.quantity, message.work_order_id) == ("incomplete", 2, row.pk)
    shop.bom(lamp, (shade, "1"))
    plan(shop)
    row.refresh_from_db()
    assert (row.state, row.materials.get().quantity) == ("firm", 2)
    assert not ActionMessage.objects.filter(kind="incomplete").exists()


def test_what_a_customers_line_waits_for_is_needed_on_its_day_not_the_day_after(shop: Shop) -> None:
    """A lamp, bought to order, wanted on 20 March (transport 2 h): bought for 7 March, "defer" names the 20th."""
    lamp = shop.buy("LAMP")
    shop.price(lamp, days=5)
    shop.order((lamp, "1"))
    erp.note_changes(plant_id=shop.plant.pk, material_ids=[lamp.pk])
    plan(shop)
    message = ActionMessage.objects.get(kind="defer")
    assert message.to_on == dt.date(2026, 3, 20)
