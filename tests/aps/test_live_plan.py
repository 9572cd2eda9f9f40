"""The live plan that a process keeps: what of it is used again, and that it is what a fresh reading would give."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from aps import services as aps
from aps import warm
from aps.engine.problem import Operation, Option, Order
from aps.following import Follower
from aps.models import Plan, PlannedOperation, PlantPlanning, ResourceBlock
from erp.models import WorkOrderOperation
from masterdata.models import User
from tests.aps.shop import NOW, Shop, at, build, fact, minutes

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Iterator[Shop]:
    """Two saws round the clock; nothing is kept of it afterwards."""
    made = build(["SAW-1", "SAW-2"])
    yield made
    warm.forget(made.plant.pk)


def planned(shop: Shop, *work: int) -> list[WorkOrderOperation]:
    """An order for each run time, planned at NOW."""
    jobs = [shop.order([("SAW", run)])[0] for run in work]
    aps.plan_plant(plant_id=shop.plant.pk, now=NOW)
    return jobs


def queries_of(shop: Shop, now: dt.datetime) -> int:
    with CaptureQueriesContext(connection) as queries:
        warm.live(shop.plant.pk, now)
    return len(queries)


def same_as_read_now(shop: Shop, now: dt.datetime) -> None:
    """What is kept says what a fresh reading says: the problem, the plan, and the answer to a question."""
    kept = warm.live(shop.plant.pk, now)
    warm.forget(shop.plant.pk)
    fresh = warm.live(shop.plant.pk, now)
    assert kept.snapshot.problem == fresh.snapshot.problem
    assert kept.plan == fresh.plan
    assert kept.version == fresh.version
    order, work = Order("N"), [Operation("N.1", "N", [Option("SAW-1", 0, 30), Option("SAW-2", 0, 30)])]
    assert kept.arrays.offers(order, work) == fresh.arrays.offers(order, work)


def test_a_minute_costs_no_reading_while_all_goes_as_planned(shop: Shop) -> None:
    """From 09:14: the first job runs on its saw until 10:14, begun at 09:14; the others are to begin at 09:14 and
    behind. At 09:15 the second had to begin: begun too, nothing is missed. One query asks for plan and wish.
    """
    jobs = planned(shop, 60, 60, 60)
    places = {one.operation_id: one for one in PlannedOperation.objects.select_related("machine")}
    for job in jobs:
        if places[job.pk].starts_at == NOW:
            shop.start(job, places[job.pk].machine.code, NOW)
    assert queries_of(shop, NOW) > 5
    assert queries_of(shop, NOW + dt.timedelta(seconds=59)) == 1
    assert queries_of(shop, NOW + minutes(1)) == 1
    same_as_read_now(shop, NOW + minutes(2))


def test_work_that_had_to_begin_and_did_not_is_read_again(shop: Shop) -> None:
    """Both saws have a job from 09:14 on that nobody begins: at 09:15 both are a minute later."""
    planned(shop, 60, 60)
    assert queries_of(shop, NOW) > 5
    assert queries_of(shop, NOW + minutes(1)) > 5
    starts = [place.start for place in warm.live(shop.plant.pk, NOW + minutes(1)).plan.values()]
    assert len(set(starts)) == 1
    same_as_read_now(shop, NOW + minutes(1))


@pytest.mark.parametrize("happens", ["two minutes", "overrun", "open hole", "midnight"])
def test_what_changes_with_the_clock_is_read_again(shop: Shop, happens: str) -> None:
    """Rows are read again after two minutes; begun work of 60 min has overrun at 10:14; a hole without an end grows
    with the clock; after midnight calendars begin on another day.
    """
    job = planned(shop, 60)[0]
    shop.start(job, "SAW-1", NOW)
    first, then = NOW, NOW + minutes(1)
    if happens == "two minutes":
        then = NOW + minutes(3)
    elif happens == "overrun":
        first, then = at("10:12"), at("10:13")
        shop.start(job, "SAW-1", NOW - minutes(60))
    elif happens == "open hole":
        ResourceBlock.objects.create(
            machine=shop.machines["SAW-2"], starts_at=NOW - minutes(300), ends_at=NOW, cause="Down", source="test"
        )
    else:
        shop.finish(job, at("23:00"))
        first, then = at("23:59"), at("00:00", 24)
    assert queries_of(shop, first) > 5
    assert queries_of(shop, then) > 5
    same_as_read_now(shop, then)


def test_a_wish_and_a_plan_are_followed_by_itself(shop: Shop) -> None:
    """The follower reads once for each plan and wish; the question behind it asks for their numbers only."""
    follower = Follower()
    planned(shop, 60)
    assert follower.look(NOW) == 1
    assert follower.look(NOW) == 0
    shop.order([("SAW", 60)])
    assert follower.look(NOW) == 1
    assert queries_of(shop, NOW) == 1
    aps.plan_plant(plant_id=shop.plant.pk, now=NOW)
    assert follower.look(NOW) == 1
    assert follower.look(NOW + minutes(1)) == 1, "progress on the floor is known within a minute"


def test_a_longer_search_that_somebody_asks_for_changes_nothing_that_was_read(shop: Shop) -> None:
    """Two queries: the numbers, and what was wished for between them. Then it is known under the new number."""
    planned(shop, 60)
    warm.live(shop.plant.pk, NOW)
    version = aps.optimise_plant(plant_id=shop.plant.pk, seconds=30, by=User.objects.create_user("pavel"))
    assert queries_of(shop, NOW) == 2
    assert queries_of(shop, NOW) == 1
    assert warm.live(shop.plant.pk, NOW).version == f"1.{version}"
    same_as_read_now(shop, NOW)


def test_an_alarm_is_answered_from_memory_and_the_search_comes_behind(shop: Shop) -> None:
    """SAW-1 and SAW-2 have 60 min each from 09:14, nothing begun and nothing urgent. SAW-1 is down until 12:14: its job
    waits for it, at once, in a plan that is not final. The second time nothing is left to move.
    """
    planned(shop, 60, 60)
    warm.live(shop.plant.pk, NOW)
    down = shop.machines["SAW-1"]
    aps.block_machine(
        machine_id=down.pk, source="downtime:1", since_at=NOW, until_at=at("12:14"), fact=fact("MachineDown")
    )
    plan = aps.answer_alarm(plant_id=shop.plant.pk, now=NOW)
    assert plan is not None
    assert (plan.origin, plan.is_final, plan.reason) == (Plan.Origin.REPAIR, False, "breakdown")
    places = list(PlannedOperation.objects.order_by("starts_at").values_list("machine__code", "starts_at", "ends_at"))
    assert places == [("SAW-2", NOW, at("10:14")), ("SAW-1", at("12:14"), at("13:14"))]
    assert queries_of(shop, NOW) == 1, "the plan that was just published is the one in memory"
    same_as_read_now(shop, NOW)
    assert aps.answer_alarm(plant_id=shop.plant.pk, now=NOW) is None
    assert aps.plan_plant(plant_id=shop.plant.pk, now=NOW) == "published"
    assert Plan.objects.latest("number").is_final
    assert aps.answer_alarm(plant_id=shop.plant.pk, now=NOW) is None


def test_the_lines_hear_of_an_alarm_before_the_plan_is_kept_for_questions(shop: Shop) -> None:
    """Whoever tells the lines is called once, with the plan published; a question that comes then has to read."""
    planned(shop, 60, 60)
    warm.live(shop.plant.pk, NOW)
    aps.block_machine(
        machine_id=shop.machines["SAW-1"].pk,
        source="downtime:1",
        since_at=NOW,
        until_at=at("12:14"),
        fact=fact("MachineDown"),
    )
    told: list[tuple[int, int]] = []

    def spread() -> None:
        known = warm.kept(shop.plant.pk)
        assert known is not None
        told.append((PlantPlanning.objects.get().plan_no, known.stamp.plan_no))

    plan = aps.answer_alarm(plant_id=shop.plant.pk, now=NOW, spread=spread)
    assert plan is not None
    assert told == [(plan.number, plan.number - 1)]
    assert queries_of(shop, NOW) == 1
    assert aps.answer_alarm(plant_id=shop.plant.pk, now=NOW, spread=spread) is None
    assert len(told) == 1


def test_an_alarm_knows_what_the_floor_has_begun_since_the_plan_was_read(shop: Shop) -> None:
    """The job of SAW-1 was begun after the plan was read; it stays there and waits for the machine, 12:14 on."""
    job = planned(shop, 60, 60)[0]
    warm.live(shop.plant.pk, NOW)
    machine = PlannedOperation.objects.get(operation=job).machine
    shop.start(job, machine.code, NOW)
    aps.block_machine(
        machine_id=machine.pk, source="downtime:1", since_at=NOW, until_at=at("12:14"), fact=fact("MachineDown")
    )
    assert aps.answer_alarm(plant_id=shop.plant.pk, now=NOW) is not None
    after = PlannedOperation.objects.get(operation=job)
    assert (after.machine, after.ends_at) == (machine, at("13:14"))


def test_an_alarm_in_a_plant_without_a_plan_moves_nothing(shop: Shop) -> None:
    aps.block_machine(machine_id=shop.machines["SAW-1"].pk, source="downtime:1", since_at=NOW)
    assert aps.answer_alarm(plant_id=shop.plant.pk, now=NOW) is None
    assert not Plan.objects.exists()
    assert PlantPlanning.objects.get().alarm_until is None


def test_what_a_plant_s_plan_rests_on_is_the_same_asked_alone_and_with_others(shop: Shop) -> None:
    """Before anything was planned, with a plan, and with a wish that no plan has covered yet."""
    found = [(warm.stamp_of(shop.plant.pk), warm.stamps([shop.plant.pk]).get(shop.plant.pk))]
    assert found[0][0] == (0, None, 0, None)
    planned(shop, 60)
    found.append((warm.stamp_of(shop.plant.pk), warm.stamps()[shop.plant.pk]))
    aps.want_plan(plant_id=shop.plant.pk, reason="planner", text="Again")
    found.append((warm.stamp_of(shop.plant.pk), warm.stamps()[shop.plant.pk]))
    assert all(alone == among for alone, among in found[1:])
    assert len({alone for alone, _ in found}) == 3
