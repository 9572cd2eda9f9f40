"""The watch over a search: what ends it, what it writes, and when it writes nothing."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, transaction
from django.utils import timezone

from aps import services as aps
from aps.curve import MOST, Curve
from aps.models import PlanRun, PlantPlanning, PlanWish
from aps.services import lease as leases
from aps.services import watching
from aps.services.watching import Budget, Watch, tell
from masterdata.models import User
from tests.aps.shop import Shop, build, fact
from tests.crew import until

pytestmark = pytest.mark.usefixtures("committed")
HOUR = 3600.0


@pytest.fixture
def shop() -> Shop:
    """An order waits for its plan."""
    shop = build(["SAW-1"])
    shop.order([("SAW", 60)])
    return shop


def begun(shop: Shop) -> tuple[leases.Lease, PlanRun]:
    """A worker holds the lease and has begun its run."""
    lease = leases.take_lease(shop.plant.pk, leases.Clock(timezone.now()))
    assert lease is not None
    run = PlanRun.objects.create(
        plant=shop.plant, token=lease.token, base_no=0, wanted_version=1, started_at=lease.clock.now
    )
    return lease, run


@contextmanager
def watching_an_hour(shop: Shop, usual: float = HOUR) -> Iterator[tuple[Watch, PlanRun]]:
    """A search that would take an hour."""
    lease, run = begun(shop)
    with Watch(lease, run, Budget(None, HOUR, usual)) as watch:
        assert not watch.is_over()
        yield watch, run


def looks(count: int) -> float:
    """Seconds in which the watch looks so many times."""
    return count * watching.LOOKS_UP_EVERY_SECONDS


def test_who_stops_a_search_is_named(shop: Shop) -> None:
    pavel = User.objects.create_user("pavel", first_name="Pavel", last_name="Novak")
    with watching_an_hour(shop) as (watch, run):
        aps.stop_run(run_id=run.pk, by=pavel, now=timezone.now())
        until(watch.is_over, timeout=10, what="the search hears it")
        assert (watch.ended_because, watch.alarmed) == ("Stopped by Pavel Novak", False)


def test_a_breakdown_ends_every_search_at_once(shop: Shop) -> None:
    with watching_an_hour(shop) as (watch, _run):
        aps.want_plan(plant_id=shop.plant.pk, reason="breakdown", text="Machine SAW-1 is down", fact=fact())
        until(watch.is_over, timeout=10, what="the search hears it")
        assert watch.alarmed


def test_a_long_search_ends_for_an_order_once_the_usual_time_is_over(shop: Shop) -> None:
    with watching_an_hour(shop, usual=0.0) as (watch, _run):
        aps.want_plan(plant_id=shop.plant.pk, reason="order", text="Order SO-9", fact=fact())
        until(watch.is_over, timeout=10, what="the search hears it")
        assert watch.ended_because == "Ended for: Order SO-9"


def test_an_order_waits_for_a_search_of_the_usual_length_and_progress_for_any(shop: Shop) -> None:
    """The order comes within the usual hour; progress on the floor and another planner's wish wait anyway."""
    with watching_an_hour(shop) as (watch, _run):
        aps.want_plan(plant_id=shop.plant.pk, reason="order", text="Order SO-9", fact=fact())
        assert not threading.Event().wait(looks(3))
        assert not watch.is_over()
    PlanRun.objects.update(state=PlanRun.State.LOST)
    PlantPlanning.objects.update(lease_until=None)
    PlanWish.objects.filter(text="Order SO-9").delete()
    with watching_an_hour(shop, usual=0.0) as (watch, _run):
        for reason in ("progress", "planner"):
            aps.want_plan(plant_id=shop.plant.pk, reason=reason, text="Later")
        assert not threading.Event().wait(looks(3))
        assert not watch.is_over()


