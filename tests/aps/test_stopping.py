"""Real planning workers: plants side by side, a search stopped in its middle, a worker killed while it is stopped."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from django.test import override_settings
from django.utils import timezone

from aps import services as aps
from aps import wake
from aps.models import Plan, PlannedOperation, PlanRun, PlantPlanning
from masterdata.models import User
from tests.api.conftest import make_caller
from tests.aps.shop import Shop, build
from tests.crew import Crew, until

LONG = "200000000"
RUNNING = PlanRun.State.RUNNING


@pytest.fixture
def slow(workers: Crew, monkeypatch: pytest.MonkeyPatch) -> Iterator[Crew]:
    """Planners that would search for many minutes; the next test gets others."""
    workers.kill("plan")
    monkeypatch.setenv("THROUGHLINE_SOLVE_MOVES", LONG)
    workers.start("plan")
    yield workers
    workers.kill("plan")


@pytest.fixture
def pavel(slow: Crew) -> User:
    """Somebody who stops things."""
    return User.objects.create_user("pavel", first_name="Pavel", last_name="Novak")


def busy(code: str = "MAIN") -> Shop:
    """A plant with two orders to plan, and one wish for them."""
    shop = build(["SAW-1", "SAW-2"], code=code)
    shop.order([("SAW", 60)], is_wanted=False)
    shop.order([("SAW", 30)])
    return shop


def searching(shop: Shop) -> PlanRun:
    """The plant's run, once its search has said how far it is."""
    runs = PlanRun.objects.filter(plant=shop.plant, state=RUNNING, told_at__isnull=False, moves__gt=0)
    run = until(runs.first, timeout=60, what="a search says how far it is")
    assert run is not None
    return run


def is_calm() -> bool:
    """Whether every plant has what it wants and nobody plans."""
    return all(has_planned(one) for one in PlantPlanning.objects.all())


def has_planned(planning: PlantPlanning) -> bool:
    """Whether the plant has what it wants and its worker has let go."""
    return planning.wanted_version == planning.planned_version > 0 and planning.lease_until is None


def who_wait() -> int:
    """How many want to stop a run whose row another one holds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            " AND query LIKE 'SELECT %aps_planrun%'"
        )
        return int(cursor.fetchone()[0])


def test_two_plants_are_solved_side_by_side_and_stopped(slow: Crew, pavel: User) -> None:
    """Both searches are seen running at one moment; so their times overlap. Each publishes the best it has."""
    shops = [busy("NORTH"), busy("SOUTH")]
    runs = [searching(shop) for shop in shops]
    assert PlanRun.objects.filter(state=RUNNING).count() == 2
    assert all(run.curve and run.objective_after is not None for run in runs)
    for run in runs:
        aps.stop_run(run_id=run.pk, by=pavel, now=timezone.now())
    until(is_calm, timeout=60, what="both have published")
    one, two = PlanRun.objects.filter(pk__in=[run.pk for run in runs])
    assert one.ended_at is not None
    assert two.ended_at is not None
    assert max(one.started_at, two.started_at) < min(one.ended_at, two.ended_at)
    assert {(run.state, run.note) for run in (one, two)} == {("published", "Stopped by Pavel Novak")}
    assert PlannedOperation.objects.count() == 4
    assert one.objective_after == one.curve[-1][1]
    assert one.worths.count() == 2


def test_two_planners_stop_one_run_and_the_first_is_named(slow: Crew, pavel: User) -> None:
    """Over REST at the same moment: both are answered with the same run, which names one of them."""
    shop = busy()
    run = searching(shop)
    callers = [make_caller(shop.plant.company, "planner") for _ in range(2)]

    def stop(caller) -> dict:  # type: ignore[no-untyped-def,type-arg]
        try:
            answer = caller.post(f"aps/plan-runs/{run.pk}/stop/")
            return {"status": answer.status_code} | answer.json()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        with transaction.atomic():
            PlanRun.objects.select_for_update(no_key=True).order_by("pk").get(pk=run.pk)
            waiting = [pool.submit(stop, caller) for caller in callers]
            until(lambda: who_wait() == 2, what="both wait for the run's row")
        answers = [one.result() for one in waiting]
    until(is_calm, timeout=60, what="the best plan is published")
    run.refresh_from_db()
    assert {answer["status"] for answer in answers} == {200}
    assert {answer["stop_requested_by"] for answer in answers} == {str(run.stop_requested_by)}
    assert run.note == f"Stopped by {run.stop_requested_by}"
    late = callers[0].post(f"aps/plan-runs/{run.pk}/stop/")
    assert (late.status_code, late.json()["code"]) == (409, "run_is_over")
    assert late.json()["detail"] == "This run is over already: plan 1 was published."


@pytest.mark.crash
def test_a_worker_killed_before_it_hears_the_stop_is_replaced(
    slow: Crew, pavel: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run is lost, whoever wanted to stop it; the next worker plans."""
    shop = busy()
    run = searching(shop)
    slow.kill("plan")
    aps.stop_run(run_id=run.pk, by=pavel, now=timezone.now())
    monkeypatch.setenv("THROUGHLINE_SOLVE_MOVES", "200")
    slow.start("plan")
    until(is_calm, timeout=60, what="another worker has planned")
    run.refresh_from_db()
    assert (run.state, run.stop_requested_by) == ("lost", pavel)
    assert list(PlanRun.objects.order_by("pk").values_list("state", flat=True)) == ["lost", "published"]
    assert Plan.objects.count() == 1


def test_a_plant_with_a_queue_of_its_own_waits_for_nobody(
    slow: Crew, pavel: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One place for all others, and it is taken for minutes: the plant with its own worker is planned all the same."""
    slow.kill("plan")
    slow.kill("relay")
    monkeypatch.setenv("THROUGHLINE_PLAN_WORKERS", "1")
    slow.start("plan")
    taken = searching(busy("NORTH"))
    own = build(["SAW-1"], code="SOUTH")
    queue = f"plan.{own.plant.pk}"
    monkeypatch.setenv("THROUGHLINE_PLAN_QUEUES", str(own.plant.pk))
    monkeypatch.setenv("THROUGHLINE_SOLVE_MOVES", "200")
    slow.start(queue)
    try:
        with override_settings(THROUGHLINE_PLAN_QUEUES=[own.plant.pk]):
            assert wake.queue_of(own.plant.pk) == queue
            own.order([("SAW", 60)])
            mine = PlantPlanning.objects.filter(plant=own.plant)
            until(lambda: has_planned(mine.get()), timeout=60, what="the plant has its plan")
        taken.refresh_from_db()
        assert taken.state == RUNNING
    finally:
        slow.kill(queue)
        aps.stop_run(run_id=taken.pk, by=pavel, now=timezone.now())
        until(is_calm, timeout=60, what="the other one has published")
