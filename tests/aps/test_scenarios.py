"""What if: scenarios through their services, figures worked by hand for a shop of one or two saws."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from aps import services as aps
from aps.models import PlannedOperation, Scenario, ScenarioFigures, ScenarioRun
from erp.models import SalesOrderLine
from masterdata.models import Calendar, User
from tests.aps.shop import NOW, Shop, at, build
from tests.aps.test_board_page import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    """One saw, two orders of an hour each, both due at 10:14: the second ends at 11:14, an hour late."""
    shop = build(["SAW-1"])
    shop.order([("SAW", 60)], promised_at=at("10:14"))
    shop.order([("SAW", 60)], promised_at=at("10:14"))
    aps.plan_plant(plant_id=shop.plant.pk, now=NOW)
    return shop


@pytest.fixture
def pavel(shop: Shop) -> User:
    return person(shop, "planner")


def scenario(shop: Shop, by: User, *changes: tuple[str, dict[str, Any]], name: str = "What if") -> Scenario:
    made = aps.copy_plan(plant_id=shop.plant.pk, name=name, by=by, now=NOW)
    for kind, values in changes:
        aps.add_change(scenario_id=made.pk, kind=kind, values=values, now=NOW)
    return made


def solved(made: Scenario, by: User, now: dt.datetime = NOW) -> Scenario:
    run = aps.solve_scenario(scenario_id=made.pk, seconds=1, by=by, now=now)
    aps.run_scenario(run_id=run.pk, now=now)
    made.refresh_from_db()
    return made


def figures(made: Scenario) -> tuple[ScenarioFigures, ScenarioFigures]:
    was, now = made.figures.order_by("is_result")
    return was, now


def test_without_a_change_it_is_as_good_as_the_plan(shop: Shop, pavel: User) -> None:
    """One line of two is 60 min late: mean 30, worst 60; nothing moves."""
    made = solved(scenario(shop, pavel), pavel)
    assert made.state == "solved", ScenarioRun.objects.get().note
    for side in figures(made):
        assert (side.late_lines, side.lateness_min, side.mean_late_min, side.worst_late_min) == (1, 60, 30, 60)
        assert (side.moved, side.machine_changes, side.setup_min, side.lines) == (0, 0, 0, 2)


def test_one_more_saw_and_nobody_is_late(shop: Shop, pavel: User) -> None:
    """Both from 09:14 to 10:14: one of them on the second saw. The later one starts an hour sooner: one moved."""
    made = solved(
        scenario(shop, pavel, ("machine_copy", {"machine": shop.machines["SAW-1"], "speed_percent": 100})), pavel
    )
    _was, now = figures(made)
    assert (now.late_lines, now.worst_late_min, now.moved) == (0, 0, 1)
    assert made.operations.filter(copy__isnull=False).count() == 1
    assert sorted(made.lines.values_list("gained_min", flat=True)) == [0, 60]
    load = made.loads.get()
    assert (load.was_busy_min, load.busy_min) == (120, 120)
    assert (load.was_open_min, load.open_min) == (14 * 24 * 60, 2 * 14 * 24 * 60)


def test_a_saw_twice_as_fast_ends_both_sooner(shop: Shop, pavel: User) -> None:
    """Half an hour each. The floor was told that the second begins at 10:14: up to 15 min sooner costs nothing, more
    counts as 20 min of delay. So it begins at 09:59 and is 15 min late. Busy an hour instead of two.
    """
    made = solved(scenario(shop, pavel, ("speed", {"machine": shop.machines["SAW-1"], "speed_percent": 200})), pavel)
    _was, now = figures(made)
    assert (now.late_lines, now.lateness_min, now.ends_at, now.moved) == (1, 15, at("10:29"), 0)
    assert made.loads.get().busy_min == 60


def test_a_saw_that_is_off_for_an_hour_moves_one_order(shop: Shop, pavel: User) -> None:
    """Off until 10:14. The second stays there, the first follows it: 60 and 120 min late, weighted 180, mean 90."""
    off = {"machine": shop.machines["SAW-1"], "from_at": NOW, "until_at": at("10:14")}
    made = solved(scenario(shop, pavel, ("machine_off", off)), pavel)
    _was, now = figures(made)
    assert (now.late_lines, now.lateness_min, now.mean_late_min, now.worst_late_min) == (2, 180, 90, 120)
    assert now.moved == 1
    assert sorted(made.lines.values_list("gained_min", flat=True)) == [-120, 0]


def test_a_machine_that_is_down_works_again_in_a_scenario(shop: Shop, pavel: User) -> None:
    """Down until 17:00 the first ends at 18:00; assumed to work from 09:14 on, both are as they were planned."""
    saw = shop.machines["SAW-1"]
    aps.block_machine(machine_id=saw.pk, source="downtime:1", since_at=NOW, until_at=at("17:00"))
    on = {"machine": saw, "from_at": NOW, "until_at": at("17:00")}
    was, now = figures(solved(scenario(shop, pavel, ("machine_on", on)), pavel))
    assert (was.worst_late_min, now.worst_late_min) == (8 * 60 + 46, 60)


def test_an_order_due_later_or_left_out_is_not_late(shop: Shop, pavel: User) -> None:
    """Due by the end of the day both are in time. Left out, the other one is; its line has no end."""
    second = line_of(shop, at("10:14"))
    made = solved(scenario(shop, pavel, ("line_due", {"order_line": second, "due_on": NOW.date()})), pavel)
    assert figures(made)[1].late_lines == 0
    left = solved(scenario(shop, pavel, ("line_out", {"order_line": second}), name="Without"), pavel)
    assert (figures(left)[1].lines, figures(left)[1].late_lines) == (1, 0)
    assert left.lines.get(order_line=second).end_at is None


def test_an_order_of_more_weight_goes_first(shop: Shop, pavel: User) -> None:
    """An hour's delay of weight 5 costs 300, of weight 1 only 60, and moving two jobs 40: they change places."""
    second = line_of(shop, at("10:14"))
    made = solved(scenario(shop, pavel, ("line_weight", {"order_line": second, "weight": 5})), pavel)
    assert {one.order_line_id == second.pk: one.gained_min for one in made.lines.all()} == {True: 60, False: -60}
    assert figures(made)[1].lateness_min == 60