def test_moves_are_added_up_over_rounds_and_told_with_the_curve(shop: Shop) -> None:
    """Two rounds of 500 moves: 1,000; the best plan has 90, then 70 points, and 80 in between change nothing."""
    with watching_an_hour(shop) as (watch, run):
        for moves, points in ((0, 100), (250, 90), (500, 80), (250, 85), (500, 70)):
            watch.count(moves, points)
        until(lambda: PlanRun.objects.get().told_at, timeout=10, what="the progress is written")
    run.refresh_from_db()
    assert (run.moves, run.objective_after) == (1000, 70)
    assert [points for _seconds, points in run.curve] == [100, 90, 80, 70]
    assert run.state == PlanRun.State.RUNNING


def test_points_that_come_within_a_hundredth_of_a_second_are_all_kept() -> None:
    """All three are told at 0.01 s: 6.0, 6.1 and 6.2 ms after the begin."""
    curve = Curve()
    for seconds, points in ((0.0060, 100), (0.0061, 90), (0.0062, 80)):
        curve.note(seconds, points)
    assert curve.pairs == [(0.01, 100), (0.01, 90), (0.01, 80)]


def test_a_lost_lease_writes_nothing(shop: Shop) -> None:
    lease, run = begun(shop)
    assert tell(lease, run, 7, Curve([(0.0, 5)]))
    PlantPlanning.objects.update(lease_token=lease.token + 1)
    assert not tell(lease, run, 9, Curve([(0.0, 4)]))
    run.refresh_from_db()
    assert (run.moves, run.curve) == (7, [[0.0, 5]])


def test_progress_never_waits_for_a_row_that_somebody_holds(shop: Shop) -> None:
    """Another connection holds the run; the progress is left out instead of waited for."""
    lease, run = begun(shop)
    held, free = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            PlanRun.objects.select_for_update().get(pk=run.pk)
            held.set()
            free.wait(30)
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    try:
        assert held.wait(30)
        assert not tell(lease, run, 7, Curve([(0.0, 5)]))
    finally:
        free.set()
        holder.join()
    assert tell(lease, run, 7, Curve([(0.0, 5)]))


def test_a_run_over_is_not_written_again(shop: Shop) -> None:
    lease, run = begun(shop)
    PlanRun.objects.update(state=PlanRun.State.PUBLISHED, ended_at=timezone.now())
    assert not tell(lease, run, 7, Curve())


def test_the_longest_wish_of_a_planner_is_the_budget(shop: Shop, settings) -> None:  # type: ignore[no-untyped-def]
    """Versions 2 and 3 ask for 30 and 120 s; a process that others wait for never takes longer than usual."""
    settings.THROUGHLINE_SOLVE_MOVES, settings.THROUGHLINE_SOLVE_SECONDS = 200, 2.0
    by = User.objects.create_user("pavel")
    for seconds in (30, 120):
        aps.optimise_plant(plant_id=shop.plant.pk, seconds=seconds, by=by)
    plant = shop.plant.pk
    assert watching.budget_for(plant_id=plant, after=0, until=1) == Budget(200, 2.0, 2.0)
    assert watching.budget_for(plant_id=plant, after=0, until=3) == Budget(None, 120, 2.0)
    assert watching.budget_for(plant_id=plant, after=0, until=3, at_most=2.0) == Budget(200, 2.0, 2.0)
    texts = list(PlanWish.objects.order_by("version").values_list("text", flat=True))[1:]
    assert texts == ["pavel wants it searched for 30 s", "pavel wants it searched for 2 min"]


def test_a_curve_stays_short_and_keeps_its_ends() -> None:
    """10,000 falls in 1,000 s: at most 200 pairs, falling, from the first to the last, none 2 % of the time apart."""
    curve = Curve()
    for step in range(10_000):
        curve.note(step / 10, 20_000 - step)
    pairs = curve.pairs
    assert len(pairs) <= MOST
    assert (pairs[0], pairs[-1]) == ((0.0, 20_000), (999.9, 10_001))
    assert all(a[0] < b[0] and a[1] > b[1] for a, b in itertools.pairwise(pairs))
    gaps = [b[0] - a[0] for a, b in itertools.pairwise(pairs)]
    assert max(gaps) <= 20.1
