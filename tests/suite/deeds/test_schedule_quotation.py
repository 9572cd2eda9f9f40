"""One click from a quotation to the schedule, and one click back."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
from django.utils import timezone

from aps import services as aps
from aps.models import Plan, PlannedOperation, PlanWish
from crm import services as crm
from crm.models import Promise, Quotation, QuotationScheduling
from erp import services as erp
from erp.models import PurchaseOrder, Reservation, SalesOrder, WorkOrder, WorkOrderOperation
from masterdata.models import FactRecord
from suite.asks import offer
from suite.asks.quote_answers import QuoteQuestion, QuoteReply
from suite.deeds import schedule_order, schedule_quotation, undo_schedule
from tests.crm.desk import settle
from tests.flows.test_levers import second_plant
from tests.flows.workshop import Workshop
from tests.suite.deeds.scheduling import click, faults, line, own, places, quoted

D = Decimal
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("by_itself")]


def test_one_click_stands_in_the_plan_at_once_and_nobody_moved(shop: Workshop) -> None:
    """2 and 1 stools behind the 6 that are planned: 120 and 60 min on the same machine, one behind the other."""
    quotation = quoted(shop, "2", "1")
    before = Plan.objects.latest("number").number
    others = list(PlannedOperation.objects.order_by("operation_id").values_list("operation_id", "starts_at"))
    done = click(quotation)
    assert (done.is_placed, done.late_lines) == (True, 0)
    first, second = own(done.order)
    minutes = [(one.ends_at - one.starts_at) / dt.timedelta(minutes=1) for one in (first, second)]
    assert minutes == [120, 60]
    assert first.ends_at <= second.starts_at
    left = PlannedOperation.objects.exclude(pk__in=[first.pk, second.pk]).order_by("operation_id")
    assert list(left.values_list("operation_id", "starts_at")) == others
    plan = Plan.objects.latest("number")
    assert (plan.number, plan.origin, plan.cause) == (
        before + 1,
        "order",
        f"Order {done.order.number} scheduled at once",
    )
    lines = list(done.order.lines.order_by("line_no"))
    assert [one.expected_at for one in lines] == [one.ends_at + dt.timedelta(hours=1) for one in (first, second)]
    assert Promise.objects.filter(order_line__in=lines).count() == 2
    quotation.refresh_from_db()
    assert (quotation.state, quotation.order) == ("accepted", done.order)
    scheduled = FactRecord.objects.get(kind="OrderScheduled", subject=f"order:{done.order.pk}")
    assert scheduled.payload["plan_numbers"] == [plan.number]
    assert faults() == []


def test_the_planner_is_not_asked_for_what_stands_in_the_plan(shop: Workshop) -> None:
    done = click(quoted(shop, "2"))
    settle(shop)
    assert not PlanWish.objects.filter(text=f"Order {done.order.number}").exists()


def test_the_same_quotation_again_gives_the_same_order(shop: Workshop) -> None:
    quotation = quoted(shop, "2")
    first, second = click(quotation), click(quotation)
    assert first == second
    assert SalesOrder.objects.filter(customer=shop.customer).count() == 1


def moving(shop: Workshop, times: int) -> tuple[schedule_quotation.Ask, list[QuoteReply]]:
    """The way to planning, behind whose answers somebody wishes for a plan, so many times; and the answers."""
    answers: list[QuoteReply] = []

    def ask(question: QuoteQuestion) -> QuoteReply:
        answers.append(offer.quote_and_wait(question))
        if len(answers) <= times:
            aps.want_plan(plant_id=shop.plant.pk, reason="planner", text="Look again")
        return answers[-1]

    return ask, answers


def test_a_plan_that_moves_on_in_between_is_asked_again(shop: Workshop) -> None:
    """Somebody wishes for a plan after the first answer: that one is void, the second is taken."""
    ask, answers = moving(shop, 1)
    quotation = quoted(shop, "2")
    done = schedule_quotation.schedule_quotation(quotation_id=quotation.pk, now=timezone.now(), ask=ask)
    assert done.is_placed
    assert len(answers) == 2


def test_a_plan_that_never_rests_leaves_the_place_to_the_planner(shop: Workshop) -> None:
    ask, answers = moving(shop, 99)
    quotation = quoted(shop, "2")
    done = schedule_quotation.schedule_quotation(quotation_id=quotation.pk, now=timezone.now(), ask=ask)
    assert not done.is_placed
    assert len(answers) == schedule_quotation.TRIES
    assert own(done.order) == []
    settle(shop)
    assert len(own(done.order)) == 1


def over_two_plants(shop: Workshop) -> tuple[Quotation, list[int]]:
    """2 stools from each of two plants, and the plants."""
    plant_ids = [shop.plant.pk, second_plant(shop).pk]
    lines = [replace(line(shop, crm.QuotationLineInput, "2"), plant_id=one) for one in plant_ids]  # type: ignore[type-var]
    return crm.write_quotation(customer_id=shop.customer.pk, lines=lines, now=timezone.now()), plant_ids  # type: ignore[arg-type]


def test_lines_of_two_plants_stand_in_both_plans_though_each_moves_on_twice(shop: Workshop) -> None:
    """Wishes for the one plant spoil two answers, wishes for the other two more: the fifth is taken."""
    quotation, plant_ids = over_two_plants(shop)
    answers: list[QuoteReply] = []

    def ask(question: QuoteQuestion) -> QuoteReply:
        answers.append(offer.quote_and_wait(question))
        if len(answers) <= 4:
            aps.want_plan(plant_id=plant_ids[len(answers) % 2], reason="planner", text="Look again")
        return answers[-1]

    done = schedule_quotation.schedule_quotation(quotation_id=quotation.pk, now=timezone.now(), ask=ask)
    assert done.is_placed
    assert len(answers) == 5
    assert len(own(done.order)) == 2
    assert faults() == []


def test_what_the_floor_began_since_the_plan_was_read_is_read_anew(shop: Workshop) -> None:
    """Half an hour late with the first order, the floor begins the one behind it: the kept plan does not know."""
    behind = erp.create_order(
        company=shop.company,
        customer=shop.other_customer,
        currency=shop.company.currency,
        lines=[line(shop, erp.OrderLineInput, "1")],  # type: ignore[list-item]
        now=timezone.now(),
    )
    erp.confirm_order(order_id=behind.pk, now=timezone.now())
    settle(shop)
    quotation = quoted(shop, "2")
    late = timezone.now() + dt.timedelta(minutes=30)
    questions: list[QuoteQuestion] = []

    def ask(question: QuoteQuestion) -> QuoteReply:
        questions.append(question)
        reply = offer.quote_and_wait(question)
        if len(questions) == 1:
            last = PlannedOperation.objects.latest("starts_at")
            WorkOrderOperation.objects.filter(pk=last.operation_id).update(started_at=late, machine=last.machine)
        return reply

    done = schedule_quotation.schedule_quotation(quotation_id=quotation.pk, now=late, ask=ask)
    assert done.is_placed
    assert [one.anew for one in questions] == [False, True]
    assert len(own(done.order)) == 1


def test_undo_gives_back_everything_and_the_quotation_is_open_as_it_was(shop: Workshop) -> None:
    """Two lines of stools: their work, what is kept for them and their places are gone, nobody else moved."""
    quotation = quoted(shop, "2", "3")
    state = quotation.state
    done = click(quotation)
    others = places(but=done.order)
    undone = undo_schedule.undo_schedule(order_id=done.order.pk, now=timezone.now())
    assert undone.undone_at is not None
    quotation.refresh_from_db()
    assert (quotation.state, quotation.order, quotation.accepted_at) == (state, None, None)
    order = SalesOrder.objects.get(pk=done.order.pk)
    assert order.cancelled_at is not None
    assert own(order) == []
    assert places(but=order) == others
    work = WorkOrder.objects.filter(sales_order_line__order=order)
    assert set(work.values_list("state", flat=True)) == {"cancelled"}
    assert not Reservation.objects.filter(work_order_material__work_order__in=work, quantity__gt=0).exists()
    assert Plan.objects.latest("number").cause == f"Order {order.number} taken back"
    assert FactRecord.objects.filter(kind="QuotationReopened", subject=f"order:{order.pk}").count() == 1
    assert faults() == []


def test_undo_twice_changes_nothing_and_the_quotation_can_be_scheduled_again(shop: Workshop) -> None:
    quotation = quoted(shop, "2")
    first = click(quotation)
    undo_schedule.undo_schedule(order_id=first.order.pk, now=timezone.now())
    plans = Plan.objects.count()
    undo_schedule.undo_schedule(order_id=first.order.pk, now=timezone.now())
    assert Plan.objects.count() == plans
    second = click(quotation)
    assert second.order != first.order
    assert len(own(second.order)) == 1
    assert faults() == []


def test_undo_takes_purchases_back_that_were_written_for_the_order_alone(shop: Workshop) -> None:
    """100 legs less 18 of the other order are there; 30 stools need 90: 8 more are ordered with the yes."""
    done = click(quoted(shop, "30"))
    bought = PurchaseOrder.objects.filter(lines__material__code="LEG")
    assert bought.exists()
    undo_schedule.undo_schedule(order_id=done.order.pk, now=timezone.now())
    assert not bought.filter(cancelled_at__isnull=True).exists()
    assert faults() == []


def test_what_a_supplier_has_confirmed_is_not_taken_back(shop: Workshop) -> None:
    done = click(quoted(shop, "30"))
    bought = PurchaseOrder.objects.get(lines__material__code="LEG")
    bought.lines.update(confirmed_at=timezone.now() + dt.timedelta(days=2))
    with pytest.raises(erp.BoughtForIt) as refusal:
        undo_schedule.undo_schedule(order_id=done.order.pk, now=timezone.now())
    assert bought.number in refusal.value.sentence
    assert SalesOrder.objects.get(pk=done.order.pk).cancelled_at is None
    assert own(done.order)


def test_work_that_has_begun_is_not_taken_back(shop: Workshop) -> None:
    done = click(quoted(shop, "2"))
    WorkOrderOperation.objects.filter(work_order__sales_order_line__order=done.order).update(started_at=timezone.now())
    with pytest.raises(erp.WorkIsUnderWay) as refusal:
        undo_schedule.undo_schedule(order_id=done.order.pk, now=timezone.now())
    assert "released or in work" in refusal.value.sentence
    assert QuotationScheduling.objects.get().undone_at is None


def test_an_order_that_was_not_scheduled_by_one_click_is_cancelled_instead(shop: Workshop) -> None:
    order = SalesOrder.objects.get(customer=shop.other_customer)
    with pytest.raises(crm.NothingToUndo):
        undo_schedule.undo_schedule(order_id=order.pk, now=timezone.now())


def test_a_confirmed_order_without_a_place_is_scheduled_at_once(shop: Workshop) -> None:
    """Confirmed, and no planner has looked yet: one click puts its 120 min behind what is planned, nobody moves."""
    quotation = quoted(shop, "2")
    order = crm.accept_quotation(quotation_id=quotation.pk, now=timezone.now())
    others = places(but=order)
    assert own(order) == []
    done = schedule_order.schedule_order(order_id=order.pk, now=timezone.now())
    assert done.is_placed
    [work] = own(order)
    assert work.ends_at - work.starts_at == dt.timedelta(minutes=120)
    assert places(but=order) == others
    plans = Plan.objects.count()
    assert schedule_order.schedule_order(order_id=order.pk, now=timezone.now()).is_placed
    assert Plan.objects.count() == plans
    assert faults() == []


def test_a_draft_is_not_scheduled(shop: Workshop) -> None:
    order = erp.create_order(
        company=shop.company,
        customer=shop.customer,
        currency=shop.company.currency,
        lines=[line(shop, erp.OrderLineInput, "1")],  # type: ignore[list-item]
        now=timezone.now(),
    )
    with pytest.raises(schedule_order.NothingToSchedule):
        schedule_order.schedule_order(order_id=order.pk, now=timezone.now())
