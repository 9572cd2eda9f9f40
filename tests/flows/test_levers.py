"""Further options of a rush request come behind the first cards; taking one makes real what it says, or nothing."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from aps.models import PlannedOperation
from crm.models import Promise, RushOption, RushRequest
from erp import services as erp
from erp.models import PurchaseOrderLine, Reservation, SalesOrder, SupplierPrice
from masterdata import services as masterdata
from masterdata.models import (
    Calendar,
    Machine,
    Partner,
    Plant,
    Routing,
    RoutingOperation,
    Shift,
    Warehouse,
    WorkCentre,
)
from suite import audit
from suite.deeds import accept_rush as accept
from suite.deeds import ask_levers as levers
from suite.deeds import ask_rush as ask
from tests.crew import Crew, until
from tests.crm.orders import confirmed
from tests.flows import workshop
from tests.flows.test_order_to_cash import quiet

D = Decimal
MINUTES = dt.timedelta(minutes=10)


def shop_with(legs: int, stools: int) -> tuple[workshop.Workshop, SalesOrder]:
    """An order of stools, 3 legs and an hour each, is planned on the one assembly machine and promised."""
    shop = workshop.build()
    shop.quantity("LEG", legs)
    order = confirmed(shop, stools, now=dt.datetime.now(dt.UTC))
    until(lambda: quiet(shop), what="the first order is planned and promised")
    return shop, order


def rush(shop: workshop.Workshop, quantity: int, days: int = 0) -> RushRequest:
    """Asked and answered with all its options."""
    now = dt.datetime.now(dt.UTC)
    request = ask.ask_rush(
        customer_id=shop.other_customer.pk,
        material_id=shop.materials["STOOL"].pk,
        quantity=D(quantity),
        plant_id=shop.plant.pk,
        wanted_on=(now + dt.timedelta(days=days)).date(),
        unit_price=D(120),
        now=now,
    )
    until(lambda: RushRequest.objects.get(pk=request.pk).levers_no == 1, what="all further options")
    return request


def option(request: RushRequest, key: str) -> RushOption:
    return RushOption.objects.get(request=request, answer_no=1, key=key)


def take(chosen: RushOption) -> SalesOrder:
    return accept.accept_rush(option_id=chosen.pk, now=dt.datetime.now(dt.UTC))


def settled(shop: workshop.Workshop) -> None:
    until(lambda: quiet(shop), what="everybody knows")
    assert [finding.invariant.name for finding in audit.findings() if not finding.holds] == []


def test_material_of_another_order_is_taken_with_its_victim(workers: Crew) -> None:
    """20 legs; an order of 5 stools keeps 15 of them. 3 stools more need 9: 5 are free, 4 would come in a day. Taken
    from the other order they stand first: 3 h; the other has its own in a day and ends 5 h later, at the customer 1 h
    after that."""
    shop, giver = shop_with(legs=20, stools=5)
    request = rush(shop, 3)
    card, calm = option(request, "M"), option(request, "A")
    assert "LEG" in calm.cause
    assert card.cause.startswith(f"Takes 4 PC LEG of {giver.number}: it gets its own ")
    assert card.deliver_at is not None
    assert card.deliver_at - request.asked_at == pytest.approx(dt.timedelta(hours=4), abs=MINUTES)
    victim = card.victims.get()
    assert victim.order_line.order == giver
    assert victim.new_end_at - request.asked_at == pytest.approx(dt.timedelta(hours=30), abs=MINUTES)

    order = take(card)
    kept = Reservation.objects.filter(quantity__gt=0).order_by("work_order_material__work_order_id")
    held = kept.values_list("work_order_material__work_order__sales_order_line__order").distinct()
    assert {pk for (pk,) in held} == {giver.pk, order.pk}
    assert sum(row.quantity for row in kept) == D(20)
    bought = PurchaseOrderLine.objects.get()
    assert (bought.quantity, bought.pegged_qty) == (D(4), D(4))
    settled(shop)
    versions = Promise.objects.filter(order_line__order=giver).order_by("version_no")
    assert [version.reason for version in versions] == ["plan", "rush"]
    assert order.lines.get().promised_at == card.deliver_at


def test_expedited_material_is_ordered_at_the_faster_supplier(workers: Crew) -> None:
    """9 legs for 3 stools, none free: TIMBER takes a day for 3.00, Quick delivers at once for 5.00. 9 x 2.00 = 18.00
    more. The stools stand behind the 6 h of the first order."""
    shop, _ = shop_with(legs=18, stools=6)
    quick = Partner.objects.create(code="QUICK", name="Quick", is_supplier=True)
    leg = shop.materials["LEG"]
    SupplierPrice.objects.create(supplier=quick, material=leg, unit=leg.unit, price=D(5), lead_time_days=0)
    request = rush(shop, 3)
    card = option(request, "E")
    assert [(row.text, row.amount) for row in card.drivers.all()] == [("9 PC of LEG from Quick", D("18.00"))]
    assert (card.extra_cost, card.label) == (D("18.00"), "LEG ordered fast")
    assert card.deliver_at is not None
    assert card.deliver_at - request.asked_at == pytest.approx(dt.timedelta(hours=10), abs=MINUTES)
    take(card)
    line = PurchaseOrderLine.objects.get()
    assert (line.order.supplier, line.quantity, line.unit_price) == (quick, D(9), D(5))
    settled(shop)


def test_part_that_is_there_on_the_day_and_the_rest_are_two_promises(workers: Crew) -> None:
    """60 stools are 60 h of work; tomorrow's midnight is 24 to 48 h away. The first part is there, the rest is not."""
    shop, _ = shop_with(legs=400, stools=6)
    request = rush(shop, 60, days=1)
    card = option(request, "Q")
    assert card.first_qty is not None
    assert D(0) < card.first_qty < D(60)
    assert card.deliver_at is not None
    assert card.rest_at is not None
    assert card.rest_at - card.deliver_at == int(60 - card.first_qty) * dt.timedelta(hours=1)
    order = take(card)
    lines = order.lines.order_by("line_no")
    assert [line.quantity for line in lines] == [card.first_qty, 60 - card.first_qty]
    assert [line.promised_at for line in lines] == [card.deliver_at, card.rest_at]
    settled(shop)


