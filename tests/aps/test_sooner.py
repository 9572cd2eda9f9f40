"""What would make an order earlier, through the panel: planned when asked, in plain words."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from time_machine import TimeMachineFixture

from aps import selectors
from aps import services as aps
from aps.models import PlannedOperation
from erp.models import SalesOrderLine, WorkOrderOperation
from masterdata import shown
from masterdata.models import Machine
from tests.aps.shop import NOW, Shop, at, build, fact, minutes
from tests.aps.test_board_page import person
from tests.aps.test_offers import planned_order
from tests.flows import workshop

pytestmark = pytest.mark.django_db


def line_of(operation: WorkOrderOperation) -> SalesOrderLine:
    line = operation.work_order.sales_order_line
    assert line is not None
    return line


def label(operation: WorkOrderOperation) -> str:
    return f"{line_of(operation).order.number}/10"


def two(shop: Shop) -> tuple[WorkOrderOperation, WorkOrderOperation]:
    """Planned as of this minute: an hour on the saw, promised for its end, then half an hour without any hurry."""
    now = timezone.now()
    [first] = shop.order([("SAW", 60)], promised_at=now + minutes(60))
    [second] = shop.order([("SAW", 30)], promised_at=now + minutes(9000))
    aps.plan_plant(plant_id=shop.plant.pk, now=now)
    return first, second


def told(shop: Shop, operation: WorkOrderOperation) -> selectors.Earlier:
    found = selectors.earlier(plant_id=shop.plant.pk, line_id=line_of(operation).pk, now=NOW)
    assert found is not None
    return found


def test_overtime_and_who_goes_behind_are_told_in_the_plants_time() -> None:
    """It is 10:14 in Berlin, 09:14 UTC; the saw works from 08:00 to 11:14, and the way to the customer takes an hour.
    The first order takes today's last hour, so the second is sawn on Tuesday until 09:00, 08:00 UTC, and is there at
    09:00 UTC. First on the saw it is sawn by 10:14 UTC and there at 11:14, 21:46 h earlier; the first is there on
    Tuesday at 09:00 instead, as much later than at 11:14, when it is due. An hour of overtime today brings the second
    at 12:14, 20:46 h earlier; one on Tuesday, from 07:00 to 08:00 in Berlin, at 08:00, an hour earlier, as does no way.
    """
    week = [(day, "08:00", "11:14") for day in range(7)]
    shop = build(time_zone="Europe/Berlin", shifts=week, transport_min=60)
    [first] = shop.order([("SAW", 60)], promised_at=at("11:14"))
    [second] = shop.order([("SAW", 60)], promised_at=at("11:14", 27))
    aps.plan_plant(plant_id=shop.plant.pk, now=NOW)
    found = told(shop, second)
    assert (found.ends_at, found.tried) == (at("09:00", 24), ())
    assert [(one.kind, one.sentence, one.ends_at, one.gain_min) for one in found.changes] == [
        ("behind", f"if {label(first)} goes behind it on SAW-1", at("11:14"), 1306),
        ("overtime", "if SAW-1 works overtime from Mon 23 Nov, 11:14 to Mon 23 Nov, 12:14", at("12:14"), 1246),
        ("overtime", "if SAW-1 works overtime from Tue 24 Nov, 07:00 to Tue 24 Nov, 08:00", at("08:00", 24), 60),
        ("delivery", f"if the way of {label(second)} to the customer takes no time", at("08:00", 24), 60),
    ]
    (late,) = found.changes[0].delayed
    assert (late.order, late.old_end_at, late.new_end_at) == (label(first), at("11:14"), at("09:00", 24))
    assert late.late_min == 1306
    assert not found.changes[1].delayed


def test_at_most_five_are_told_the_greatest_gain_first() -> None:
    """An hour a day and four orders of an hour: three could go behind the last, and there are three nights to fill."""
    shop = build(shifts=[(day, "09:14", "10:14") for day in range(7)])
    work = [shop.order([("SAW", 60)], promised_at=at("10:14", 23 + day))[0] for day in range(4)]
    aps.plan_plant(plant_id=shop.plant.pk, now=NOW)
    gains = [one.gain_min for one in told(shop, work[3]).changes]
    assert len(gains) == 5
    assert gains == sorted(gains, reverse=True)
    assert gains[0] == 3 * 24 * 60


def test_what_costs_nobody_anything_is_always_among_them() -> None:
    """The saw is full for four days, two hours each; the last order is sawn on the fifth until 10:14 and by the plan
    packed half an hour later than it could be. Five things and more would bring days; the half hour is told, too."""
    shop = build(["SAW-1", "PACK-1"], shifts=[(day, "09:14", "11:14") for day in range(7)])
    for day in range(4):
        shop.order([("SAW", 120)], promised_at=at("11:14", 23 + day))
    work = shop.order([("SAW", 60), ("PACK", 30)], promised_at=at("11:14", 27))
    aps.plan_plant(plant_id=shop.plant.pk, now=NOW)
    PlannedOperation.objects.filter(operation=work[1]).update(
        starts_at=at("10:44", 27), runs_at=at("10:44", 27), ends_at=at("11:14", 27)
    )
    changes = told(shop, work[0]).changes
    assert len(changes) == 5
    assert changes[3].gain_min > 30
    assert (changes[4].kind, changes[4].gain_min) == ("gap", 30)
    assert changes[4].sentence == f"if {label(work[0])} is moved into gaps that are free"


def test_the_panel_asks_only_when_somebody_clicks(client: Client) -> None:
    """Both panels carry the button and its address, no change; the chain marks what explains most, in red only when
    the order is late: the second is in time."""
    shop = build()
    first, second = two(shop)
    client.force_login(person(shop, "planner"))
    address = reverse("aps:line_sooner", args=[line_of(second).pk])
    line_of(second).order.lines.update(expected_at=timezone.now() + minutes(90))
    for panel in (
        reverse("suite:why_date", args=[line_of(second).order_id]),
        reverse("aps:order_why", args=[shop.plant.pk, line_of(second).order_id]),
    ):
        page = client.get(panel).content.decode()
        assert f'hx-get="{address}"' in page
        assert "goes behind" not in page
        assert page.count("This explains most of it.") == 1
        assert page.index(label(first)) < page.index("This explains most of it.")
        assert 'class="root"' not in page


def test_the_page_says_the_change_the_new_date_the_gain_and_who_pays(client: Client) -> None:
    """The second order first: an hour earlier, in half an hour; the first half an hour later than it would be."""
    shop = build(time_zone="Asia/Shanghai")
    first, second = two(shop)
    client.force_login(person(shop, "planner"))
    page = client.get(reverse("aps:line_sooner", args=[line_of(second).pk])).content.decode()
    found = selectors.earlier(plant_id=shop.plant.pk, line_id=line_of(second).pk, now=timezone.now())
    assert found is not None
    (change,) = found.changes
    (late,) = change.delayed
    assert (found.ends_at - change.ends_at, late.new_end_at - late.old_end_at) == (minutes(60), minutes(30))
    assert "with what moving it into free gaps brings" in page
    assert f"If {label(first)} goes behind it on SAW-1" in page
    assert "1 h earlier" in page
    assert f"{label(first)} then comes" in page
    assert " min late." in page
    china = dt.timezone(dt.timedelta(hours=8))
    with timezone.override(china):
        assert shown.day(change.ends_at) in page


def test_it_is_said_honestly_when_nothing_helps(client: Client) -> None:
    """It begins at once, and nobody is ahead of it. What is finished is no longer open."""
    shop = build()
    [only] = shop.order([("SAW", 60)])
    aps.plan_plant(plant_id=shop.plant.pk, now=timezone.now())
    client.force_login(person(shop, "planner"))
    address = reverse("aps:line_sooner", args=[line_of(only).pk])
    assert "Nothing that planning can try makes it earlier." in client.get(address).content.decode()
    shop.finish(only, timezone.now())
    aps.want_plan(plant_id=shop.plant.pk, reason="progress", text="Done")
    assert "Nothing of it is open in the plan." in client.get(address).content.decode()


def test_what_was_tried_is_named_when_it_does_not_help(client: Client) -> None:
    """The packing bench runs for two hours. The saw is down for half an hour, then saws for ten minutes: were it up at
    once, the order would still wait for the bench."""
    shop, now = build(["SAW-1", "PACK-1"]), timezone.now()
    [busy] = shop.order([("PACK", 120)])
    work = shop.order([("SAW", 10), ("PACK", 30)])
    shop.start(busy, "PACK-1", now)
    aps.block_machine(
        machine_id=shop.machines["SAW-1"].pk, source="downtime:1", since_at=now, until_at=now + minutes(30), fact=fact()
    )
    aps.plan_plant(plant_id=shop.plant.pk, now=now)
    client.force_login(person(shop, "planner"))
    page = client.get(reverse("aps:line_sooner", args=[line_of(work[0]).pk])).content.decode()
    assert "This was tried, and none of it helps:" in page
    assert "If SAW-1 works again at once instead of at " in page
    assert " earlier</small>" not in page


def test_operations_are_called_by_step_and_work_order() -> None:
    """36 stools need 108 legs, 100 are free, and 8 are bought with a day of lead time: with them at once the work
    begins now, a day earlier. The way to the customer takes an hour."""
    works = workshop.build()
    works.quantity("LEG", 100)
    [line] = planned_order(works, 36).lines.all()
    made = line.work_orders.get()
    found = selectors.earlier(plant_id=works.plant.pk, line_id=line.pk, now=NOW)
    assert found is not None
    assert [(one.kind, one.gain_min) for one in found.changes] == [("material", 1440), ("delivery", 60)]
    assert found.changes[0].sentence == (
        f"if the material for Assemble of {made.number} is there at once instead of at Tue 24 Nov, 09:14"
    )


def test_the_chain_names_the_moment_at_which_the_material_is_there(
    client: Client, time_machine: TimeMachineFixture
) -> None:
    """The eight legs come a day later: the board marks that moment."""
    time_machine.move_to(NOW, tick=False)
    works = workshop.build()
    works.quantity("LEG", 100)
    work = planned_order(works, 36).lines.get().work_orders.get().operations.order_by("sequence").first()
    client.force_login(person(works, "planner"))  # type: ignore[arg-type]
    page = client.get(reverse("aps:operation_why", args=[works.plant.pk, work.pk])).content.decode()
    assert 'data-until="2026-11-24T09:14:00+00:00"' in page


def test_a_line_of_another_plant_is_not_found(client: Client) -> None:
    shop, other = build(), build(["SAW-9"], code="OTHER")
    [own] = shop.order([("SAW", 60)])
    client.force_login(person(other, "planner", only_here=True))
    assert client.get(reverse("aps:line_sooner", args=[line_of(own).pk])).status_code == 404


def test_a_plant_that_cannot_be_planned_says_what_to_do(client: Client) -> None:
    """Its only saw is out of use: both panels say so instead of breaking."""
    shop = build()
    first, _ = two(shop)
    Machine.objects.update(is_active=False)
    aps.want_plan(plant_id=shop.plant.pk, reason="planner", text="Saw sold")
    client.force_login(person(shop, "planner"))
    line_of(first).order.lines.update(expected_at=timezone.now())
    for address in (
        reverse("aps:line_sooner", args=[line_of(first).pk]),
        reverse("suite:why_date", args=[line_of(first).order_id]),
    ):
        assert "no active machine" in client.get(address).content.decode()