def test_overtime_saves_the_second_order(pavel_of_the_day_shift: tuple[Shop, User]) -> None:
    """Work ends at 10:14: the second is done at 09:00 on the next day, 22 h 46 min late. An hour more and it is not."""
    shop, pavel = pavel_of_the_day_shift
    hour = {"work_centre": shop.machines["SAW-1"].work_centre, "from_at": at("10:14"), "until_at": at("11:14")}
    was, now = figures(solved(scenario(shop, pavel, ("overtime", hour)), pavel))
    assert (was.worst_late_min, now.worst_late_min) == (22 * 60 + 46, 60)


def test_another_calendar_does_the_same(pavel_of_the_day_shift: tuple[Shop, User]) -> None:
    shop, pavel = pavel_of_the_day_shift
    always = build(["SAW-1"], code="NIGHT").plant.calendar
    by_night = {"machine": shop.machines["SAW-1"], "calendar": always}
    assert figures(solved(scenario(shop, pavel, ("calendar", by_night)), pavel))[1].worst_late_min == 60


def test_weights_of_a_scenario_save_a_setup(pavel_of_the_setups: tuple[Shop, User]) -> None:
    """As in test_weights: A B C has three setups of 30 min, A C B two and an order 60 min late."""
    shop, pavel = pavel_of_the_setups
    cheap = {"setup_hour_min": 150, "moved_min": 0}
    was, now = figures(solved(scenario(shop, pavel, ("weights", cheap)), pavel))
    assert (was.setup_min, was.late_lines) == (90, 0)
    assert (now.setup_min, now.late_lines, now.worst_late_min) == (60, 1, 60)


