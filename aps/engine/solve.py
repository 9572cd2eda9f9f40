"""From a problem to a plan within a budget: the rules first, then rounds of search, told as they go."""

from __future__ import annotations

from dataclasses import dataclass

from aps.engine import rigid
from aps.engine.frozen import held
from aps.engine.objective import HOPELESS, ends_of
from aps.engine.problem import Plan, Problem
from aps.engine.run import Budget, Cancelled, Clock, Progress, Run, Told, gap

__all__ = ["Cancelled", "Clock", "Progress", "Solution", "Told", "gap", "solve"]


@dataclass(frozen=True)
class Solution:
    """The best plan found, and how it came about.

    `objective` and `lower_bound` are points, `makespan` minutes from now to the end of the last order; `gap` is the
    share of the objective above the bound. `curve` are (seconds, objective) whenever a better plan was known. Without a
    clock all seconds are 0.
    """

    plan: Plan
    objective: int
    makespan: int
    lower_bound: int
    gap: float
    first_feasible_ms: float
    seconds: float
    moves: int
    curve: tuple[tuple[float, int], ...]


def solve(
    problem: Problem,
    *,
    seconds: float | None = None,
    moves: int | None = None,
    workers: int = 1,
    seed: int = 1,
    incumbent: Plan | None = None,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
    clock: Clock | None = None,
) -> Solution:
    """Plan until `seconds` are over, `moves` are made, the bound is met or `cancelled` says so.

    With a budget in moves alone the plan is the same on any machine. The engine owns no clock: `clock` gives seconds
    that run on, and `seconds` needs it. With an `incumbent` the search begins behind it, stability counts against it,
    and its frozen window stays. `workers` searchers meet in rounds; rigid shops have a search of their own. Raises
    HorizonTooShortError.
    """
    if seconds is not None and clock is None:
        raise ValueError("seconds need a clock")
    if incumbent is None and rigid.is_rigid(problem):
        return _rigid(problem, seconds, moves, workers, seed, progress, cancelled, clock)
    if incumbent is not None:
        problem = held(problem, incumbent)
    budget = Budget(seconds, moves, cancelled, clock or (lambda: 0.0))
    run = Run(problem, incumbent, budget, workers, progress)
    run.begin(incumbent)
    if incumbent is None:
        run.weigh(seed)
    run.search(seed)
    return _solution(run)


def _solution(run: Run) -> Solution:
    """What a run has found."""
    times, shop = run.times, run.shop
    last = int(ends_of(shop, times).max(initial=0)) if times is not None else 0
    cost = run.cost if run.cost < HOPELESS else 0
    return Solution(
        plan=shop.plan(times) if times is not None else Plan(),
        objective=cost,
        makespan=max(0, last - shop.a.now),
        lower_bound=run.bound.points,
        gap=gap(cost, run.bound.points),
        first_feasible_ms=1000 * run.curve[0][0] if run.curve else 0.0,
        seconds=run.passed(),
        moves=run.moves,
        curve=tuple(run.curve),
    )


def _rigid(
    problem: Problem,
    seconds: float | None,
    moves: int | None,
    workers: int,
    seed: int,
    progress: Progress | None,
    cancelled: Cancelled | None,
    clock: Clock | None,
) -> Solution:
    """The rigid search, told in points: so many per minute of the makespan."""
    points = problem.weights.makespan
    tick = clock or (lambda: 0.0)
    began = tick()

    def told(made: int, makespan: int, bound: int) -> None:
        if progress is not None:
            progress(Told(tick() - began, made, points * makespan, points * bound, gap(makespan, bound)))

    found = rigid.solve(
        problem,
        seconds=seconds,
        moves=moves,
        workers=workers,
        seed=seed,
        progress=told,
        cancelled=cancelled,
        clock=clock,
    )
    return Solution(
        plan=found.plan,
        objective=points * found.makespan,
        makespan=found.makespan,
        lower_bound=points * found.lower_bound,
        gap=gap(found.makespan, found.lower_bound),
        first_feasible_ms=1000 * found.curve[0][1] if found.curve else 0.0,
        seconds=tick() - began,
        moves=found.moves,
        curve=tuple((at, points * makespan) for _, at, makespan in found.curve),
    )
