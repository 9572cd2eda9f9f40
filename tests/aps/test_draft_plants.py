"""Work for another plant on the board: what it would mean there, and both plants' plans when it is published."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.test import Client, override_settings
from django.urls import reverse
from time_machine import TimeMachineFixture

from aps import services as aps
from aps.edits import Pin, Replant
from aps.invariants import INVARIANTS
from aps.minutes import minute_of, time_of
from aps.models import Plan, PlannedOperation
from aps.replanting import Away
from aps.services import draft_plants, elsewhere
from aps.services.elsewhere import Elsewhere
from erp import services as erp
from erp.models import SalesOrder, SalesOrderLine, WorkOrder
from masterdata.causes import Cause
from masterdata.models import Location, Machine, Membership, Plant, Shift, User
from tests.aps.shop import fact
from tests.erp.sales.test_replant import routed, second_plant
from tests.erp.shop import NOW, Shop

D = Decimal


def at(clock: str, day: int = 2) -> dt.datetime:
    hours, minutes = clock.split(":")
    return dt.datetime(2026, 3, day, int(hours), int(minutes), tzinfo=dt.UTC)


@pytest.fixture
def shop(db: None) -> Shop:
    return round_the_clock()


def round_the_clock() -> Shop:
    """Both plants work round the clock; a table takes 10 + 2 minutes a piece at the saw."""
    shop = Shop()
    Shift.objects.bulk_create(
        Shift(calendar=shop.plant.calendar, name="Day", weekday=day, starts=dt.time(0), ends=dt.time(0))
        for day in range(7)
    )
    return shop


@pytest.fixture
def plant(shop: Shop) -> Plant:
    return second_plant(shop)


def planned(plant: Plant) -> None:
    aps.want_plan(plant_id=plant.pk, reason="order", text="Test", fact=fact(stated_at=NOW))
    with override_settings(THROUGHLINE_SOLVE_MOVES=50):
        aps.plan_plant(plant_id=plant.pk, now=NOW)


def ordered(shop: Shop, plant: Plant, quantity: str = "25") -> SalesOrder:
    """So many tables behind 95 others: a saw of 200 minutes, then one of 60. Boards lie in both plants."""
    product, board = shop.make("TABLE"), shop.buy("BOARD")
    shop.bom(product, (board, "1"))
    routed(product, plant)
    shop.stock(board, "120")
    there = Location.objects.get(plant=plant, kind=Location.Kind.STOCK)
    erp.receive_opening(rows=[erp.OpeningStock(board.pk, there.pk, D(120), D(1))], now=NOW)
    shop.order((product, "95"))
    order = shop.order((product, quantity))
    SalesOrderLine.objects.filter(order=order).update(promised_at=at("13:00"))
    SalesOrderLine.objects.exclude(order=order).update(promised_at=at("13:20"))
    planned(shop.plant)
    return order


def asked(order: SalesOrder, plant: Plant, *, keep: bool = False) -> Elsewhere:
    return elsewhere.elsewhere(line_id=order.lines.get().pk, plant_id=plant.pk, now=NOW, keep=keep)


def whole() -> None:
    """No invariant of planning has an offending row."""
    with connection.cursor() as cursor:
        for invariant in INVARIANTS:
            cursor.execute(invariant.sql)
            assert cursor.fetchall() == [], invariant.name


def test_what_it_would_mean(shop: Shop, plant: Plant) -> None:
    """25 tables take 60 minutes: 08:00 to 09:00 in the idle plant, and four hours on the way: 13:00, in time.

    They cost an hour at 50 instead of 90: 40 less. Nothing is written.
    """
    order = ordered(shop, plant)
    found = asked(order, plant)
    assert (found.late_min, found.deliver_at) == (0, at("13:00"))
    assert (found.cost, found.currency, found.victims) == (D("-40.00"), "EUR", ())
    assert found.setup_min == 0
    own = PlannedOperation.objects.get(operation__work_order__sales_order_line__order=order)
    assert found.operation_ids == (own.operation_id,)
    assert found.was_deliver_at == own.ends_at + dt.timedelta(minutes=120)
    assert found.key is None
    assert WorkOrder.objects.filter(plant=plant).count() == 0
    assert Plan.objects.filter(plant=plant).count() == 0


def test_late_is_said_before_and_after(shop: Shop, plant: Plant) -> None:
    """Promised for 12:00: four hours on the way from 09:00 make it an hour late."""
    order = ordered(shop, plant)
    SalesOrderLine.objects.filter(order=order).update(promised_at=at("12:00"))
    assert asked(order, plant).late_min == 60


def test_both_plans_change_in_one_transaction(shop: Shop, plant: Plant) -> None:
    order = ordered(shop, plant)
    found = asked(order, plant, keep=True)
    with transaction.atomic():
        draft_plants.hold([shop.plant.pk, plant.pk])
        moved = draft_plants.apply(moves=[found], origin=Plan.Origin.RUSH, now=NOW)
        aps.take_off_plan(plant_id=shop.plant.pk, cause=Cause("order", "Moved"), now=NOW)
    assert [(one.plant_id, one.plan_no) for one in moved] == [(plant.pk, 1)]
    row = PlannedOperation.objects.get(plant=plant)
    assert (row.starts_at, row.ends_at) == (at("08:00"), at("09:00"))
    assert row.operation.work_order.sales_order_line == order.lines.get()
    assert not PlannedOperation.objects.filter(operation_id__in=found.operation_ids).exists()
    whole()


def test_a_plant_planned_meanwhile_places_it_itself(shop: Shop, plant: Plant) -> None:
    """The line is moved; its work waits for the plant's next plan."""
    order = ordered(shop, plant)
    found = asked(order, plant, keep=True)
    planned(plant)
    with transaction.atomic():
        moved = draft_plants.apply(moves=[found], origin=Plan.Origin.RUSH, now=NOW)
        aps.take_off_plan(plant_id=shop.plant.pk, cause=Cause("order", "Moved"), now=NOW)
    assert moved[0].plan_no is None
    assert order.lines.get().plant_id == plant.pk
    planned(plant)
    assert PlannedOperation.objects.filter(plant=plant).count() == 1
    whole()


