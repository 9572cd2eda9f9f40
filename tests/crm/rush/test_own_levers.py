"""An order that is to come earlier is shown what else would bring it forward, and whom to ask for it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from aps import warm
from aps.models import PlannedOperation
from crm.models import RushOption, RushRequest
from erp import services as erp
from erp.models import SalesOrder, SupplierPrice
from masterdata.models import Calendar, Machine, Partner, Shift
from suite.deeds import accept_rush, ask_rush
from tests.crm.desk import settle
from tests.crm.orders import confirmed
from tests.crm.rush.asking import card, take, today, with_levers
from tests.crm.rush.test_options import with_pine
from tests.flows import workshop
from tests.flows.test_levers import second_plant
from tests.flows.workshop import Workshop

D = Decimal
HOUR = dt.timedelta(hours=1)
NEAR = dt.timedelta(minutes=10)


@pytest.fixture
def bare(db: None) -> Workshop:
    """The workshop without a leg: what is ordered waits a day for them."""
    return workshop.build()


def for_order(order: SalesOrder, days: int = 0) -> RushRequest:
    wanted = today() + dt.timedelta(days=days)
    return with_levers(ask_rush.ask_rush_for_order(order_id=order.pk, wanted_on=wanted, now=timezone.now()))


def after(option: RushOption) -> dt.timedelta:
    assert option.deliver_at is not None
    return option.deliver_at - option.request.asked_at


def test_material_that_another_brings_sooner_is_asked_of_the_buyer(bare: Workshop) -> None:
    """9 legs of 3.00 come in a day. Quick has them at once for 5.00, 18.00 more: 3 h of work and 1 h on the way."""
    order = confirmed(bare, 3, now=timezone.now())
    settle(bare)
    quick = Partner.objects.create(code="QUICK", name="Quick", is_supplier=True)
    leg = bare.materials["LEG"]
    SupplierPrice.objects.create(supplier=quick, material=leg, unit=leg.unit, price=D(5), lead_time_days=0)
    request = for_order(order)
    found = card(request, "E")
    assert [(row.text, row.amount) for row in found.drivers.all()] == [("9 PC of LEG from Quick", D("18.00"))]
    assert after(found) == pytest.approx(4 * HOUR, abs=NEAR)
    assert found.ask_first == "Ask the buyer first: LEG has to be ordered where it comes sooner."
    with pytest.raises(accept_rush.OptionImpossible, match="Ask the buyer first"):
        take(found)
    assert card(request, "S").cause == "Nothing that may be used for a late material lies free."


def test_a_substitute_that_lies_there_is_asked_of_the_planner(bare: Workshop) -> None:
    """9 of pine at 2.50 instead of 2.00 are 4.50 more, and lie there: 3 h of work and 1 h on the way."""
    with_pine(bare)
    order = confirmed(bare, 3, now=timezone.now())
    settle(bare)
    found = card(for_order(order), "S")
    assert (found.label, found.extra_cost) == ("PINE instead of LEG", D("4.50"))
    assert after(found) == pytest.approx(4 * HOUR, abs=NEAR)
    assert found.ask_first.startswith("Ask the planner first: it is decided at the components of WO-")


def test_longer_hours_and_another_plant_are_asked_of_the_planner(shop: Workshop) -> None:
    """Assembly works an hour a day: a stool a day, the second order's tomorrow. With more hours it is made today, an
    hour at 25 % of 36.00; the other plant is idle."""
    calendar = Calendar.objects.create(code="SHORT", name="An hour a day")
    at = (timezone.now() + HOUR).time().replace(minute=0, second=0, microsecond=0)
    ends = at.replace(hour=(at.hour + 1) % 24)
    Shift.objects.bulk_create(
        Shift(calendar=calendar, name="Short", weekday=day, starts=at, ends=ends) for day in range(7)
    )
    Machine.objects.filter(code="ASM-01").update(calendar=calendar)
    orders = [confirmed(shop, 1, other=other, now=timezone.now()) for other in (False, True)]
    settle(shop)
    order = max(orders, key=lambda one: one.lines.get().expected_at or one.made_at)
    other = second_plant(shop)
    request = for_order(order)
    hours, plant = card(request, "O"), card(request, "P")
    assert hours.ask_first == "Ask the planner first: the hours on ASM-01 have to be entered in its calendar."
    assert hours.drivers.get().amount == D("9.00")
    assert hours.deliver_at is not None
    expected = order.lines.get().expected_at
    assert expected is not None
    assert hours.deliver_at < expected
    assert (plant.plant, plant.offer_key) == (other, None)
    assert plant.ask_first == f"Ask the planner first: {order.number} is cancelled and ordered anew from South plant."


def test_as_many_as_can_be_there_on_the_day_are_asked_of_the_planner(shop: Workshop) -> None:
    """60 stools are 60 h of work; tomorrow's midnight is 24 to 48 h away."""
    order = confirmed(shop, 60, now=timezone.now())
    settle(shop)
    found = card(for_order(order, days=1), "Q")
    assert found.first_qty is not None
    assert found.rest_at is not None
    assert found.deliver_at is not None
    assert D(0) < found.first_qty < D(60)
    assert found.rest_at - found.deliver_at == int(60 - found.first_qty) * HOUR
    assert "is split in two" in found.ask_first


