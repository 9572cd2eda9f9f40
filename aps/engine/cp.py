"""CP-SAT for small wholes and for windows of a plan: proposes sequence and machines, the decoder decides the times."""

from __future__ import annotations

import threading

import numpy as np

from aps.engine.arrays import FREE, Shop, Times
from aps.engine.compiled import Ints
from aps.engine.cpmodel import Model
from aps.engine.decode import by_time, decode
from aps.engine.objective import ends_of, total
from aps.engine.search import Cancelled
from aps.engine.validate import violations

WHOLE = 150
"""Free operations up to which the whole problem is given to CP-SAT."""
WINDOW = 60
"""Operations set free in one window of a larger plan."""
WINDOWS = 4
"""Windows of one call: the costliest late orders."""
MOST = 2000
"""CP-SAT answers a cancel too slowly beyond so many operations."""


def refined(shop: Shop, times: Times, effort: float, seed: int, cancelled: Cancelled | None = None) -> Times:
    """A plan that is never worse: the whole when it is small, else the windows around the costliest late orders.

    `effort` is CP-SAT's deterministic time, shared by the windows; one worker, warm-started with the plan.
    """
    free = np.flatnonzero(shop.a.state == FREE)
    if effort <= 0 or len(free) == 0:
        return times
    if len(free) <= WHOLE:
        return attempt(shop, times, free, effort, seed, cancelled)
    for order in costliest(shop, times):
        times = attempt(shop, times, window(shop, times, order), effort / WINDOWS, seed, cancelled)
    return times


def costliest(shop: Shop, times: Times) -> list[int]:
    """The late orders that cost most."""
    ends = ends_of(shop, times)
    cost = np.maximum(0, ends - shop.a.due) * shop.a.weight
    ranked = np.argsort(-cost, kind="stable")[:WINDOWS]
    return [int(order) for order in ranked if cost[order] > 0]


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
    model = Model(shop, times, free)
    solution = solved(model, effort, seed, cancelled)
    if solution is None:
        return times
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
    """Starts and options of the free operations, None without a solution; stops within 50 ms of a cancel."""
    solver = model.solver(effort, seed)
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.05):
            if cancelled is not None and cancelled():
                solver.stop_search()
                return

    if cancelled is not None:
        threading.Thread(target=watch, daemon=True).start()
    try:
        return model.solve(solver)
    finally:
        done.set()
