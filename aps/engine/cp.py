"""CP-SAT for small wholes and for windows of a plan: proposes sequence and machines, the decoder decides the times."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor, wait

import numpy as np

from aps.engine.arrays import FREE, PINNED, Shop, Times
from aps.engine.compiled import NEVER, Ints
from aps.engine.cpmodel import Model
from aps.engine.decode import by_time, decode
from aps.engine.limits import MOST, WHOLE
from aps.engine.objective import COMPLETION, LATENESS, ends_of, total
from aps.engine.search import Cancelled
from aps.engine.validate import violations

WINDOW = 60
"""Operations set free in one window of a larger plan."""
WINDOWS = 4
"""Windows of one call: the costliest orders."""
CHOICE = 40
LOOK = 0.03
"""Seconds between two looks at `cancelled`."""


def refined(shop: Shop, times: Times, effort: float, seed: int, cancelled: Cancelled | None = None) -> Times:
    """A plan that is never worse: the whole when it is small, else the windows around the costliest late orders.

    `effort` is CP-SAT's deterministic time, shared by the windows; one worker, warm-started with the plan.
    """
    free = np.flatnonzero(shop.a.state == FREE)
    if effort <= 0 or len(free) == 0:
        return times
    if len(free) <= WHOLE:
        return attempt(shop, times, free, effort, seed, cancelled)
    for order in costliest(shop, times, seed):
        times = attempt(shop, times, window(shop, times, order), effort / WINDOWS, seed, cancelled)
    return times


def proved(
    shop: Shop, times: Times, bound: int, effort: float, seed: int, cancelled: Cancelled | None = None
) -> tuple[Times, int]:
    """A plan that is never worse, and points that no plan can beat: at least `bound`, more for a small whole problem.

    CP-SAT's own bound is taken where its model leaves out or shortens things, but never forbids what the judge allows:
    without pins, people, setters, transfer batches and a published plan. It looks only at plans that end soon enough to
    be better than this one.
    """
    free = np.flatnonzero(shop.a.state == FREE)
    if effort <= 0 or len(free) == 0:
        return times, bound
    if len(free) > WHOLE:
        return refined(shop, times, effort, seed, cancelled), bound
    until = latest_end(shop, times, bound)
    if until >= NEVER or not _is_relaxed(shop):
        return attempt(shop, times, free, effort, seed, cancelled), bound
    model = Model(shop, times, free, until)
    solution = solved(model, effort, seed, cancelled)
    found = _decoded(shop, times, free, solution) if solution is not None else times
    return found, max(bound, min(model.least(), total(shop, times)))


def latest_end(shop: Shop, times: Times, bound: int) -> int:
    """By when everything ends in a plan that costs no more than this one: no order may cost more than what is spared
    on all others at best, `bound`; and nothing ends after the last shift. NEVER when neither says anything.
    """
    a = shop.a
    shifts = int(max(a.ends[machine, : a.windows[machine]].max(initial=0) for machine in range(len(a.capacity))))
    spare = total(shop, times) - bound
    ends = ends_of(shop, times)
    latest = a.now
    for order in np.unique(a.order[a.state == FREE]).tolist():
        rate = int(a.weights[COMPLETION] * a.weight[order])
        if rate <= 0:
            return min(shifts, NEVER)
        latest = max(latest, int(ends[order]) + spare // rate + 1)
    return min(shifts, latest, NEVER)


def _is_relaxed(shop: Shop) -> bool:
    a = shop.a
    tied = a.units > 0 or bool((a.before_first >= 0).any()) or bool((a.state == PINNED).any())
    return not (tied or bool((a.base_machine >= 0).any()))


def costliest(shop: Shop, times: Times, seed: int = 1) -> list[int]:
    """The orders that cost most, late ones first; with another seed than 1 some of the CHOICE that do."""
    a, ends = shop.a, ends_of(shop, times)
    waits = np.where(ends >= 0, np.maximum(0, ends - a.now), 0) * a.weights[COMPLETION]
    cost = (np.maximum(0, ends - a.due) * a.weights[LATENESS] + waits) * a.weight
    ranked = [int(order) for order in np.argsort(-cost, kind="stable") if cost[order] > 0]
    if seed == 1:
        return ranked[:WINDOWS]
    dice = random.Random(seed)  # noqa: S311 - not a secret
    return dice.sample(ranked[:CHOICE], min(WINDOWS, len(ranked), CHOICE))


def window(shop: Shop, times: Times, order: int) -> Ints:
    """The order's free operations, and what runs before them on their machines, latest first, up to WINDOW."""
    a = shop.a
    own = np.flatnonzero((a.order == order) & (a.state == FREE))[:WINDOW]
    machines = np.unique(times.machine[own])
    until = int(times.end[own].max(initial=0))
    near = (a.state == FREE) & np.isin(times.machine, machines) & (times.start < until) & (a.order != order)
    others = np.flatnonzero(near)
    others = others[np.argsort(-times.start[others], kind="stable")][: WINDOW - len(own)]
    return np.sort(np.concatenate([own, others]))


def attempt(
    shop: Shop, times: Times, free: Ints, effort: float, seed: int, cancelled: Cancelled | None = None
) -> Times:
    """Solve with `free` operations free and all others in place; the result when it is legal and better."""
    if len(free) == 0 or len(free) > MOST or (cancelled is not None and cancelled()):
        return times
    solution = solved(Model(shop, times, free), effort, seed, cancelled)
    return times if solution is None else _decoded(shop, times, free, solution)


def _decoded(shop: Shop, times: Times, free: Ints, solution: tuple[Ints, Ints]) -> Times:
    """What CP-SAT proposes as the decoder times it, when it is legal and better."""
    start, option = solution
    key, chosen = times.start.copy(), times.option.copy()
    key[free], chosen[free] = start, option
    a = shop.a
    soon = (a.base_machine >= 0) & (a.base_start < a.now + a.weights[7])
    hold = np.where(soon, key, 0)
    rest = np.ones(len(key), bool)
    rest[free] = False
    hold[rest] = times.start[rest]
    found = decode(shop, by_time(shop, key), chosen, hold, np.zeros(len(key), np.int64))
    if total(shop, found) >= total(shop, times) or violations(shop.problem, shop.plan(found)):
        return times
    return found


def solved(model: Model, effort: float, seed: int, cancelled: Cancelled | None) -> tuple[Ints, Ints] | None:
    """Starts and options of the free operations, None without a solution; stops within 50 ms of a cancel.

    CP-SAT works in a thread of its own, so that `cancelled` is asked in the caller's.
    """
    solver = model.solver(effort, seed)
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(model.solve, solver)
        while cancelled is not None and wait([future], LOOK).not_done:
            if cancelled():
                solver.stop_search()
        return future.result()
