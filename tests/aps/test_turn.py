"""The planning worker's turn: what is published, when, and on top of what."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from aps import selectors, snapshot
from aps import services as aps
from aps.models import Plan, PlannedOperation, PlanRun, PlantPlanning, PlanWish, ResourceBlock
from aps.services import lease as leases
from erp import services as erp
from erp.models import SalesOrder, WorkOrderOperation
from masterdata.models import Machine
from tests.aps.shop import NOW, at, build, fact

pytestmark = pytest.mark.django_db


def place(operation: WorkOrderOperation) -> tuple[str, dt.datetime, dt.datetime]:
    row = PlannedOperation.objects.select_related("machine").get(operation=operation)
    return row.machine.code, row.starts_at, row.ends_at


def test_first_order_is_planned_from_now_on() -> None:
    """60 min of sawing, then 30 min of packing, round the clock: 09:14 to 10:14 to 10:44."""
    shop = build(["SAW-1", "PACK-1"])
    saw, pack = shop.order([("SAW", 60), ("PACK", 30)])
    assert aps.plan_plant(plant_id=shop.plant.pk, now=NOW) == "published"
    assert place(saw) == ("SAW-1", NOW, at("10:14"))
    assert place(pack) == ("PACK-1", at("10:14"), at("10:44"))
    plan = Plan.objects.get()
    assert (plan.number, plan.is_final, plan.operations, plan.changed) == (1, True, 2, 2)
    planning = PlantPlanning.objects.get()
    assert (planning.wanted_version, planning.planned_version, planning.lease_until) == (1, 1, None)
    assert PlanRun.objects.get().state == "published"


def test_unaffected_operations_keep_their_times_when_an_order_comes() -> None:
    """The second order's 30 min of sawing go behind the first one's 60: nothing that is published moves."""
    shop = build(["SAW-1", "PACK-1"])
    first = shop.order([("SAW", 60), ("PACK", 30)])
    aps.plan_plant(plant_id=shop.plant.pk, now=NOW)
    before = [place(one) for one in first]
    [new] = shop.order([("SAW", 30)])
    assert aps.plan_plant(plant_id=shop.plant.pk, now=NOW) == "published"
    assert [place(one) for one in first] == before
    assert place(new) == ("SAW-1", at("10:14"), at("10:44"))
    assert PlannedOperation.objects.filter(plan_no=2).count() == 1
    assert Plan.objects.get(number=2).changed == 1


def test_two_plants_are_planned_side_by_side() -> None:
    """Each plant has its own numbers, wishes and lease."""
    north, south = build(["SAW-1"], code="NORTH"), build(["SAW-1"], code="SOUTH")
    [one], [two] = north.order([("SAW", 60)]), south.order([("SAW", 60)])
    assert leases.take_lease(north.plant.pk, leases.Clock(NOW)) is not None
    assert aps.plan_plant(plant_id=south.plant.pk, now=NOW) == "published"
    assert place(two) == ("SOUTH-SAW-1", NOW, at("10:14"))
    assert not PlannedOperation.objects.filter(operation=one).exists()
    assert aps.plan_plant(plant_id=north.plant.pk, now=NOW) == "nothing"
    assert aps.plan_plant(plant_id=north.plant.pk, now=NOW + dt.timedelta(seconds=11)) == "published"
    assert [plan.number for plan in Plan.objects.order_by("plant")] == [1, 1]


def test_fifty_wishes_cost_one_solve() -> None:
    shop = build()
    shop.order([("SAW", 60)])
    for _ in range(49):
        aps.want_plan(plant_id=shop.plant.pk, reason="planner", text="Plan again")
    aps.plan_plant(plant_id=shop.plant.pk, now=NOW)
    assert PlanRun.objects.count() == 1
    assert PlantPlanning.objects.get().planned_version == 50
    assert Plan.objects.get().cause == "Order " + SalesOrder.objects.get().number


def test_the_same_fact_wants_one_plan() -> None:
    shop = build()
    told = fact()
    versions = [
        aps.want_plan(plant_id=shop.plant.pk, reason="material", text="Receipt R-1", fact=told) for _ in range(3)
    ]
    assert versions == [1, 1, 1]
    assert PlanWish.objects.count() == 1


def test_machine_down_is_published_at_once_and_better_behind() -> None:
    """SAW-1 holds 60 min from 09:14 on, SAW-2 holds 30; SAW-1 goes down until 13:14.

    At once: the order on SAW-1 is pushed to 13:14. Behind it: it goes to SAW-2 behind the other, 09:44 to 10:44, which
    saves 150 min of lateness (due 11:44 on the day) at the price of a machine change.
    """
    shop = build(["SAW-1", "SAW-2"])
    [long] = shop.order([("SAW", 60)], promised_at=at("11:44"))
    [short] = shop.order([("SAW", 30)])
    aps.plan_plant(plant_id=shop.plant.pk, now=NOW)
    assert {place(long), place(short)} == {("SAW-1", NOW, at("10:14")), ("SAW-2", NOW, at("09:44"))}
    down = fact("MachineDown")
    for _ in range(2):
        aps.block_machine(
            machine_id=shop.machines["SAW-1"].pk, source="downtime:1", since_at=NOW, until_at=at("13:14"), fact=down
        )
    assert aps.plan_plant(plant_id=shop.plant.pk, now=NOW) == "published"
    first, final = Plan.objects.filter(number__gt=1).order_by("number")
    assert (first.is_final, first.origin, first.reason) == (False, "repair", "breakdown")
    assert (final.is_final, final.reason, final.cause_fact) == (True, "breakdown", down)
    assert final.cause == "Machine SAW-1 is down since Mon 23 Nov, 09:14"
    assert place(short) == ("SAW-2", NOW, at("09:44"))
    assert place(long) == ("SAW-2", at("09:44"), at("10:44"))
    assert ResourceBlock.objects.count() == 1
    assert selectors.plan_to_spread(plant_id=shop.plant.pk, plan_no=first.number) is None
    spread = selectors.plan_to_spread(plant_id=shop.plant.pk, plan_no=final.number)
    assert spread is not None
    assert len(spread.placements) == 2
    assert spread.cause.fact_id == down.pk


def test_a_plan_spreads_what_the_house_does_not_know_yet() -> None:
    """Plan 1 places one job, plan 2 another behind it. ERP and the lines know plan 1: only the second is told.

    Lines that were told nothing hear of both, whatever ERP knows.
    """
    shop = build()
    [first] = shop.order([("SAW", 60)])
    aps.plan_plant(plant_id=shop.plant.pk, now=NOW)
    whole = selectors.plan_to_spread(plant_id=shop.plant.pk, plan_no=1, told_no=0)
    assert whole is not None
    erp.apply_plan(plant_id=shop.plant.pk, plan_no=1, placements=whole.placements)
    [second] = shop.order([("SAW", 30)])
    aps.plan_plant(plant_id=shop.plant.pk, now=NOW)
    found = {}
    for told_no in (None, 1, 0):
        spread = selectors.plan_to_spread(plant_id=shop.plant.pk, plan_no=2, told_no=told_no)
        assert spread is not None
        assert sorted(spread.planned_ids) == [first.pk, second.pk]
        found[told_no] = [one.operation_id for one in spread.placements]
    assert found == {None: [second.pk], 1: [second.pk], 0: [first.pk, second.pk]}


def test_unknown_end_of_a_breakdown_is_said_and_lasts_until_somebody_lifts_it() -> None:
    """Down from 09:14 with no known end: 13:14 is assumed. At 15:00 it is still down: nothing starts before 16:00."""
    shop = build()
    [saw] = shop.order([("SAW", 60)])
    aps.plan_plant(plant_id=shop.plant.pk, now=NOW)
    machine_id = shop.machines["SAW-1"].pk
    aps.block_machine(machine_id=machine_id, source="downtime:1", since_at=NOW, until_at=None, fact=fact("MachineDown"))
    aps.plan_plant(plant_id=shop.plant.pk, now=NOW)
    assert place(saw) == ("SAW-1", at("13:14"), at("14:14"))
    assert "until when is not known, Mon 23 Nov, 13:14 assumed" in Plan.objects.get(number=3).cause
    aps.want_plan(plant_id=shop.plant.pk, reason="planner", text="Plan again")
    aps.plan_plant(plant_id=shop.plant.pk, now=at("15:00"))
    assert place(saw) == ("SAW-1", at("16:00"), at("17:00"))
    aps.free_machine(machine_id=machine_id, source="downtime:1", until_at=at("15:10"), fact=fact("MachineUp"))
    aps.plan_plant(plant_id=shop.plant.pk, now=at("15:10"))
    assert place(saw) == ("SAW-1", at("15:10"), at("16:10"))


def test_started_work_stays_and_ends_now_plus_what_remains() -> None:
    """60 min of sawing began at 09:20 instead of 09:14. At 09:50 half is done: 30 min remain, the end is 10:20."""
    shop = build(["SAW-1", "SAW-2", "PACK-1"])
    saw, pack = shop.order([("SAW", 60), ("PACK", 30)])
    aps.plan_plant(plant_id=shop.plant.pk, now=NOW)
    shop.start(saw, "SAW-2", at("09:20"))
    aps.want_plan(plant_id=shop.plant.pk, reason="planner", text="Plan again")
    aps.plan_plant(plant_id=shop.plant.pk, now=at("09:50"))
    assert place(saw) == ("SAW-2", at("09:20"), at("10:20"))
    assert place(pack) == ("PACK-1", at("10:20"), at("10:50"))


def test_finished_work_leaves_the_plan() -> None:
    shop = build(["SAW-1", "PACK-1"])
    saw, pack = shop.order([("SAW", 60), ("PACK", 30)])
    aps.plan_plant(plant_id=shop.plant.pk, now=NOW)
    shop.finish(saw, at("09:44"))
    aps.want_plan(plant_id=shop.plant.pk, reason="planner", text="Plan again")
    aps.plan_plant(plant_id=shop.plant.pk, now=at("09:44"))
    assert [row.operation for row in PlannedOperation.objects.all()] == [pack]


def test_nothing_better_makes_no_new_plan() -> None:
    shop = build()
    shop.order([("SAW", 60)])
    aps.plan_plant(plant_id=shop.plant.pk, now=NOW)
    aps.want_plan(plant_id=shop.plant.pk, reason="planner", text="Plan again")
    assert aps.plan_plant(plant_id=shop.plant.pk, now=NOW) == "unchanged"
    assert Plan.objects.count() == 1
    assert PlantPlanning.objects.get().planned_version == 2


def test_plant_without_shifts_says_what_to_do_and_waits() -> None:
    """The first failure waits 2 s, the second 4 s; a new wish is tried at once."""
    shop = build(shifts=[])
    shop.order([("SAW", 60)])
    assert aps.plan_plant(plant_id=shop.plant.pk, now=NOW) == "failed"
    assert "the calendar of SAW-1 has no working time: give it shifts" in PlanRun.objects.get().note
    assert aps.plan_plant(plant_id=shop.plant.pk, now=NOW + dt.timedelta(seconds=1)) == "nothing"
    assert aps.wake_waiting_plants(now=NOW + dt.timedelta(seconds=1)) == 0
    assert aps.plan_plant(plant_id=shop.plant.pk, now=NOW + dt.timedelta(seconds=3)) == "failed"
    assert PlantPlanning.objects.get().failures == 2
    Machine.objects.update(is_active=False)
    aps.want_plan(plant_id=shop.plant.pk, reason="planner", text="Plan again")
    assert aps.plan_plant(plant_id=shop.plant.pk, now=NOW + dt.timedelta(seconds=4)) == "failed"
    assert "has no active machine in its work centre" in PlanRun.objects.first().note  # type: ignore[union-attr]


def test_work_beyond_the_first_calendars_gets_longer_ones() -> None:
    """100 days of sawing, 10 h a week of shift: the calendars grow until it fits."""
    shop = build(shifts=[(0, "08:00", "18:00")])
    [saw] = shop.order([("SAW", 60 * 100)])
    assert aps.plan_plant(plant_id=shop.plant.pk, now=NOW) == "published"
    assert place(saw)[2] == dt.datetime(2026, 11, 23, 9, 14, tzinfo=dt.UTC) + dt.timedelta(days=70)


def test_work_rests_until_the_next_shift() -> None:
    """Early shift, 06:00 to 14:00: 09:14 plus 300 min would be 14:14, so 14 min are left for Tuesday, till 06:14."""
    shop = build(shifts=[(day, "06:00", "14:00") for day in range(5)])
    [saw] = shop.order([("SAW", 300)])
    aps.plan_plant(plant_id=shop.plant.pk, now=NOW)
    assert place(saw) == ("SAW-1", NOW, at("06:14", 24))


def test_setup_is_done_before_the_run_and_saved_within_a_family() -> None:
    """10 min of setup for oak from 09:14, 60 min of run; the second oak order needs none: 10:24 to 11:24."""
    shop = build()
    [first] = shop.order([("SAW", 60)], family="oak", setup=10)
    [second] = shop.order([("SAW", 60)], family="oak", setup=10)
    aps.plan_plant(plant_id=shop.plant.pk, now=NOW)
    rows = sorted(PlannedOperation.objects.all(), key=lambda row: row.starts_at)
    assert [(row.starts_at, row.runs_at, row.ends_at, row.setup_min) for row in rows] == [
        (NOW, at("09:24"), at("10:24"), 10),
        (at("10:24"), at("10:24"), at("11:24"), 0),
    ]
    assert {row.operation for row in rows} == {first, second}


def test_snapshot_costs_the_same_queries_whatever_the_size() -> None:
    shop = build(["SAW-1", "SAW-2", "PACK-1"])
    shop.order([("SAW", 60), ("PACK", 30)])
    with CaptureQueriesContext(connection) as few:
        snapshot.read_inputs(shop.plant.pk, NOW)
    for _ in range(20):
        shop.order([("SAW", 60), ("PACK", 30)])
    with CaptureQueriesContext(connection) as many:
        snapshot.read_inputs(shop.plant.pk, NOW)
    assert len(many) == len(few) <= 20


def test_breakdown_moves_only_what_it_touches_when_there_is_room() -> None:
    """One saw is down for two hours: what was on it waits or goes behind the work of the other, whose work stays."""
    shop = build(["SAW-1", "SAW-2"])
    [first] = shop.order([("SAW", 60)])
    [second] = shop.order([("SAW", 300)])
    aps.plan_plant(plant_id=shop.plant.pk, now=NOW)
    [third] = shop.order([("SAW", 60)])
    aps.plan_plant(plant_id=shop.plant.pk, now=NOW)
    others = [one for one in (first, second, third) if place(one)[0] == "SAW-2"]
    kept = [place(one) for one in others]
    aps.block_machine(
        machine_id=shop.machines["SAW-1"].pk,
        source="downtime:1",
        since_at=NOW,
        until_at=at("11:14"),
        fact=fact("MachineDown"),
    )
    aps.plan_plant(plant_id=shop.plant.pk, now=NOW)
    assert [place(one) for one in others] == kept
    assert all(place(one)[1] >= at("11:14") for one in (first, second, third) if place(one)[0] == "SAW-1")
