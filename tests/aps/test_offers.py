"""Offers from the live plan: what is answered is what is then planned, or it is refused as stale."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from aps import services as aps
from aps.models import KeptOffer, Plan, PlannedOperation
from erp import services as erp
from erp.models import PurchaseOrderLine, SalesOrder, SupplierPrice
from masterdata.models import FactRecord
from tests.flows import workshop
from tests.flows.workshop import Workshop

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 23, 9, 14, tzinfo=dt.UTC)
D = Decimal


@pytest.fixture
def shop() -> Workshop:
    """Stools to order, 60 min of assembly each on one machine, round the clock; one hour to the customer."""
    made = workshop.build()
    made.quantity("LEG", 100)
    return made


def order(shop: Workshop, quantity: int, wanted_on: dt.date = dt.date(2026, 11, 22)) -> SalesOrder:
    """A confirmed order of stools, written two days ago."""
    made = erp.create_order(
        company=shop.company,
        customer=shop.customer,
        currency=shop.company.currency,
        lines=[
            erp.OrderLineInput(
                plant_id=shop.plant.pk,
                material_id=shop.materials["STOOL"].pk,
                quantity=D(quantity),
                unit_price=D(100),
                wanted_on=wanted_on,
            )
        ],
        now=NOW - dt.timedelta(days=2),
    )
    return erp.confirm_order(order_id=made.pk, now=NOW)


def planned_order(shop: Workshop, quantity: int) -> SalesOrder:
    made = order(shop, quantity)
    aps.want_plan(plant_id=shop.plant.pk, reason="order", text=f"Order {made.number}")
    aps.plan_plant(plant_id=shop.plant.pk, now=NOW)
    return made


def ask(shop: Workshop, quantity: int = 2, material: str = "STOOL") -> aps.OfferAnswer:
    return aps.offer(
        plant_id=shop.plant.pk,
        material_id=shop.materials[material].pk,
        quantity=D(quantity),
        wanted_on=dt.date(2026, 11, 23),
        now=NOW,
    )


def minutes(count: int) -> dt.timedelta:
    return dt.timedelta(minutes=count)


def test_nobody_moved_or_first_with_the_order_that_pays_for_it(shop: Workshop) -> None:
    """6 stools hold the machine from 09:14 to 15:14. Two more: A 15:14 to 17:14; C 09:14 to 11:14, which makes the
    first order end at 17:14 instead of 15:14, at the customer an hour later; wanted yesterday, it is late already."""
    first = planned_order(shop, 6)
    answer = ask(shop)
    calm, fast = answer.options
    assert (calm.key, calm.ends_at, calm.deliver_at) == ("A", NOW + minutes(480), NOW + minutes(540))
    assert (calm.victims, calm.moved, calm.moved_count) == ((), (), 0)
    assert (fast.key, fast.ends_at, fast.moved_count) == ("C", NOW + minutes(120), 1)
    [victim] = fast.victims
    assert (victim.order_number, victim.newly_late) == (first.number, False)
    assert (victim.old_end_at, victim.new_end_at) == (NOW + minutes(420), NOW + minutes(540))
    assert calm.machine_min == {shop.machines["ASM-01"].pk: 120}
    assert first.number in calm.cause
    assert answer.input_version == "1.1"


def test_asking_writes_nothing_and_is_answered_from_memory(shop: Workshop) -> None:
    planned_order(shop, 6)
    ask(shop)
    rows = (Plan.objects.count(), PlannedOperation.objects.count(), KeptOffer.objects.count())
    with CaptureQueriesContext(connection) as queries:
        ask(shop)
    assert not [query for query in queries if not query["sql"].lstrip().upper().startswith(("SELECT", "WITH"))]
    assert len(queries) <= 12
    assert (Plan.objects.count(), PlannedOperation.objects.count(), KeptOffer.objects.count()) == rows


@pytest.mark.parametrize(("key", "late_min"), [("A", 974), ("C", 1094)])
def test_what_was_offered_is_what_is_then_planned(shop: Workshop, key: str, late_min: int) -> None:
    """The taken option's order ends when the answer said; the other one where the answer left or moved it.

    The first order was wanted by the midnight before. With A it is at the customer at 16:14, 974 min late; with C two
    hours later. The plan's figures say so; nothing is set up.
    """
    first = planned_order(shop, 6)
    answer = ask(shop)
    option = next(one for one in answer.options if one.key == key)
    kept = aps.keep_offer(answer=answer, option=option, now=NOW)
    rush = order(shop, 2)
    plan = aps.take_offer(key=kept, order_id=rush.pk, now=NOW + dt.timedelta(seconds=30))
    assert (plan.number, plan.origin, plan.reason, plan.is_final) == (2, "rush", "rush", True)
    assert plan.cause == f"Rush order {rush.number}"
    assert (plan.late_lines, plan.lateness_min, plan.setup_min) == (1, late_min, 0)
    assert plan.objective > late_min
    ends = {
        row.operation.work_order.sales_order_line.order_id: row.ends_at
        for row in PlannedOperation.objects.select_related("operation__work_order__sales_order_line")
    }
    assert ends[rush.pk] == option.ends_at
    assert ends[first.pk] == (NOW + minutes(360) if key == "A" else NOW + minutes(480))
    [published] = FactRecord.objects.filter(kind="PlanPublished", payload__plan_no=2)
    assert published.payload["is_final"]
    fact = FactRecord.objects.create(kind="OrderConfirmed", payload={})
    wanted = aps.want_plan_for_order(plant_id=shop.plant.pk, order_id=rush.pk, text="Order", fact=fact)
    assert wanted is None


def test_many_level_order_is_planned_as_offered(shop: Workshop) -> None:
    """3 tables with tops, one step after the other: saw 5 + 30, edge 15, assemble 60, pack 15 = 125 min."""
    shop.quantity("BOARD", 100)
    planned_order(shop, 6)
    answer = ask(shop, 3, "TABLE")
    kept = aps.keep_offer(answer=answer, option=answer.options[-1], now=NOW)
    made = erp.create_order(
        company=shop.company,
        customer=shop.customer,
        currency=shop.company.currency,
        lines=[
            erp.OrderLineInput(
                plant_id=shop.plant.pk,
                material_id=shop.materials["TABLE"].pk,
                quantity=D(3),
                unit_price=D(300),
                wanted_on=dt.date(2026, 11, 23),
            )
        ],
        now=NOW,
    )
    erp.confirm_order(order_id=made.pk, now=NOW)
    aps.take_offer(key=kept, order_id=made.pk, now=NOW)
    own = PlannedOperation.objects.filter(operation__work_order__sales_order_line__order=made)
    assert own.count() == 4
    assert max(row.ends_at for row in own) == answer.options[-1].ends_at == NOW + minutes(125)


def test_offer_is_stale_after_another_publication_or_wish(shop: Workshop) -> None:
    planned_order(shop, 6)
    answer = ask(shop)
    keys = [aps.keep_offer(answer=answer, option=option, now=NOW) for option in answer.options]
    rush, other = order(shop, 2), order(shop, 2)
    aps.take_offer(key=keys[0], order_id=rush.pk, now=NOW)
    with pytest.raises(aps.StaleOffer):
        aps.take_offer(key=keys[1], order_id=other.pk, now=NOW)
    assert Plan.objects.count() == 2
    again = ask(shop)
    assert again.input_version == "2.1"
    key = aps.keep_offer(answer=again, option=again.options[0], now=NOW)
    aps.want_plan(plant_id=shop.plant.pk, reason="planner", text="Plan again")
    with pytest.raises(aps.StaleOffer):
        aps.take_offer(key=key, order_id=other.pk, now=NOW)


def test_offer_is_stale_when_work_that_it_moves_has_begun(shop: Workshop) -> None:
    first = planned_order(shop, 6)
    answer = ask(shop)
    key = aps.keep_offer(answer=answer, option=answer.options[1], now=NOW)
    operation = PlannedOperation.objects.get(operation__work_order__sales_order_line__order=first).operation
    erp.start_operation(operation_id=operation.pk, machine_id=shop.machines["ASM-01"].pk, now=NOW)
    with pytest.raises(aps.StaleOffer):
        aps.take_offer(key=key, order_id=order(shop, 2).pk, now=NOW)


def test_offer_is_refused_for_an_order_that_needs_other_work(shop: Workshop) -> None:
    """Asked for a table with its top, ordered a stool."""
    answer = ask(shop, 1, "TABLE")
    key = aps.keep_offer(answer=answer, option=answer.options[0], now=NOW)
    with pytest.raises(aps.StaleOffer):
        aps.take_offer(key=key, order_id=order(shop, 2).pk, now=NOW)


def test_plant_without_machines_says_what_to_do(shop: Workshop) -> None:
    machine = shop.machines["ASM-01"]
    machine.is_active = False
    machine.save()
    with pytest.raises(aps.NoOffer) as refusal:
        ask(shop)
    assert "has no active machine in its work centre" in refusal.value.sentence


def test_material_that_binds_is_named_with_who_brings_it(shop: Workshop) -> None:
    """36 stools need 108 legs, 100 are free: 8 are bought with a day of lead time. 40 that a buyer ordered come in six
    hours: they bind then."""
    cause = ask(shop, 36).options[0].cause
    assert (
        cause == "Assemble waits for 8 PC of LEG until Tue 24 Nov, 09:14: Timber Trade brings it when it is ordered now"
    )
    lines = [erp.PurchaseLineInput(shop.materials["LEG"].pk, D(40), D(3), NOW + minutes(360))]
    timber = SupplierPrice.objects.get(material=shop.materials["LEG"]).supplier
    bought = erp.create_purchase_order(plant=shop.plant, supplier=timber, lines=lines, now=NOW)
    cause = ask(shop, 36).options[0].cause
    assert cause == f"Assemble waits for 8 PC of LEG until Mon 23 Nov, 15:14: {bought.number} of Timber Trade brings it"


def test_offer_is_stale_when_its_material_comes_later_by_now(shop: Workshop) -> None:
    """36 stools wait a day for 8 legs; then the supplier says: seven hours later."""
    answer = ask(shop, 36)
    key = aps.keep_offer(answer=answer, option=answer.options[0], now=NOW)
    made = order(shop, 36)
    line = PurchaseOrderLine.objects.get()
    erp.confirm_purchase_date(line_id=line.pk, confirmed_at=line.due_at + minutes(420))
    with pytest.raises(aps.StaleOffer, match="Material comes later"):
        aps.take_offer(key=key, order_id=made.pk, now=NOW)


def test_a_rush_order_taken_before_the_better_plan_is_there_tells_nobody_else(shop: Workshop) -> None:
    """A shifted plan is in force and a better one to follow: whoever is late by the event hears it from that one, with
    its cause; the rush order's plan is no more final than the one it stands on.
    """
    planned_order(shop, 6)
    Plan.objects.filter(plant=shop.plant, number=1).update(is_final=False)
    answer = ask(shop)
    kept = aps.keep_offer(answer=answer, option=answer.options[0], now=NOW)
    rush = order(shop, 2)
    assert not aps.take_offer(key=kept, order_id=rush.pk, now=NOW).is_final
    [published] = FactRecord.objects.filter(kind="PlanPublished", payload__plan_no=2)
    assert not published.payload["is_final"]
