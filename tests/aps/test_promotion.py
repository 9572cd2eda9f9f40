"""Promotion: a scenario becomes the plan, checked against what moved meanwhile; nothing becomes real silently."""

from __future__ import annotations

from typing import Any

import pytest

from aps import services as aps
from aps.invariants import INVARIANTS
from aps.models import Plan, PlannedOperation, PlanWeights, PlanWish, ResourceBlock, Scenario
from masterdata.errors import Refusal
from masterdata.models import Calendar, CalendarException, Machine, User
from suite import audit
from tests.aps.shop import NOW, Shop, at, build, minutes
from tests.aps.test_board_page import person
from tests.aps.test_scenarios import line_of, scenario, solved

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    """Oak 09:44, red 11:14, oak 12:44, each an hour behind half an hour of setup; all in time."""
    shop = build(["SAW-1"])
    for family, day, clock in (("oak", 23, "10:44"), ("red", 23, "12:14"), ("oak", 30, "12:14")):
        shop.order([("SAW", 60)], family=family, setup=30, promised_at=at(clock, day))
    aps.plan_plant(plant_id=shop.plant.pk, now=NOW)
    return shop


@pytest.fixture
def pavel(shop: Shop) -> User:
    return person(shop, "planner")


CHEAP = ("weights", {"setup_hour_min": 150, "moved_min": 0})


def families() -> str:
    rows = PlannedOperation.objects.order_by("starts_at").values_list("operation__setup_family", flat=True)
    return " ".join(rows)


def refused(made: Scenario, by: User, **more: Any) -> str:
    """The code of the refusal; no plan is made."""
    plans = Plan.objects.count()
    with pytest.raises(Refusal) as refusal:
        aps.promote_scenario(scenario_id=made.pk, by=by, now=NOW, **more)
    assert Plan.objects.count() == plans
    return refusal.value.code


def test_what_was_solved_is_published_with_its_weights(shop: Shop, pavel: User) -> None:
    """Oak, oak, red: the scenario's plan is plan 2, its weights are the plant's, and the plant plans by them again."""
    made = solved(scenario(shop, pavel, CHEAP), pavel)
    assert families() == "oak red oak"
    plan = aps.promote_scenario(scenario_id=made.pk, by=pavel, now=NOW)
    assert families() == "oak oak red"
    assert (plan.number, plan.origin, plan.cause) == (2, "scenario", f"{pavel} promoted scenario What if")
    assert PlanWeights.objects.get().setup_hour_min == 150
    assert PlanWish.objects.latest("version").text == "The planner changed what counts in a plan"
    made.refresh_from_db()
    assert (made.state, made.promoted_no, made.ended_by) == ("promoted", 2, pavel)
    aps.plan_plant(plant_id=shop.plant.pk, now=NOW)
    assert families() == "oak oak red"
    own = {one.name for one in INVARIANTS}
    assert [one.invariant.name for one in audit.findings() if not one.holds and one.invariant.name in own] == []


def test_a_scenario_without_a_result_or_promoted_already_is_refused(shop: Shop, pavel: User) -> None:
    made = scenario(shop, pavel, CHEAP)
    assert refused(made, pavel) == "not_solved"
    solved(made, pavel)
    aps.promote_scenario(scenario_id=made.pk, by=pavel, now=NOW)
    assert refused(made, pavel) == "scenario_is_over"


def test_a_changed_scenario_has_no_result_to_promote(shop: Shop, pavel: User) -> None:
    made = solved(scenario(shop, pavel, CHEAP), pavel)
    aps.remove_change(change_id=made.changes.get().pk)
    made.refresh_from_db()
    assert (made.state, made.lines.count(), made.operations.count()) == ("draft", 0, 0)
    assert refused(made, pavel) == "not_solved"


def test_an_older_version_of_the_scenario_is_refused(shop: Shop, pavel: User) -> None:
    made = solved(scenario(shop, pavel, CHEAP), pavel)
    assert refused(made, pavel, expected_version=made.version - 1) == "stale_version"


def test_on_a_newer_plan_it_is_promoted_only_with_a_word(shop: Shop, pavel: User) -> None:
    """A blue order came meanwhile as plan 2. It stays where it is, and the scenario says what differs."""
    made = solved(scenario(shop, pavel, CHEAP), pavel)
    new = shop.order([("SAW", 60)], family="blue", setup=30, promised_at=at("14:00", 30))[0]
    aps.plan_plant(plant_id=shop.plant.pk, now=NOW)
    assert Plan.objects.count() == 2
    assert refused(made, pavel) == "plan_moved_on"
    assert refused(made, pavel, onto=1) == "plan_moved_on"
    aps.promote_scenario(scenario_id=made.pk, by=pavel, now=NOW, onto=2)
    assert families() == "oak oak red blue"
    assert PlannedOperation.objects.order_by("starts_at").last().operation_id == new.pk  # type: ignore[union-attr]


def test_work_that_began_meanwhile_stays_where_it_is(shop: Shop, pavel: User) -> None:
    """The first oak began at 09:14; at 09:20 the scenario is promoted, and the others follow it."""
    made = solved(scenario(shop, pavel, CHEAP), pavel)
    first = PlannedOperation.objects.earliest("starts_at")
    shop.start(first.operation, "SAW-1", NOW)
    aps.promote_scenario(scenario_id=made.pk, by=pavel, now=NOW + minutes(6))
    assert families() == "oak oak red"
    first.refresh_from_db()
    assert first.starts_at == NOW