def line_of(shop: Shop, starts_at: dt.datetime) -> SalesOrderLine:
    """The line of what is planned to start then."""
    planned = PlannedOperation.objects.get(starts_at=starts_at)
    return SalesOrderLine.objects.get(pk=planned.operation.work_order.sales_order_line_id)


@pytest.fixture
def pavel_of_the_day_shift() -> tuple[Shop, User]:
    """From 08:00 to 10:14 on every day; both orders due at 10:14."""
    shop = build(["SAW-1"], shifts=[(day, "08:00", "10:14") for day in range(7)])
    for _ in range(2):
        shop.order([("SAW", 60)], promised_at=at("10:14"))
    aps.plan_plant(plant_id=shop.plant.pk, now=NOW)
    return shop, person(shop, "planner")


@pytest.fixture
def pavel_of_the_setups() -> tuple[Shop, User]:
    shop = build(["SAW-1"])
    for family, day, clock in (("oak", 23, "10:44"), ("red", 23, "12:14"), ("oak", 30, "12:14")):
        shop.order([("SAW", 60)], family=family, setup=30, promised_at=at(clock, day))
    aps.plan_plant(plant_id=shop.plant.pk, now=NOW)
    return shop, person(shop, "planner")


def test_what_cannot_be_planned_fails_with_what_to_do(shop: Shop, pavel: User) -> None:
    """A calendar without shifts: the run says so, the scenario has no result, and can be put right and solved again."""
    closed = Calendar.objects.create(code="CLOSED", name="Closed")
    made = scenario(shop, pavel, ("calendar", {"machine": shop.machines["SAW-1"], "calendar": closed}))
    solved(made, pavel)
    note = ScenarioRun.objects.get().note
    assert (made.state, made.figures.count()) == ("failed", 0)
    assert "the calendar of SAW-1 has no working time: give it shifts" in note
    aps.remove_change(change_id=made.changes.get().pk)
    assert solved(made, pavel).state == "solved"


def test_a_worker_that_lost_its_solve_writes_nothing(shop: Shop, pavel: User) -> None:
    """The message comes twice: the second worker finds it done. Taken over three times it is given up."""
    made = scenario(shop, pavel)
    run = aps.solve_scenario(scenario_id=made.pk, seconds=1, by=pavel, now=NOW)
    assert [aps.run_scenario(run_id=run.pk, now=NOW) for _ in range(2)] == ["done", "nothing"]
    again = aps.solve_scenario(scenario_id=made.pk, seconds=1, by=pavel, now=NOW)
    ScenarioRun.objects.filter(pk=again.pk).update(state="running", token=3, told_at=NOW - dt.timedelta(hours=1))
    assert aps.run_scenario(run_id=again.pk, now=NOW) == "nothing"
    again.refresh_from_db()
    made.refresh_from_db()
    assert (again.state, made.state) == ("failed", "failed")


def test_what_waits_is_woken_again_and_what_runs_is_left_alone(shop: Shop, pavel: User) -> None:
    run = aps.solve_scenario(scenario_id=scenario(shop, pavel).pk, seconds=1, by=pavel, now=NOW)
    later = NOW + dt.timedelta(seconds=31)
    assert [aps.wake_waiting_scenarios(now=one) for one in (NOW, later, later)] == [0, 1, 0]
    ScenarioRun.objects.filter(pk=run.pk).update(state="running", told_at=later, woken_at=NOW)
    assert aps.wake_waiting_scenarios(now=later) == 0
    assert aps.wake_waiting_scenarios(now=later + dt.timedelta(minutes=1)) == 1


def test_a_plant_without_work_has_a_scenario_too(pavel: User) -> None:
    """No plan yet, nothing to do: all figures are 0, nothing ends, and the page says so."""
    idle = build(["SAW-1"], code="IDLE")
    made = aps.copy_plan(plant_id=idle.plant.pk, name="Idle", by=pavel, now=NOW)
    solved(made, pavel)
    assert (made.state, made.base_no) == ("solved", 0)
    for side in figures(made):
        assert (side.lines, side.late_lines, side.mean_late_min, side.ends_at, side.moved) == (0, 0, 0, None, 0)
