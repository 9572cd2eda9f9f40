"""One call of solve: the budget, who works when, the best plan so far, and the curve."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from aps.engine import limits
from aps.engine.arrays import FREE, Shop, Times, shop_of
from aps.engine.bounds import Bounds, bounds
from aps.engine.construct import candidates
from aps.engine.objective import HOPELESS, MAKESPAN, total
from aps.engine.portfolio import first, price, weighings
from aps.engine.problem import Plan, Problem
from aps.engine.search import searched
from aps.engine.team import APART, searched_together, together
from aps.engine.weightspace import weighed

FIRST_ROUND = 2000
"""Moves of the first round; each has twice as many as the one before and another seed."""
LONGEST_ROUND = 1 << 20
PACE = 30_000
"""Moves after which the pace of the search is known."""
UNLIMITED = 1 << 40
WEIGHING = 0.15
"""The share of the seconds for the weights of the dispatch rule, when there is no incumbent."""
IDLE = 0.25
"""It ends earlier when so large a share of it has brought nothing."""
CLIMBING = 0.9
"""The share of what is left then for one long search; behind it search and CP-SAT take turns."""
PROVING = 0.6
"""The share of what is left for CP-SAT in one go when it has the whole of a small plant; it would forget in between."""
TURNS = 8
"""Turns into which the rest is cut."""
EXACT_FROM = 40_000, 2.0
"""Moves or seconds of a budget from which on CP-SAT is asked: it takes most of a second to load."""
EFFORT = 1_000_000
"""Moves that one unit of CP-SAT's deterministic time, some 2 to 4 seconds, counts for."""
UNIT_SECONDS = 3.0

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


class Budget(NamedTuple):
    """When to stop: `seconds` by `clock`, `moves` of all searchers together, or when `cancelled` says so."""

    seconds: float | None
    moves: int | None
    cancelled: Cancelled | None
    clock: Clock


def gap(objective: int, lower_bound: int) -> float:
    """The share of the objective that lies above the bound: 0 means that the plan is proved best."""
    return 0.0 if objective <= lower_bound else (objective - lower_bound) / objective


