"""Who works when: keep the incumbent, insert what is new, build anew when that is better, then search behind it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aps.engine.arrays import FREE, Shop, Times, shop_of
from aps.engine.compiled import Ints
from aps.engine.construct import best_plan, urgency
from aps.engine.decode import decode
from aps.engine.frozen import held
from aps.engine.objective import Objective, ends_of, objective_of, total
from aps.engine.problem import Plan, Problem
from aps.engine.repair import settled, shifted
from aps.engine.search import Cancelled, Progress, searched
from aps.engine.weightspace import weighed

PUSHES = 20
"""How many late new orders may try to push others aside; each try is one decoding of the plan."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A plan, what it costs, and which steps improved it."""

    plan: Plan
    objective: Objective
    steps: tuple[str, ...]


def plan(
    problem: Problem,
    incumbent: Plan | None = None,
    *,
    published: Plan | None = None,
    moves: int = 0,
    seed: int = 1,
    exact_effort: float = 0.0,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> Outcome:
    """Plan the problem, incrementally when there is an incumbent.

    The legal part of the incumbent stays; what an event touches moves to the right; operations that are not in it go
    into gaps by due date; a new order that would be late that way may push others when the objective is better for it.
    Then `moves` moves of search, a fifth of them as weight-space search when built from nothing; then CP-SAT within
    `exact_effort` of its deterministic time (one unit is some 2 to 4 seconds), on the whole when at most `limits.WHOLE`
    operations are free, else on windows. Stability counts against `published` (default: the incumbent), and its
    frozen window stays. Never worse than the first step. `progress` gets (moves, best objective);
    `cancelled` ends rules, search and CP-SAT early. Raises HorizonTooShortError.
    """
    known = published if published is not None else incumbent
    shop = shop_of(problem if known is None else held(problem, known), known)
    times, steps = first(shop, shop.times(incumbent or Plan()), cancelled)
    shop.plan(times)
    weighing = weighings(shop, moves) if steps == ["construct"] else 0
    if weighing > 0:
        times, steps = reweighed(shop, times, weighing, seed, progress, cancelled)
        spent = weighing * price(shop)
        moves, progress = moves - spent, behind(progress, spent)
    for name in ("search", "exact") if exact_effort > 0 else ("search",):
        if name == "exact":
            from aps.engine import cp  # OR-Tools takes most of a second to import, and only solvers need it

            found = cp.refined(shop, times, exact_effort, seed, cancelled)
        else:
            found = searched(shop, times, moves, seed, progress, cancelled)
        if total(shop, found) < total(shop, times):
            times, steps = found, [*steps, name]
    return Outcome(shop.plan(times), objective_of(shop, times), tuple(steps))


def price(shop: Shop) -> int:
    """A dispatch takes about as long as so many moves."""
    return max(1, len(shop.operations) // 5)


def weighings(shop: Shop, moves: int) -> int:
    """The dispatches that a fifth of the moves pays for."""
    return moves // 5 // price(shop)


def reweighed(
    shop: Shop, times: Times, dispatches: int, seed: int, progress: Progress | None, cancelled: Cancelled | None
) -> tuple[Times, list[str]]:
    """Weight-space search behind a plan built from nothing, and the steps."""

    def tell(done: int, least: int) -> None:
        if progress is not None:
            progress(done * price(shop), least)

    found = weighed(shop, times, dispatches, seed, tell, cancelled)
    return found, ["construct"] + ["weigh"] * (found is not times)


def behind(progress: Progress | None, spent: int) -> Progress | None:
    """The same progress, `spent` moves later."""
    if progress is None:
        return None
    tell = progress
    return lambda moves, least: tell(moves + spent, least)


def first(shop: Shop, known: Times, cancelled: Cancelled | None = None) -> tuple[Times, list[str]]:
    """The first legal plan, and how it came about."""
    open_now = int((shop.a.state == FREE).sum())
    missing = int(((known.machine < 0) & (shop.a.state == FREE)).sum())
    if missing == open_now:
        return best_plan(shop, cancelled), ["construct"]
    times = shifted(shop, known)
    steps = ["right shift"]
    if missing:
        times, pushed = inserted(shop, known, times)
        steps += ["insert"] + ["push"] * pushed
    if 2 * missing > open_now:
        fresh = best_plan(shop, cancelled)
        if total(shop, fresh) < total(shop, times):
            return fresh, ["construct"]
    return times, steps


def inserted(shop: Shop, known: Times, times: Times) -> tuple[Times, bool]:
    """Let late new orders push others aside, the most urgent first, as long as the objective gains."""
    a = shop.a
    new = known.machine < 0
    late = ends_of(shop, times) > a.due
    wanted = urgency(shop)
    orders = [order for order in np.unique(a.order[new]).tolist() if late[order]]
    orders.sort(key=lambda order: (int(a.due[order]), order))
    cost, pushed = total(shop, times), False
    early = np.zeros(len(new), bool)
    for order in orders[:PUSHES]:
        trial = early | (new & feeding(shop, order))
        candidate = _pushed(shop, known, trial, wanted)
        value = total(shop, candidate)
        if value < cost:
            times, cost, early, pushed = candidate, value, trial, True
    return times, pushed


def _pushed(shop: Shop, known: Times, early: Ints, wanted: Ints) -> Times:
    """Decode with the `early` operations first, then the known by start, then the other new ones by urgency."""
    planned = known.machine >= 0
    rank = np.where(early, 0, np.where(planned, 1, 2))
    within = np.where(planned, known.start, wanted)
    sequence = settled(shop, np.lexsort((within, rank)).astype(np.int64))
    floor = np.where(planned, known.start, 0)
    return decode(shop, sequence, known.option, floor, np.ones(len(planned), np.int64))


def feeding(shop: Shop, order: int) -> Ints:
    """Marks the operations of the order and everything that it waits for."""
    a = shop.a
    marked: Ints = a.order == order
    for at in shop.topological[::-1].tolist():
        if marked[at]:
            marked[a.before[a.first_before[at] : a.first_before[at + 1]]] = True
    return marked
