"""Rows on the three-level workload: seconds of solving until a valid plan has every order on time."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from aps.engine.objective import objective
from aps.engine.solve import solve
from benchmarks._engine_factory import judged
from benchmarks._engine_row import Baselines, Goal, Row, Sample, Settings, Skipped
from benchmarks._threelevel_plan import problem_from

ELSEWHERE = "an open APS in C++"
FIRST = 0.001
"""Seconds in which, without moves, only the first rule has its turn."""


def folder(settings: Settings) -> Path:
    """Where the workload lies. Raises Skipped when it does not."""
    found = settings.data / "threelevel"
    if not (found / "generate.py").exists():
        raise Skipped(f"no data: {found}")
    return found


def measure(orders: int, goal: float, settings: Settings, seed: int) -> Sample:
    """The first plan when it is on time, else a search for as long as the goal allows; reading files does not count."""
    count = max(5, round(orders * settings.size_scale))
    with tempfile.TemporaryDirectory(prefix="threelevel-") as made:
        shutil.copy(folder(settings) / "generate.py", made)
        command = [sys.executable, "generate.py", str(count)]
        subprocess.run(command, cwd=made, check=True, stdout=subprocess.DEVNULL)
        problem = problem_from(Path(made))
    if problem is None:
        raise Skipped("no data: generate.py wrote no orders")
    spent, late = 0.0, -1
    for seconds, moves in ((FIRST, 0), (settings.seconds(goal), None)):
        began = time.perf_counter()
        found = solve(
            problem, seconds=seconds, moves=moves, workers=settings.workers, seed=seed, clock=time.perf_counter
        )
        spent += time.perf_counter() - began
        judged(problem, found.plan)
        late = len(objective(problem, found.plan).late_min)
        if late == 0:
            break
    settings.say(f"  {count} orders, {len(problem.operations):,} operations: {spent:.2f} s, {late} late")
    return {
        "seconds": spent if late == 0 else f"{late} orders late",
        "late": late,
        "detail": {"orders": count, "operations": len(problem.operations), "objective": found.objective},
    }


def elsewhere(words: str | float, _settings: Settings) -> Baselines:
    """What was measured elsewhere with an instance of the same shape: CPU seconds of solving."""
    return {ELSEWHERE: {"seconds": words}}


def rows() -> tuple[Row, ...]:
    """1,000 orders of three lines, and 5,000."""
    return (
        _threelevel("threelevel1000", 1000, 5.5, 110.8, 0.2),
        _threelevel("threelevel5000", 5000, 30.0, "no plan in 200 s", 1.0),
    )


def _threelevel(name: str, orders: int, goal: float, other: str | float, minutes: float) -> Row:
    goals = (
        Goal("seconds", "valid plan with all on time", "s", goal, digits=2),
        Goal("late", "orders late", "", 0, digits=0),
    )
    title = f"Three levels made to order, {orders:,} orders x 3 lines, 25 machines"
    return Row(name, title, goals, partial(measure, orders, goal), partial(elsewhere, other), minutes)