def test_begun_work_is_refused_before_anything_is_shown(shop: Shop, plant: Plant) -> None:
    order = ordered(shop, plant)
    work = WorkOrder.objects.get(sales_order_line__order=order)
    erp.release_work_order(work_order_id=work.pk, now=NOW)
    with pytest.raises(erp.WorkIsUnderWay, match=work.number):
        asked(order, plant)


def test_two_lines_that_were_asked_for_apart_go_to_one_plant(shop: Shop, plant: Plant) -> None:
    """The first has its place at once, the second by the plant's next plan."""
    order = ordered(shop, plant)
    other = SalesOrder.objects.exclude(pk=order.pk).get()
    both = [asked(order, plant, keep=True), asked(other, plant, keep=True)]
    with transaction.atomic():
        moved = draft_plants.apply(moves=both, origin=Plan.Origin.RUSH, now=NOW)
        aps.take_off_plan(plant_id=shop.plant.pk, cause=Cause("order", "Moved"), now=NOW)
    assert [one.plan_no for one in moved] == [1, None]
    planned(plant)
    assert PlannedOperation.objects.filter(plant=plant).count() == 2
    assert not PlannedOperation.objects.filter(plant=shop.plant).exists()
    whole()


def test_two_lines_find_their_places_one_after_the_other(shop: Shop, plant: Plant) -> None:
    """25 tables take 60 minutes, 08:00 to 09:00; the 95 take 200, until 12:20, and are at the customer at 16:20, three
    hours after their promise. Alone, or first, they stand 08:00 to 11:20; the 25 behind them end at 12:20, 200 minutes
    late at 16:20.
    """
    order = ordered(shop, plant)
    other = SalesOrder.objects.exclude(pk=order.pk).get()
    steps = [Replant(one.lines.get().pk, plant.pk) for one in (order, other)]
    found = aps.draft_effect(plant_id=shop.plant.pk, edits=steps, trial=None, now=NOW)
    assert [times(one) for one in found.away] == [("08:00", "09:00", 0), ("09:00", "12:20", -180)]
    hold = Pin(tuple(PlannedOperation.objects.values_list("operation_id", flat=True)[:1]), False)
    behind = aps.draft_effect(plant_id=shop.plant.pk, edits=(*steps, hold), trial=None, now=NOW)
    assert (behind.away, behind.figures) == (found.away, found.figures)
    alone = aps.draft_effect(plant_id=shop.plant.pk, edits=steps[1:], trial=None, now=NOW)
    assert [times(one) for one in alone.away] == [("08:00", "11:20", -120)]
    turned = aps.draft_effect(plant_id=shop.plant.pk, edits=steps[1:], trial=steps[0], now=NOW)
    assert [times(one) for one in turned.away] == [("08:00", "11:20", -120)]
    assert [(one.line, one.now) for one in turned.effect.late] == [(steps[0].line, 200)]