def test_another_plant_makes_it_from_its_own_plan(workers: Crew) -> None:
    """The first plant is busy for 30 h, past the end of any day. The second is idle: 3 h of work, 2 h to the customer.
    Its labour costs 40 instead of 36 an hour: 3 x 4.00 = 12.00 more."""
    shop, _ = shop_with(legs=100, stools=30)
    other = second_plant(shop)
    request = rush(shop, 3)
    card = option(request, "P")
    assert (card.plant, card.label, card.input_version) == (other, "From South plant", "0.0")
    assert [(row.text, row.amount) for row in card.drivers.all()] == [
        ("Made in South plant instead of Main plant", D("12.00"))
    ]
    take(card)
    order = SalesOrder.objects.get(is_rush=True)
    assert order.lines.get().plant == other
    planned = PlannedOperation.objects.get(operation__work_order__sales_order_line__order=order)
    assert planned.ends_at + dt.timedelta(hours=2) == card.deliver_at
    settled(shop)


def second_plant(shop: workshop.Workshop) -> Plant:
    always = Calendar.objects.get(code="ALWAYS")
    plant = Plant.objects.create(
        company=shop.company, code="SOUTH", name="South plant", calendar=always, transport_min=120
    )
    erp.open_buying(plant=plant)
    stock = workshop.locations(plant, Warehouse.objects.create(plant=plant, code="S-W", name="South", is_main=True))
    leg = shop.materials["LEG"]
    erp.receive_opening(
        rows=[erp.OpeningStock(leg.pk, stock.pk, D(100), leg.standard_cost)], now=dt.datetime.now(dt.UTC)
    )
    centre = WorkCentre.objects.create(plant=plant, code="S-ASM", name="Assembly", calendar=always, labour_rate=D(40))
    Machine.objects.create(work_centre=centre, code="S-ASM-1", name="South one")
    routing = Routing.objects.create(material=shop.materials["STOOL"], plant=plant)
    RoutingOperation.objects.create(
        routing=routing, sequence=10, name="Assemble", work_centre=centre, setup_min=0, run_min_per_unit=60
    )
    masterdata.freeze_routing(routing_id=routing.pk, now=dt.datetime.now(dt.UTC))
    return plant


def test_overtime_is_asked_of_the_planner_and_cannot_be_taken(workers: Crew) -> None:
    """Assembly works one hour a day, the first is taken by an order of one stool. With two hours more a day a stool
    more is there sooner; an hour of it costs 25 % of 36.00 more, 9.00. Somebody has to work it: the card says so."""
    shop = workshop.build()
    shop.quantity("LEG", 100)
    calendar = Calendar.objects.create(code="SHORT", name="An hour a day")
    at = (dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)).time().replace(minute=0, second=0, microsecond=0)
    ends = at.replace(hour=(at.hour + 1) % 24)
    Shift.objects.bulk_create(
        Shift(calendar=calendar, name="Short", weekday=day, starts=at, ends=ends) for day in range(7)
    )
    Machine.objects.filter(code="ASM-01").update(calendar=calendar)
    confirmed(shop, 1, now=dt.datetime.now(dt.UTC))
    until(lambda: quiet(shop), what="the first order is planned and promised")
    request = rush(shop, 1)
    card = option(request, "O")
    assert (card.ask_first, card.offer_key) == (
        "Ask the planner first: the hours on ASM-01 have to be entered in its calendar.",
        None,
    )
    assert card.extra_cost == D("9.00")
    orders = SalesOrder.objects.count()
    with pytest.raises(accept.OptionImpossible, match="Ask the planner first"):
        take(card)
    assert SalesOrder.objects.count() == orders


def test_no_levers_when_the_calm_option_is_in_time(workers: Crew) -> None:
    """A fortnight is enough: only the first cards."""
    shop, _ = shop_with(legs=100, stools=2)
    request = rush(shop, 2, days=14)
    assert set(request.options.values_list("key", flat=True)) <= {"A", "B", "C"}


def test_levers_end_when_the_plan_moves_on(workers: Crew) -> None:
    """The plan is another by the time that they are looked for: there are none, and who waits for them hears it."""
    shop, _ = shop_with(legs=100, stools=2)
    request = rush(shop, 2)
    RushRequest.objects.filter(pk=request.pk).update(levers_no=0, input_version="0.0")
    before = request.options.count()
    levers.answer_lever(request_id=request.pk, answer_no=1, at=0)
    request.refresh_from_db()
    assert (request.levers_no, request.options.count()) == (1, before)


def test_the_calm_card_says_that_nothing_earlier_is_possible(workers: Crew) -> None:
    """An hour a stool on one machine, with nothing planned ahead of it: A is proved, and the others claim nothing."""
    shop, _ = shop_with(legs=100, stools=2)
    request = rush(shop, 2, days=14)
    calm = option(request, "A")
    assert calm.bound_at == calm.deliver_at
    assert not request.options.exclude(key="A").filter(bound_at__isnull=False).exists()
