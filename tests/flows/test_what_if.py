"""What if, with real workers: an unwritten order, a breakdown meanwhile, two planners at once, a killed worker."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from aps import services as aps
from aps.models import Plan, PlannedOperation, PlantPlanning, Scenario, ScenarioRun
from erp.models import SalesOrder, WorkOrder
from masterdata.models import User
from mes import services as mes
from suite import audit
from tests.api.conftest import Caller, make_caller
from tests.aps.shop import NOW, Shop
from tests.aps.shop import build as build_shop
from tests.aps.test_board_page import person
from tests.crew import Crew, until
from tests.flows import workshop
from tests.flows.test_breakdown import confirmed
from tests.flows.test_order_to_cash import quiet

LONG = 600


def scenario(shop: Any, by: User, *changes: tuple[str, dict[str, Any]], name: str = "What if") -> Scenario:
    now = timezone.now()
    made = aps.copy_plan(plant_id=shop.plant.pk, name=name, by=by, now=now)
    for kind, values in changes:
        aps.add_change(scenario_id=made.pk, kind=kind, values=values, now=now)
    return made


def solve(made: Scenario, by: User, seconds: int = 1) -> ScenarioRun:
    return aps.solve_scenario(scenario_id=made.pk, seconds=seconds, by=by, now=timezone.now())


def has_ended(run: ScenarioRun) -> bool:
    run.refresh_from_db()
    return not run.is_running


def searching(run: ScenarioRun) -> ScenarioRun:
    """The run, once its worker has said that it searches."""

    def is_at_it() -> bool:
        run.refresh_from_db()
        return run.state == ScenarioRun.State.RUNNING and run.moves > 0

    until(is_at_it, timeout=60, what="the search says how far it is")
    return run


def crowded() -> Shop:
    """Two saws and twelve orders of four families, all due at once: nobody proves their best sequence in a moment."""
    shop = build_shop(["SAW-1", "SAW-2"])
    due_at = timezone.now() + dt.timedelta(hours=4)
    for no in range(12):
        shop.order([("SAW", 35 + 7 * no)], family="abcd"[no % 4], setup=25, promised_at=due_at, is_wanted=no == 11)
    until(lambda: is_planned(shop), what="the plant is planned")
    return shop


def is_planned(shop: Any) -> bool:
    planning = PlantPlanning.objects.get(plant=shop.plant)
    return planning.wanted_version == planning.planned_version > 0 and planning.lease_until is None


def test_an_order_that_nobody_has_written_is_made_in_the_scenario_only(workers: Crew) -> None:
    """One assembly machine, a stool takes 60 min there. Two stools are confirmed: 2 h. Three more in the scenario: the
    plant has 100 legs, so they begin at once, before or behind the two, and the five take 5 h together. Nothing of it
    is written; assumed twice, the second order needs 93 x 3 more legs and waits a day for them.
    """
    shop = workshop.build()
    shop.quantity("LEG", 100)
    pavel = person(shop, "planner")  # type: ignore[arg-type]
    today = timezone.now().date()
    confirmed(shop, "STOOL", 2, today + dt.timedelta(days=3))
    until(lambda: quiet(shop), what="the order is planned")
    planned = PlannedOperation.objects.get()
    orders, work = SalesOrder.objects.count(), WorkOrder.objects.count()
    wish = {"material": shop.materials["STOOL"], "due_on": today + dt.timedelta(days=3), "weight": 1}
    made = scenario(shop, pavel, ("new_order", {**wish, "quantity": Decimal(3)}))
    run = solve(made, pavel)
    until(lambda: has_ended(run), what="the scenario is solved")
    made.refresh_from_db()
    assert (made.state, run.note) == ("solved", "")
    new = made.operations.get(change__isnull=False)
    assert (new.name, new.ends_at - new.starts_at) == ("Assemble", dt.timedelta(hours=3))
    ends = max(one.ends_at for one in made.operations.all())
    assert dt.timedelta(0) <= ends - planned.ends_at - dt.timedelta(hours=3) <= dt.timedelta(minutes=5)
    assert (SalesOrder.objects.count(), WorkOrder.objects.count()) == (orders, work)

    aps.add_change(scenario_id=made.pk, kind="new_order", values={**wish, "quantity": Decimal(93)}, now=timezone.now())
    run = solve(made, pavel)
    until(lambda: has_ended(run), what="the scenario is solved again")
    late, early = made.lines.filter(change__isnull=False).order_by("-end_at")
    assert (late.change.quantity, early.change.quantity) == (93, 3)  # type: ignore[union-attr]
    second = made.operations.get(change=late.change)
    assert second.starts_at >= timezone.now() + dt.timedelta(hours=12)
    with pytest.raises(aps.NotReal, match="Nobody has ordered 3 PC of Stool Rive"):
        aps.promote_scenario(scenario_id=made.pk, by=pavel, now=timezone.now())
    assert [one.invariant.name for one in audit.findings() if not one.holds] == []


def test_a_breakdown_does_not_wait_for_a_scenario(workers: Crew) -> None:
    """A scenario searches for ten minutes. A saw goes down: the plant's final plan is there while it still searches.
    Stopped, the scenario keeps what it has; it was solved on the plan before, so it is promoted only with a word.
    """
    shop = crowded()
    pavel = person(shop, "planner")
    made = scenario(shop, pavel, ("weights", {"setup_hour_min": 60}))
    run = searching(solve(made, pavel, LONG))
    before = Plan.objects.latest("number").number
    now = timezone.now()
    mes.report_machine_down(machine_id=shop.machines["SAW-1"].pk, since_at=now, now=now)
    until(lambda: Plan.objects.filter(reason="breakdown", is_final=True).exists(), what="a plan for the breakdown")
    run.refresh_from_db()
    assert run.state == ScenarioRun.State.RUNNING
    assert run.base_no is None or run.base_no == before
    aps.stop_scenario(scenario_id=made.pk, by=pavel, now=timezone.now())
    until(lambda: has_ended(run), what="the scenario has stopped")
    made.refresh_from_db()
    assert (made.state, run.note, made.base_no) == ("solved", f"Stopped by {pavel}", before)
    until(lambda: is_planned(shop), what="the plant is calm")
    latest = Plan.objects.latest("number").number
    assert latest > before
    check = aps.check_promotion(scenario_id=made.pk, by=pavel, now=timezone.now())
    assert check.is_newer
    if check.obstacle is None:
        with pytest.raises(aps.PlanMovedOn, match=f"Plan {latest} is in force"):
            aps.promote_scenario(scenario_id=made.pk, by=pavel, now=timezone.now())
        plan = aps.promote_scenario(scenario_id=made.pk, by=pavel, now=timezone.now(), onto=latest)
        assert plan.number == latest + 1
    down = PlannedOperation.objects.filter(machine=shop.machines["SAW-1"], starts_at__lt=now + dt.timedelta(hours=4))
    assert not down.filter(starts_at__gt=now).exists()


def test_two_planners_promote_at_once_and_one_of_them_does(workers: Crew) -> None:
    """Over REST at the same moment: one is answered with the plan, the other is told who was faster."""
    shop = crowded()
    made = scenario(shop, person(shop, "planner"))
    run = solve(made, User.objects.get())
    until(lambda: has_ended(run), what="the scenario is solved")
    until(lambda: is_planned(shop), what="the plant is calm")
    callers = [make_caller(shop.plant.company, "planner") for _ in range(2)]

    def promote(caller: Caller) -> tuple[int, str]:
        try:
            answer = caller.post(f"aps/scenarios/{made.pk}/promote/", {})
            return answer.status_code, answer.json().get("code", answer.json().get("state"))
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(promote, callers))
    assert answers == [(200, "promoted"), (409, "scenario_is_over")]
    assert Plan.objects.filter(origin="scenario").count() == 1


def test_two_planners_ask_for_a_solve_at_once_and_it_is_solved_once(workers: Crew) -> None:
    shop = crowded()
    made = scenario(shop, person(shop, "planner"))
    callers = [make_caller(shop.plant.company, "planner") for _ in range(2)]

    def ask(caller: Caller) -> int:
        try:
            return int(caller.post(f"aps/scenarios/{made.pk}/solve/", {"seconds": 1}).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(ask, callers)) == [200, 409]
    run = ScenarioRun.objects.get()
    until(lambda: has_ended(run), what="the scenario is solved")


def test_a_dropped_scenario_writes_nothing_more(workers: Crew) -> None:
    shop = crowded()
    pavel = person(shop, "planner")
    made = scenario(shop, pavel)
    run = searching(solve(made, pavel, LONG))
    aps.drop_scenario(scenario_id=made.pk, by=pavel, now=timezone.now())
    until(workers.is_idle, timeout=30, what="the worker has let go")
    made.refresh_from_db()
    run.refresh_from_db()
    assert (made.state, run.state, made.operations.count()) == ("dropped", "cancelled", 0)


@pytest.mark.crash
def test_a_killed_worker_is_replaced(workers: Crew) -> None:
    """The solve is taken over once its worker has not been heard of for a while; here as if that were long ago."""
    shop = crowded()
    pavel = person(shop, "planner")
    made = scenario(shop, pavel)
    run = searching(solve(made, pavel, LONG))
    workers.kill("scenario")
    long_ago = NOW - dt.timedelta(days=1)
    ScenarioRun.objects.filter(pk=run.pk).update(told_at=long_ago, woken_at=long_ago, budget_seconds=1)
    workers.start("scenario")
    until(lambda: has_ended(run), timeout=60, what="another worker has solved it")
    made.refresh_from_db()
    assert (made.state, run.state, run.token) == ("solved", "done", 2)
