"""Planning from the database: snapshot, problem, judgement, storing and publishing at size, plants side by side."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from statistics import median
from typing import Any, TypeVar

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from aps import problem, snapshot
from aps import services as aps
from aps.engine.arrays import shop_of
from aps.models import PlantPlanning
from aps.rows import Row
from aps.services import solving
from benchmarks import Figure, _row_by_row, _side_by_side, figure
from benchmarks._clock import measured
from benchmarks._planning_plant import plant_with
from benchmarks._scratch import database

FULL, SMALL = 10_000, 1_000
TIMES = 5
GOAL = 1.0
Answer = TypeVar("Answer")


@dataclass
class Took:
    """Median seconds, CPU seconds and queries of a step."""

    walls: list[float] = field(default_factory=list)
    cpus: list[float] = field(default_factory=list)
    queries: int = 0

    @property
    def wall(self) -> float:
        """Median wall time in seconds."""
        return median(self.walls)

    @property
    def cpu(self) -> float:
        """Median CPU time of this process in seconds; the database's is its own."""
        return median(self.cpus)


def run(quick: bool, say: Callable[[str], None]) -> dict[str, Any]:
    """Everything at full size; `quick` measures less often and leaves the workers out."""
    times = 3 if quick else TIMES
    with database("bench_planning"):
        large, small = _steps(FULL, times, say), _steps(SMALL, times, say)
        slow_read, slow_write = _row_by_row_at(SMALL)
    figures: dict[str, Any] = {}
    for name, goal, slow in (
        ("snapshot", GOAL, slow_read),
        ("problem and arrays", None, None),
        ("first valid plan", None, None),
        ("lower bound", None, None),
        ("judging the plan", None, None),
        ("store and publish, all new", GOAL, slow_write),
        ("store and publish, all changed", GOAL, None),
    ):
        figures |= _figures(name, large[name], small[name], goal, slow)
    if quick:
        return figures | {"left_out": ["two plants side by side: too long for --quick"]}
    return figures | _workers(say)


def _figures(name: str, large: Took, small: Took, goal: float | None, slow: float | None) -> dict[str, Figure]:
    found = {
        f"{name}, {FULL:,} operations": figure(large.wall, "s", goal=goal),
        f"{name}, {FULL:,} operations, CPU": figure(large.cpu, "s"),
    }
    if large.queries:
        found[f"{name}, queries"] = figure(large.queries, "queries", goal=small.queries, baseline=small.queries)
    if slow is not None:
        found[f"{name}, {SMALL:,} operations"] = figure(small.wall, "s", baseline=slow)
        found[f"{name}, times faster than row by row"] = figure(slow / small.wall, "x", more_is_better=True)
    return found


def _steps(operations: int, times: int, say: Callable[[str], None]) -> dict[str, Took]:
    """From the rows to the published plan and to the next one, so many times; each time nothing is planned before."""
    shop = plant_with(operations, f"P{operations}")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    took: dict[str, Took] = {}
    for _ in range(times + 1):
        _turn(shop.plant.pk, took)
    for one in took.values():  # the first one compiled and warmed
        one.walls, one.cpus = one.walls[1:], one.cpus[1:]
    say(f"{operations:,} operations: " + ", ".join(f"{name} {one.wall:.2f} s" for name, one in took.items()))
    return took


def _turn(plant_id: int, took: dict[str, Took]) -> None:
    now = timezone.now()
    inputs = _timed(took, "snapshot", lambda: snapshot.read_inputs(plant_id, now))
    snap = _timed(took, "problem and arrays", lambda: _with_arrays(inputs), has_queries=False)
    plan = _timed(took, "first valid plan", lambda: solving.repaired(snap), has_queries=False)
    _timed(took, "lower bound", lambda: solving.lower_bound(snap), has_queries=False)
    wrong = _timed(took, "judging the plan", lambda: solving.problems_of(snap, plan), has_queries=False)
    assert not wrong, wrong
    rows: list[Row] = []

    def store() -> None:
        rows.extend(problem.rows_of(snap, plan))
        _publish(plant_id, snap, rows, solving.figures(snap, plan))

    _timed(took, "store and publish, all new", store)
    later = [_a_minute_later(row) for row in rows]
    fresh = solving.on_top_of(snap, plan, PlantPlanning.objects.get(plant_id=plant_id).plan_no)
    _timed(took, "store and publish, all changed", lambda: _publish(plant_id, fresh, later, None))
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM aps_plannedoperation WHERE plant_id = %s", [plant_id])


def _a_minute_later(row: Row) -> Row:
    minute = timedelta(minutes=1)
    return row._replace(starts_at=row.starts_at + minute, runs_at=row.runs_at + minute, ends_at=row.ends_at + minute)


def _with_arrays(inputs: snapshot.Inputs) -> problem.Snapshot:
    def use(snap: problem.Snapshot) -> problem.Snapshot:
        shop_of(snap.problem, snap.published)
        return snap

    return problem.with_horizon(inputs, use)


def _publish(plant_id: int, snap: problem.Snapshot, rows: list[Row], figures: Any) -> None:
    plan = aps.publish_plan(
        plant_id=plant_id,
        base_no=snap.inputs.plan_no,
        rows=rows,
        origin="insert",
        now=timezone.now(),
        seen=snap.seen,
        figures=figures,
    )
    assert plan is not None
    assert plan.changed == len(rows)


def _timed(took: dict[str, Took], name: str, deed: Callable[[], Answer], *, has_queries: bool = True) -> Answer:
    """The first time counts queries, and is left out of the times."""
    one = took.setdefault(name, Took())
    if has_queries and not one.walls:
        with CaptureQueriesContext(connection) as queries, measured() as spent:
            answer = deed()
        one.queries = len(queries)
    else:
        with measured() as spent:
            answer = deed()
    one.walls.append(spent.wall)
    one.cpus.append(spent.cpu)
    return answer


def _row_by_row_at(operations: int) -> tuple[float, float]:
    """Seconds for the same read and stored with the ORM, a row at a time."""
    shop = plant_with(operations, "ROWS")
    plant_id = shop.plant.pk
    with measured() as read:
        count = _row_by_row.read(plant_id)
    inputs = snapshot.read_inputs(plant_id, timezone.now())
    assert count == len(inputs.work)
    rows = problem.with_horizon(inputs, lambda snap: problem.rows_of(snap, solving.repaired(snap)))
    with measured() as written:
        _row_by_row.write(plant_id, 1, rows)
    return read.wall, written.wall


def _workers(say: Callable[[str], None]) -> dict[str, Figure]:
    together, apart, shared = _side_by_side.run(say)
    return {
        "two plants planned side by side": figure(together, "s", baseline=apart),
        "two plants, seconds at the same time": figure(shared, "s", goal=0.1, more_is_better=True),
    }
