"""Two plants planned by real workers: at the same time, and one after the other."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from aps.models import PlanRun, PlantPlanning
from benchmarks._planning_plant import PER_ORDER, plant_with, want
from benchmarks._scratch import database
from suite.stack import places
from tests.aps.shop import Shop
from tests.crew import Crew, until

OPERATIONS, SECONDS = 2000, 5


def run(say: Callable[[str], None]) -> tuple[float, float, float]:
    """Seconds from two wishes to two plans side by side, and one after the other; for how long both ran at once."""
    together, shared = _measure(2)
    apart, _ = _measure(1)
    say(f"two plants side by side {together:.1f} s, one after the other {apart:.1f} s, both at once for {shared:.1f} s")
    return together, apart, shared


def _measure(at_once: int) -> tuple[float, float]:
    with database("bench_side_by_side"):
        with _planners(at_once):
            _plan([plant_with(PER_ORDER, code) for code in ("A", "B")])  # a process loads the engine in its first turn
            shops = [plant_with(OPERATIONS, code) for code in ("NORTH", "SOUTH")]
            took = _plan(shops)
        one, two = PlanRun.objects.filter(plant__in=[shop.plant for shop in shops]).order_by("pk")
        ends = [run.ended_at for run in (one, two) if run.ended_at is not None]
        shared = (min(ends) - max(one.started_at, two.started_at)).total_seconds()
        return took, max(0.0, shared)


def _plan(shops: list[Shop]) -> float:
    """Want a plan for each, and wait for all; the seconds that it took."""
    began = time.perf_counter()
    for shop in shops:
        want(shop)
    until(_are_planned, timeout=120, what="the plants are planned")
    return time.perf_counter() - began


def _are_planned() -> bool:
    return all(row.wanted_version == row.planned_version > 0 for row in PlantPlanning.objects.all())


@contextmanager
def _planners(at_once: int) -> Iterator[Crew]:
    """The worker `plan` with so many places, and nobody else, ready."""
    before = dict(os.environ)
    os.environ |= {"THROUGHLINE_PLAN_WORKERS": str(at_once), "THROUGHLINE_SOLVE_SECONDS": str(SECONDS)}
    crew = Crew(places.var_dir() / "logs" / f"planning-{at_once}")
    crew.flush_broker()
    try:
        crew.start("plan")
        yield crew
    finally:
        crew.end()
        crew.flush_broker()
        os.environ.clear()
        os.environ.update(before)