def two_lines(shop: Workshop, *quantities: int, days: int = 5) -> SalesOrder:
    now = timezone.now()
    stool = shop.materials["STOOL"]
    lines = [
        erp.OrderLineInput(
            plant_id=shop.plant.pk,
            material_id=stool.pk,
            quantity=D(quantity),
            unit_price=stool.list_price,
            wanted_on=today() + dt.timedelta(days=days),
        )
        for quantity in quantities
    ]
    order = erp.create_order(
        company=shop.company,
        customer=shop.customer,
        currency=shop.company.currency,
        lines=lines,
        now=now - dt.timedelta(days=2),
    )
    return erp.confirm_order(order_id=order.pk, now=now)


def test_lines_that_can_be_there_on_the_day_come_first(sara: Client, shop: Workshop) -> None:
    """An order of two and of eighty stools, planned far apart by hand: the first line can be there tomorrow, the second
    can not. Taken, the first line's promise is earlier, and the second's is what it was."""
    order = two_lines(shop, 2, 80)
    settle(shop)
    later = dt.timedelta(days=4)
    for row in PlannedOperation.objects.all():
        row.starts_at, row.runs_at, row.ends_at = row.starts_at + later, row.runs_at + later, row.ends_at + later
        row.save()
    request = for_order(order, days=1)
    found = card(request, "Q")
    first, second = order.lines.order_by("line_no")
    assert found.label == f"Line {first.line_no} first"
    assert list(found.parts.values_list("quantity", "first_qty")) == [(D(2), D(2)), (D(80), D(0))]
    page = sara.get(reverse("crm:rush_request", args=[request.pk])).content.decode()
    assert "the rest on" in page
    assert take(found) == order
    second_before = second.promised_at
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.promised_at == found.deliver_at
    assert second.promised_at == second_before


def test_what_stays_decides_when_the_order_is_there(shop: Workshop) -> None:
    """The first line's work has begun and ends after the second's: no option says that the order is there before."""
    order = two_lines(shop, 10, 1)
    settle(shop)
    rows = list(PlannedOperation.objects.select_related("operation").order_by("operation__work_order__id"))
    begun = max(rows, key=lambda row: row.ends_at - row.starts_at)
    operation = begun.operation
    operation.started_at, operation.machine = timezone.now(), begun.machine
    operation.save()
    warm.forget(shop.plant.pk)
    request = ask_rush.ask_rush_for_order(order_id=order.pk, wanted_on=today(), now=timezone.now())
    ends = [one.deliver_at for one in request.options.all() if one.deliver_at is not None]
    assert all(at >= timezone.now() + 9 * HOUR for at in ends)


def test_a_line_of_the_order_that_becomes_later_is_named_too(shop: Workshop) -> None:
    """Planned by hand: the line of two stools first, another order, then the line of ten. All of it is there sooner
    when the ten come first, but the two are 10 h later, and were to be there yesterday."""
    order = two_lines(shop, 10, 2, days=-1)
    confirmed(shop, 6, other=True, now=timezone.now())
    settle(shop)
    start = timezone.now().replace(second=0, microsecond=0) + HOUR
    by_pieces = {int(row.operation.work_order.quantity): row for row in PlannedOperation.objects.all()}
    for pieces in (2, 6, 10):
        row, end = by_pieces[pieces], start + pieces * HOUR
        PlannedOperation.objects.filter(pk=row.pk).update(starts_at=start, runs_at=start, ends_at=end)
        start = end
    warm.forget(shop.plant.pk)
    fast = card(ask_rush.ask_rush_for_order(order_id=order.pk, wanted_on=today(), now=timezone.now()), "C")
    own = [one for one in fast.victims.all() if one.order_line.order == order]
    assert [int(one.order_line.quantity) for one in own] == [2]
