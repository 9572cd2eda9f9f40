"""Rows on the search itself: moves per second, how soon it stops, and whether it repeats itself."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from functools import partial

import numpy as np

from aps.engine.arrays import Shop, Times, shop_of
from aps.engine.construct import first_plan
from aps.engine.decode import by_time, fixed_operations, replay
from aps.engine.formats.instance import chains
from aps.engine.generate import generate
from aps.engine.lanes import lanes_for
from aps.engine.objective import total
from aps.engine.problem import Problem
from aps.engine.search import searched
from aps.engine.solve import solve
from benchmarks._clock import percentile
from benchmarks._engine_factory import judged
from benchmarks._engine_row import Goal, Row, Sample, Settings

Searched = Callable[[Shop, Times, int, int], Times]
MOMENTS, LATEST = 30, 4.0
"""How often a search is stopped, and within how many seconds of its start."""
MEASURED = 3.0
"""Seconds that each kind of search is measured for."""
JOBS, MACHINES = 30, 20
"""Half as many jobs again as machines: the hardest shape; with many more jobs the bound is met at once."""


def job_shop(seed: int, jobs: int = JOBS, machines: int = MACHINES) -> Problem:
    """A random job shop: every job visits every machine, 1 to 99 minutes each."""
    dice = random.Random(seed)  # noqa: S311 - not a secret
    rows = [
        [[(machine, dice.randint(1, 99))] for machine in dice.sample(range(1, machines + 1), machines)]
        for _ in range(jobs)
    ]
    return chains(rows, machines)


def pace(search: Searched, shop: Shop, times: Times, seconds: float) -> float:
    """Moves per second: a first call to learn how many fit into the seconds, then one with so many."""
    moves, took = 50, 0.0
    while True:
        began = time.perf_counter()
        search(shop, times, moves, 1)
        took = time.perf_counter() - began
        if took >= seconds / 4:
            return moves / took
        moves = int(moves * max(2.0, min(20.0, 0.6 * seconds / max(took, 1e-4))))


def decoded(shop: Shop, times: Times, count: int, _seed: int) -> Times:
    """So often the whole plan timed by the decoder, and its points: what a move costs that is not timed by itself."""
    a, found = shop.a, times.copy()
    sequence, none = by_time(shop, times.start), np.zeros(len(times.start), np.int64)
    lanes, fixed = lanes_for(a), fixed_operations(a)
    for _ in range(count):
        replay(a, lanes, found, fixed, none, sequence, times.option, none, none)
        total(shop, found)
    return found


def moves(operations: int, settings: Settings, _seed: int) -> Sample:
    """The search that times what a move touches, and the one that decodes the whole plan after each move."""
    shop = shop_of(generate(settings.operations(operations), 1))
    times = first_plan(shop)
    seconds = settings.seconds(MEASURED)
    searched(shop, times, 10, 1)
    decoded(shop, times, 10, 1)
    incremental = pace(searched, shop, times, seconds)
    whole = pace(decoded, shop, times, seconds)
    settings.say(f"  {incremental:,.0f} moves/s, with full decoding {whole:,.0f}")
    return {"incremental": incremental, "whole": whole, "ratio": incremental / whole}


def rigid_moves(settings: Settings, seed: int) -> Sample:
    """The tabu search of a rigid job shop, one worker."""
    problem = job_shop(seed, max(4, settings.operations(JOBS)), MACHINES)
    found = solve(problem, seconds=settings.seconds(MEASURED), seed=seed, clock=time.perf_counter)
    return {"incremental": found.moves / found.seconds}


def cancel(settings: Settings, seed: int) -> Sample:
    """Milliseconds from the wish to stop until the plan is there, at random moments; and the plan is legal."""
    general = generate(settings.operations(10_000), seed)
    rigid = job_shop(seed)
    dice = random.Random(seed)  # noqa: S311 - not a secret
    count, latest = settings.times(MOMENTS), settings.seconds(LATEST)
    moments = [dice.uniform(0.05, latest) for _ in range(count)]
    found: Sample = {"detail": {"moments": [round(moment, 3) for moment in moments]}}
    for name, problem in (("general", general), ("rigid", rigid)):
        took = [_stopped(problem, moment, settings) for moment in moments]
        known = [late for late in took if late is not None]
        found["detail"][name] = took
        found[name] = percentile(known, 95) if known else "ended by itself"
        found[f"{name}_worst"] = max(known, default="ended by itself")
    return found


def _stopped(problem: Problem, moment: float, settings: Settings) -> float | None:
    """Milliseconds from the moment on; None when the search ended before, its plan proved best."""
    began = time.perf_counter()

    def wish() -> bool:
        return time.perf_counter() - began >= moment

    found = solve(problem, seconds=600, workers=settings.workers, seed=1, cancelled=wish, clock=time.perf_counter)
    late = time.perf_counter() - began - moment
    judged(problem, found.plan)
    return round(1000 * late, 2) if late > 0 else None


def same(settings: Settings, seed: int) -> Sample:
    """Different plans for the same seed and moves: when it is run twice with as many workers, and with one and two."""
    general = generate(settings.operations(2000), seed)
    rigid = job_shop(seed, 10, 10)
    budget = max(1000, int(40_000 * settings.seconds_scale))
    found: Sample = {}
    for name, problem in (("general", general), ("rigid", rigid)):
        one, two = (
            {solve(problem, moves=budget, workers=workers, seed=seed).plan.hash for _ in range(2)} for workers in (1, 2)
        )
        found[name] = max(len(one), len(two))
        found[f"{name}_across"] = len(one | two)
    return found


def rows() -> tuple[Row, ...]:
    """The rows of this module."""
    return (
        _moves("moves2k", 2000),
        _moves("moves10k", 10_000),
        Row(
            "moves_rigid",
            "Moves per second, job shop of 30 x 20, one worker",
            (Goal("incremental", "tabu search", "moves/s", more_is_better=True, digits=0),),
            rigid_moves,
            minutes=0.1,
        ),
        Row(
            "cancel",
            "Stopped at a random moment",
            (
                Goal("general", "10,000 operations, p95", "ms", 100.0, digits=0),
                Goal("rigid", "job shop of 30 x 20, p95", "ms", 100.0, digits=0),
                Goal("general_worst", "10,000 operations, longest", "ms", digits=0),
                Goal("rigid_worst", "job shop of 30 x 20, longest", "ms", digits=0),
            ),
            cancel,
            minutes=2,
        ),
        Row(
            "same",
            "Plans found with the same seed and moves",
            (
                Goal("general", "run twice, 2,000 operations", "", 1, digits=0),
                Goal("rigid", "run twice, job shop of 10 x 10", "", 1, digits=0),
                Goal("general_across", "with one worker and with two, 2,000 operations", "", digits=0),
                Goal("rigid_across", "with one worker and with two, job shop of 10 x 10", "", 1, digits=0),
            ),
            same,
            minutes=0.3,
        ),
    )


def _moves(name: str, operations: int) -> Row:
    goals = (
        Goal("incremental", "timing what a move touches", "moves/s", more_is_better=True, digits=0),
        Goal("whole", "decoding the whole plan", "moves/s", more_is_better=True, digits=0),
        Goal("ratio", "times as many", "times", more_is_better=True, digits=0),
    )
    title = f"Moves per second, {operations:,} operations, one worker"
    return Row(name, title, goals, partial(moves, operations), minutes=0.2)