class Run:
    """The best plan so far, what it costs, how many moves it took, and when it was found.

    `spent` are moves of the budget that went to CP-SAT.
    """

    def __init__(
        self, problem: Problem, published: Plan | None, budget: Budget, workers: int, progress: Progress | None
    ) -> None:
        """Nothing is planned yet."""
        self.budget, self.workers, self.progress = budget, workers, progress
        self.began = budget.clock()
        self.shop: Shop = shop_of(problem, published)
        self.times: Times | None = None
        self.cost = HOPELESS
        self.moves = self.spent = 0
        self.bound = Bounds(0, 0)
        self.curve: list[tuple[float, int]] = []

    def passed(self) -> float:
        """Seconds since it began."""
        return self.budget.clock() - self.began

    def is_over(self) -> bool:
        """Whether to stop; only asked once there is a plan."""
        late = self.budget.seconds is not None and self.passed() >= self.budget.seconds
        return late or (self.budget.cancelled is not None and self.budget.cancelled())

    def is_done(self) -> bool:
        """Whether there is nothing left to do: no plan, no budget, or no better plan."""
        return self.times is None or self.cost <= self.bound.points or self.left() <= 0 or self.is_over()

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
        counts = self.shop.a.weights[MAKESPAN] > 0
        self.bound = bounds(self.shop, self.is_over if counts else lambda: True)
        self.tell(0)

    def keep(self, times: Times) -> bool:
        """Remember the plan when it is the best so far; one that does not fit only while there is no other."""
        cost = total(self.shop, times)
        better = self.times is None or cost < self.cost
        if better:
            self.times = times
            if cost < HOPELESS:
                self.cost = cost
                self.note(cost)
        return better

    def weigh(self, seed: int) -> None:
        """Weight-space search with a fifth of the moves or WEIGHING of the seconds, each searcher with its own seed."""
        if self.times is None or self.is_done():
            return
        until = (self.budget.seconds or 0.0) * WEIGHING
        dispatches = -(-weighings(self.shop, self.left()) // self.workers)
        begin, counts, least = self.times, [0] * self.workers, [self.cost] * self.workers
        better = [self.passed(), self.cost]

        def over() -> bool:
            """Tell what is better, and end when the time is over or has brought nothing for a while."""
            if min(least) < better[1]:
                better[:] = [self.passed(), min(least)]
                self.note(int(better[1]))
                self.tell(int(better[1]))
            late = self.budget.seconds is not None and self.passed() >= min(until, better[0] + until * IDLE)
            return late or self.is_over()

        def weigher(at: int) -> Callable[[Cancelled], Times]:
            def count(done: int, points: int) -> None:
                counts[at], least[at] = done, points

            return lambda stop: weighed(self.shop, begin, dispatches, seed + APART * at, count, stop)

        for found in together([weigher(at) for at in range(self.workers)], over):
            self.keep(found)
        self.moves += sum(counts) * price(self.shop)
        self.tell(self.cost)

    def prove(self, seed: int, effort: float) -> bool:
        """CP-SAT on the whole of a small plant, else on windows around late orders; whether that was of any use."""
        from aps.engine import cp  # OR-Tools takes most of a second to import, and only solvers need it

        assert self.times is not None
        found, least = cp.proved(self.shop, self.times, self.bound.points, effort, seed, self.is_over)
        raised = least > self.bound.points
        if raised:
            self.bound = Bounds(self.bound.makespan, least)
        better = self.keep(found)
        self.spent += int(effort * EFFORT)
        self.tell(self.cost)
        return better or raised

    def search(self, seed: int) -> None:
        """One long search, because one that cools down slowly finds more than many that cool down fast; then turns.

        Small plants are given to CP-SAT first, which may prove at once that the rules have found the best plan.
        """
        if self.is_done():
            return
        exact, free = self._is_exact(), int((self.shop.a.state == FREE).sum())
        small = exact and free <= limits.WHOLE
        if small:
            self.prove(seed, self._effort(0.2))
        seed = self.climb(seed, 1 - PROVING if small else CLIMBING if exact else 1.0)
        if small and not self.is_done():
            self.prove(seed, self._effort(1.0))
        if exact:
            self._turns(seed)

    def climb(self, seed: int, share: float) -> int:
        """The local search with `share` of what is left; the next seed.

        While the pace is not known rounds get longer; then, if only seconds count, one takes all that are left.
        """
        most, until = self.moves + int(self.left() * share), None
        if self.budget.seconds is not None:
            until = self.passed() + (self.budget.seconds - self.passed()) * share
        length, before, began = FIRST_ROUND, self.moves, self.passed()
        while not self.is_done() and self.moves < most and (until is None or self.passed() < until):
            made, step = self.moves, min(length, most - self.moves)
            if until is not None and self.budget.moves is None and made - before >= PACE:
                pace = (made - before) / max(self.passed() - began, 0.001)
                step = max(step, int(pace * (until - self.passed())))
            self._searched(step, seed)
            if self.moves == made:
                break
            length, seed = min(2 * length, LONGEST_ROUND), seed + 1
        return seed

    def _searched(self, step: int, seed: int) -> bool:
        """So many moves of local search; whether they found anything."""
        assert self.times is not None
        tell = self.count(self.moves)
        if self.workers == 1:
            return self.keep(searched(self.shop, self.times, step, seed, tell, self.is_over))
        return self.keep(searched_together(self.shop, self.times, step, seed, self.workers, tell, self.is_over))

    def _turns(self, seed: int) -> None:
        """What is left goes to the search and to CP-SAT, to each as long as it is of use, then half as often."""
        effort, step = self._effort(1 / TURNS), max(FIRST_ROUND, min(self.left() // TURNS, LONGEST_ROUND))
        turns: list[Callable[[], bool]] = [
            lambda: self.prove(seed, effort),
            lambda: self._searched(min(step, self.left()), seed),
        ]
        pauses, waits = [0, 0], [0, 0]
        while not self.is_done():
            at = waits.index(min(waits))
            pauses[at] = 0 if turns[at]() else 2 * pauses[at] + 1
            waits[at] = pauses[at]
            waits[1 - at] = max(0, waits[1 - at] - 1)
            seed += 1

    def _is_exact(self) -> bool:
        """Whether CP-SAT is worth its loading: the budget is large enough, and the problem not too large."""
        moves, seconds = EXACT_FROM
        if int((self.shop.a.state == FREE).sum()) > limits.MOST:
            return False
        by_clock = self.budget.seconds is not None and self.budget.seconds >= seconds
        return by_clock or (self.budget.moves is not None and self.budget.moves >= moves)

    def _effort(self, share: float) -> float:
        """CP-SAT's deterministic time for a share of what is left."""
        if self.budget.moves is not None:
            return self.left() * share / EFFORT
        if self.budget.seconds is None:
            return 1.0
        return max(0.0, (self.budget.seconds - self.passed()) * share / UNIT_SECONDS)

    def left(self) -> int:
        """Moves that are left; without a budget of either kind there is no search."""
        if self.budget.moves is not None:
            return self.budget.moves - self.moves - self.spent
        return UNLIMITED if self.budget.seconds is not None or self.budget.cancelled is not None else 0

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
        """Tell whoever listens."""
        if self.progress is not None:
            cost = min(self.cost, best) if best else self.cost
            told = Told(self.passed(), self.moves, cost, self.bound.points, gap(cost, self.bound.points))
            self.progress(told)