def test_a_line_that_cannot_go_any_more_is_named_in_a_draft_that_was_seen(shop: Shop, plant: Plant) -> None:
    """Its work is released after the first look, and the other plant is planned: the second look says so, then as well
    with a step more. Taken back, it may go again.
    """
    order = ordered(shop, plant)
    work = WorkOrder.objects.get(sales_order_line__order=order)
    steps = (Replant(order.lines.get().pk, plant.pk),)
    assert aps.draft_effect(plant_id=shop.plant.pk, edits=steps, trial=None, now=NOW).refused == ()
    WorkOrder.objects.filter(pk=work.pk).update(state=WorkOrder.State.RELEASED)
    planned(plant)
    for edits in (steps, (*steps, Pin((-1,)))):
        found = aps.draft_effect(plant_id=shop.plant.pk, edits=edits, trial=None, now=NOW)
        assert work.number in found.refused[0].sentence
        assert (found.away, found.effect.moved) == ((), 0)
    WorkOrder.objects.filter(pk=work.pk).update(state=WorkOrder.State.FIRM)
    planned(plant)
    assert len(aps.draft_effect(plant_id=shop.plant.pk, edits=steps, trial=None, now=NOW).away) == 1


def test_what_has_left_is_not_pinned(shop: Shop, plant: Plant) -> None:
    order = ordered(shop, plant)
    own = PlannedOperation.objects.get(operation__work_order__sales_order_line__order=order)
    steps = (Replant(order.lines.get().pk, plant.pk), Pin((own.operation_id,)))
    found = aps.draft_effect(plant_id=shop.plant.pk, edits=steps, trial=None, now=NOW)
    assert [(one.edit, one.code) for one in found.refused] == [(1, "gone")]
    assert len(found.away) == 1


def times(one: Away) -> tuple[str, str, int]:
    """When its work begins and ends there, and the minutes to spare."""
    begin, last = one.there.bars[0].start, one.there.bars[-1]
    return f"{time_of(begin):%H:%M}", f"{time_of(last.start + last.length):%H:%M}", one.there.spare_min


def planner(shop: Shop, role: str = "planner", plant: Plant | None = None) -> Client:
    user = User.objects.create_user(f"{role}{plant or ''}", password="a-long-password")
    Membership.objects.create(user=user, role=role, company=shop.company, plant=plant)
    client = Client()
    client.force_login(user)
    return client


def test_the_panel_shows_each_plant_with_what_it_would_mean(
    shop: Shop, plant: Plant, time_machine: TimeMachineFixture
) -> None:
    """As above; a plant without a routing says so."""
    time_machine.move_to(NOW, tick=False)
    order = ordered(shop, plant)
    idle = Plant.objects.create(company=shop.company, code="P9", name="Idle plant", calendar=plant.calendar)
    address = reverse("aps:line_plants", args=[order.lines.get().pk])
    page = planner(shop).get(address).content.decode()
    assert (
        f'data-do="elsewhere" data-from="{shop.plant.pk}" data-line="{order.lines.get().pk}" data-plant="{plant.pk}"'
        in page
    )
    assert f'data-plant="{idle.pk}"' not in page
    assert "in time" in page
    assert "Idle plant" in page