def test_a_machine_that_went_down_meanwhile_is_worked_around(shop: Shop, pavel: User) -> None:
    """Down from 09:14 to 17:00 and not planned yet: nothing is put into that time, and the wish stays open."""
    made = solved(scenario(shop, pavel, CHEAP), pavel)
    saw = shop.machines["SAW-1"]
    aps.block_machine(machine_id=saw.pk, source="downtime:1", since_at=NOW, until_at=at("17:00"))
    aps.promote_scenario(scenario_id=made.pk, by=pavel, now=NOW)
    assert PlannedOperation.objects.earliest("starts_at").starts_at >= at("17:00")
    assert PlanWish.objects.filter(
        reason="breakdown", version__gt=Plan.objects.latest("number").covers_version
    ).exists()


@pytest.mark.parametrize(
    ("kind", "values", "words"),
    [
        ("machine_copy", {"speed_percent": 100}, "There is no second SAW-1: add the machine"),
        ("speed", {"speed_percent": 120}, "SAW-1 works at 100 %: set 120 % under Machines"),
        ("line_due", {"due_on": NOW.date()}, "agree the date with sales"),
        ("line_weight", {"weight": 7}, "sales gives an order line its weight"),
        ("line_out", {}, "is still to be made: cancel the order first"),
    ],
)
def test_what_is_only_assumed_is_not_promoted(
    shop: Shop, pavel: User, kind: str, values: dict[str, Any], words: str
) -> None:
    about = {"order_line": line_of(shop, NOW)} if kind.startswith("line") else {"machine": shop.machines["SAW-1"]}
    made = solved(scenario(shop, pavel, (kind, {**values, **about})), pavel)
    with pytest.raises(aps.NotReal) as refusal:
        aps.promote_scenario(scenario_id=made.pk, by=pavel, now=NOW)
    assert words in refusal.value.sentence
    assert PlannedOperation.objects.filter(plan_no=1).count() == 3


def test_what_has_become_real_meanwhile_is_no_obstacle(shop: Shop, pavel: User) -> None:
    made = solved(scenario(shop, pavel, ("speed", {"machine": shop.machines["SAW-1"], "speed_percent": 120})), pavel)
    Machine.objects.update(speed_percent=120)
    assert aps.promote_scenario(scenario_id=made.pk, by=pavel, now=NOW).number == 2


def test_time_kept_free_becomes_a_block(shop: Shop, pavel: User) -> None:
    """From 12:14 to 14:00 nothing is planned on the saw any more, and a block says why."""
    off = {"machine": shop.machines["SAW-1"], "from_at": at("12:14"), "until_at": at("14:00")}
    made = solved(scenario(shop, pavel, ("machine_off", off)), pavel)
    assert [one.deed for one in aps.check_promotion(scenario_id=made.pk, by=pavel, now=NOW).standings] == [
        "SAW-1 is kept free from Mon 23 Nov, 12:14 to 14:00"
    ]
    aps.promote_scenario(scenario_id=made.pk, by=pavel, now=NOW)
    block = ResourceBlock.objects.get()
    assert (block.starts_at, block.ends_at, block.is_estimate) == (at("12:14"), at("14:00"), False)
    assert not PlannedOperation.objects.filter(starts_at__lt=at("14:00"), starts_at__gte=at("12:14")).exists()


def test_overtime_is_written_into_a_calendar_that_nobody_else_works_by(pavel: User, shop: Shop) -> None:
    """The calendar is the saw's alone: an extra shift on Monday from 20:00. Shared with a second one it is refused."""
    day = Calendar.objects.create(code="DAY", name="Day")
    day.shifts.create(name="Day", weekday=0, starts="08:00", ends="18:00")
    Machine.objects.update(calendar=day)
    hours = {"machine": shop.machines["SAW-1"], "from_at": at("20:00"), "until_at": at("21:30")}
    made = solved(scenario(shop, pavel, ("overtime", hours)), pavel)
    other = Machine.objects.create(
        work_centre=shop.machines["SAW-1"].work_centre, code="SAW-2", name="Two", calendar=day
    )
    with pytest.raises(aps.NotReal, match="The calendar of SAW-1 is also that of SAW-2"):
        aps.promote_scenario(scenario_id=made.pk, by=pavel, now=NOW)
    other.delete()
    aps.promote_scenario(scenario_id=made.pk, by=pavel, now=NOW)
    written = CalendarException.objects.get()
    assert (written.calendar, str(written.starts), str(written.ends), written.is_working) == (
        day,
        "20:00:00",
        "21:30:00",
        True,
    )


def test_a_plan_that_is_better_by_now_stays(shop: Shop, pavel: User) -> None:
    """A third oak order came meanwhile, behind the second: oak red oak oak has three setups, and so would have oak oak
    red oak, with the red order an hour late on top. It is refused, and solving it again is offered.
    """
    made = solved(scenario(shop, pavel, CHEAP), pavel)
    shop.order([("SAW", 60)], family="oak", setup=30, promised_at=at("14:00", 30))
    aps.plan_plant(plant_id=shop.plant.pk, now=NOW)
    with pytest.raises(aps.NoBetter, match="Solve the scenario again") as refusal:
        aps.promote_scenario(scenario_id=made.pk, by=pavel, now=NOW, onto=2)
    assert refusal.value.values["worse_by_min"] > 0
    assert aps.promote_scenario(scenario_id=solved(made, pavel).pk, by=pavel, now=NOW).number == 3
