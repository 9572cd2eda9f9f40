"""From a problem to a plan within a budget: the rules first, then rounds of search, told as they go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from aps.engine import rigid
from aps.engine.arrays import Shop, Times, shop_of
from aps.engine.bounds import Bounds, bounds
from aps.engine.construct import candidates
from aps.engine.objective import HOPELESS, ends_of, total
from aps.engine.portfolio import first, price, weighings
from aps.engine.problem import Plan, Problem
from aps.engine.search import searched
from aps.engine.weightspace import weighed

FIRST_ROUND = 2000
"""Moves of the first round; each has twice as many as the one before and another seed."""
LONGEST_ROUND = 1 << 20
PACE = 30_000
"""Moves after which the pace of the search is known."""
UNLIMITED = 1 << 40
WEIGHING = 0.15
"""The share of the seconds for the weights of the dispatch rule, when there is no incumbent."""

Clock = Callable[[], float]
Cancelled = Callable[[], bool]


class Told(NamedTuple):
    """How far it is: seconds by the clock, moves, points of the best plan, points that no plan can beat, their gap."""

    seconds: float
    moves: int
    objective: int
    lower_bound: int
    gap: float


Progress = Callable[[Told], None]


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
    that run on, and `seconds` needs it. With an `incumbent` the search begins behind it, and stability counts against
    it. Rigid shops have a search of their own, whose `workers` meet in rounds; the general one works alone. Raises
    HorizonTooShortError.
    """
    if seconds is not None and clock is None:
        raise ValueError("seconds need a clock")
    if incumbent is None and rigid.is_rigid(problem):
        return _rigid(problem, seconds, moves, workers, seed, progress, cancelled, clock)
    run = _Run(problem, incumbent, seconds, moves, progress, cancelled, clock)
    run.begin(incumbent)
    if incumbent is None:
        run.weigh(seed)
    run.search(seed)
    return run.solution()


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


def gap(objective: int, lower_bound: int) -> float:
    """The share of the objective that lies above the bound: 0 means that the plan is proved best."""
    return 0.0 if objective <= lower_bound else (objective - lower_bound) / objective


class _Run:
    """One call of solve: the budget, the best plan so far, and the curve."""

    def __init__(
        self,
        problem: Problem,
        published: Plan | None,
        seconds: float | None,
        moves: int | None,
        progress: Progress | None,
        cancelled: Cancelled | None,
        clock: Clock | None,
    ) -> None:
        self.clock = clock or (lambda: 0.0)
        self.began = self.clock()
        self.seconds, self.budget = seconds, moves
        self.progress, self.cancelled = progress, cancelled
        self.shop: Shop = shop_of(problem, published)
        self.times: Times | None = None
        self.cost = HOPELESS
        self.moves = 0
        self.bound = Bounds(0, 0)
        self.curve: list[tuple[float, int]] = []

    def passed(self) -> float:
        return self.clock() - self.began

    def is_over(self) -> bool:
        """Whether to stop; only asked once there is a plan."""
        late = self.seconds is not None and self.passed() >= self.seconds
        return late or (self.cancelled is not None and self.cancelled())

    def begin(self, incumbent: Plan | None) -> None:
        """The first plan at once, then the best of all rules; behind an incumbent, what is left of it."""
        if incumbent is not None:
            self.keep(first(self.shop, self.shop.times(incumbent))[0])
        else:
            for times in candidates(self.shop):
                self.keep(times)
                if self.curve and self.is_over():
                    break
        if self.times is None:
            return
        self.shop.plan(self.times)
        self.bound = bounds(self.shop)
        self.tell(0)

    def keep(self, times: Times) -> None:
        """Remember the plan when it is the best so far; one that does not fit only while there is no other."""
        cost = total(self.shop, times)
        if self.times is None or cost < self.cost:
            self.times = times
            if cost < HOPELESS:
                self.cost = cost
                self.note(cost)

    def weigh(self, seed: int) -> None:
        """Weight-space search with a fifth of the moves, or WEIGHING of the seconds."""
        if self.times is None or self.cost <= self.bound.points or self.left() <= 0:
            return
        each, until = price(self.shop), (self.seconds or 0.0) * WEIGHING
        dispatches = weighings(self.shop, self.left())

        def over() -> bool:
            return self.is_over() or (self.seconds is not None and self.passed() >= until)

        tell = self.count(self.moves)
        self.keep(weighed(self.shop, self.times, dispatches, seed, lambda done, best: tell(done * each, best), over))

    def search(self, seed: int) -> None:
        """Rounds of the general search until the budget is used up or the plan is proved best.

        Rounds get longer; once the pace is known and only seconds count, one round takes all that are left, because a
        search that cools down slowly finds more than many that cool down fast.
        """
        length, before, began = FIRST_ROUND, self.moves, self.passed()
        while self.times is not None and self.left() > 0 and self.cost > self.bound.points and not self.is_over():
            made = self.moves
            step = min(length, self.left())
            if self.seconds is not None and self.budget is None and made - before >= PACE:
                pace = (made - before) / max(self.passed() - began, 0.001)
                step = max(step, int(pace * (self.seconds - self.passed())))
            found = searched(self.shop, self.times, step, seed, self.count(made), self.is_over)
            self.keep(found)
            if self.moves == made:
                return
            length, seed = min(2 * length, LONGEST_ROUND), seed + 1

    def left(self) -> int:
        """Moves that are left; without a budget of either kind there is no search."""
        if self.budget is not None:
            return self.budget - self.moves
        return UNLIMITED if self.seconds is not None or self.cancelled is not None else 0

    def count(self, made: int) -> Callable[[int, int], None]:
        """Add up moves over rounds, each of which counts from the beginning."""

        def counted(moves: int, best: int) -> None:
            self.moves = made + moves
            self.note(best)
            self.tell(best)

        return counted

    def note(self, cost: int) -> None:
        """Draw the curve."""
        if not self.curve or cost < self.curve[-1][1]:
            self.curve.append((self.passed(), cost))

    def tell(self, best: int) -> None:
        if self.progress is not None:
            cost = min(self.cost, best) if best else self.cost
            told = Told(self.passed(), self.moves, cost, self.bound.points, gap(cost, self.bound.points))
            self.progress(told)

    def solution(self) -> Solution:
        times = self.times
        plan = self.shop.plan(times) if times is not None else Plan()
        last = int(ends_of(self.shop, times).max(initial=0)) if times is not None else 0
        cost = self.cost if self.cost < HOPELESS else 0
        return Solution(
            plan=plan,
            objective=cost,
            makespan=max(0, last - self.shop.a.now),
            lower_bound=self.bound.points,
            gap=gap(cost, self.bound.points),
            first_feasible_ms=1000 * self.curve[0][0] if self.curve else 0.0,
            seconds=self.passed(),
            moves=self.moves,
            curve=tuple(self.curve),
        )