def test_only_plants_that_one_may_publish_are_shown(shop: Shop, plant: Plant) -> None:
    order = ordered(shop, plant)
    address = reverse("aps:line_plants", args=[order.lines.get().pk])
    assert "No other plant" in planner(shop, plant=shop.plant).get(address).content.decode()
    assert planner(shop, plant=plant).get(address).status_code == 404
    assert planner(shop, "shift_lead").get(address).status_code == 403


def test_the_effect_counts_both_plants(shop: Shop, plant: Plant) -> None:
    """25 tables run 08:00 to 09:00 here, there too, and would be at the customer at 13:00, an hour after the promise:
    two hours later than from here.

    The 95 behind them stand where they did: late by an hour, as they were. An hour at 50 instead of 90.
    """
    order = ordered(shop, plant)
    SalesOrderLine.objects.filter(order=order).update(promised_at=at("12:00"))
    planned(shop.plant)
    line = order.lines.get()
    step = Replant(line.pk, plant.pk)
    found = aps.draft_effect(plant_id=shop.plant.pk, edits=(), trial=step, now=NOW)
    assert [(one.line, one.was, one.now) for one in found.effect.late] == [(line.pk, 0, 60)]
    assert (found.effect.better, found.effect.cost, found.effect.setup_min) == ((), D("-40.00"), 0)
    assert (found.effect.moved, found.effect.machines, found.refused) == (1, 1, ())
    assert found.trial is not None
    assert found.trial["id"] == []
    assert found.figures.late == 2
    kept = aps.draft_effect(plant_id=shop.plant.pk, edits=(step,), trial=None, now=NOW, whole=True)
    assert [(one.line, one.now - one.was) for one in kept.lines] == [(line.pk, 120)]
    assert (kept.effect.late, kept.effect.cost, kept.figures) == (found.effect.late, D("-40.00"), found.figures)


def test_the_draft_says_what_leaves_and_where_it_would_stand_there(shop: Shop, plant: Plant) -> None:
    """One saw of 60 minutes, 10 of them setup, 08:00 to 09:00 at saw 9; at the customer at 13:00, as promised."""
    order = ordered(shop, plant)
    line, own = order.lines.get(), PlannedOperation.objects.get(operation__work_order__sales_order_line__order=order)
    edits = (Pin((own.operation_id,), False), Replant(line.pk, plant.pk))
    found = aps.draft_effect(plant_id=shop.plant.pk, edits=edits, trial=None, now=NOW)
    saw = Machine.objects.get(work_centre__plant=plant)
    assert [aps.plain_away(one) for one in found.away] == [
        {
            "edit": 1,
            "plant": plant.pk,
            "line": line.pk,
            "leaves": [own.operation_id],
            "spare": 0,
            "machine": [saw.pk],
            "start": [minute_of(at("08:00"))],
            "setup": [10],
            "length": [60],
            "name": ["Saw"],
            "title": [line.material.name],
            "quantity": ["25"],
        }
    ]
    SalesOrderLine.objects.filter(order=order).update(promised_at=at("12:00"))
    planned(shop.plant)
    planned(plant)
    late = aps.draft_effect(plant_id=shop.plant.pk, edits=edits, trial=None, now=NOW)
    assert [one.there.spare_min for one in late.away] == [-60]


def test_the_effect_names_what_cannot_go(shop: Shop, plant: Plant) -> None:
    order = ordered(shop, plant)
    work = WorkOrder.objects.get(sales_order_line__order=order)
    erp.release_work_order(work_order_id=work.pk, now=NOW)
    step = Replant(order.lines.get().pk, plant.pk)
    found = aps.draft_effect(plant_id=shop.plant.pk, edits=(step,), trial=None, now=NOW)
    assert [(one.edit, work.number in one.sentence) for one in found.refused] == [(0, True)]
    assert found.effect.moved == 0


def test_the_order_s_panel_asks_the_other_plants(shop: Shop, plant: Plant) -> None:
    """Whoever may publish in one plant only is not asked."""
    order = ordered(shop, plant)
    address = reverse("aps:order_panel", args=[shop.plant.pk, order.pk])
    part = reverse("aps:line_plants", args=[order.lines.get().pk])
    assert part in planner(shop).get(address).content.decode()
    assert part not in planner(shop, plant=shop.plant).get(address).content.decode()
