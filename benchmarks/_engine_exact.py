"""The baselines: CP-SAT alone, and the best dispatch rule, on whole problems."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from ortools.sat.python import cp_model

from aps.engine.arrays import FREE, Shop, shop_of
from aps.engine.compiled import Ints
from aps.engine.construct import GRID, Dispatcher, candidates
from aps.engine.cpmodel import Model
from aps.engine.decode import by_time, decode
from aps.engine.generate import generate
from aps.engine.objective import total
from aps.engine.rigid.bounds import lower_bound
from aps.engine.rigid.elite import Elite
from aps.engine.rigid.exact import Exact
from aps.engine.rigid.net import Net, selection_for
from aps.engine.rigid.start import first_order, tails_of
from aps.engine.rigid.timing import build

Curve = list[tuple[float, int]]
SOLVED = (cp_model.OPTIMAL, cp_model.FEASIBLE)


def best_rule(shop: Shop) -> tuple[int, float]:
    """The points of the best single dispatch rule of the grid, and the seconds that all of them took."""
    began = time.perf_counter()
    dispatcher = Dispatcher(shop)
    least = min(total(shop, dispatcher.dispatched(tuning)) for tuning in GRID)
    return least, time.perf_counter() - began


def best_construction(shop: Shop) -> int:
    """The points of the best plan of all rules, with the best sequences decoded into gaps."""
    return min(total(shop, times) for times in candidates(shop))


@dataclass
class Alone:
    """What CP-SAT did: when it had a better plan, the bound, and whether that is proved best."""

    curve: Curve = field(default_factory=list)
    bound: float = 0.0
    status: str = ""


class _Watch(cp_model.CpSolverSolutionCallback):
    """Notes starts and choices whenever there is a better plan."""

    def __init__(self, began: float, starts: list[Any], choices: list[list[Any]]) -> None:
        super().__init__()
        self.began, self.starts, self.choices = began, starts, choices
        self.found: list[tuple[float, list[int], list[int]]] = []

    def on_solution_callback(self) -> None:
        """Called by the solver."""
        starts = [self.value(one) for one in self.starts]
        chosen = [next((k for k, one in enumerate(row) if self.boolean_value(one)), 0) for row in self.choices]
        self.found.append((time.perf_counter() - self.began, starts, chosen))


def solve_alone(operations: int, seed: int, seconds: float, workers: int, *, hinted: bool) -> dict[str, Any]:
    """CP-SAT on a generated factory, `hinted` with a rule's plan or not; the seconds begin when its model is built."""
    shop = shop_of(generate(operations, seed))
    began = time.perf_counter()
    first = next(iter(candidates(shop)))
    free = np.flatnonzero(shop.a.state == FREE)
    model = Model(shop, first, free)
    if not hinted:
        model.model.clear_hints()
    built, began = time.perf_counter() - began, time.perf_counter()
    options = [list(model.choice[at]) for at in model.free]
    watch = _Watch(
        began,
        [model.start[at] for at in model.free],
        [[model.choice[at][option] for option in row] for at, row in zip(model.free, options, strict=True)],
    )
    solver = cp_model.CpSolver()
    solver.parameters.num_workers, solver.parameters.max_time_in_seconds = workers, seconds
    solver.parameters.random_seed = seed
    status = solver.solve(model.model, watch)
    curve: Curve = []
    for at, starts, chosen in watch.found:
        key, option = first.start.copy(), first.option.copy()
        key[free] = starts
        option[free] = [row[k] for row, k in zip(options, chosen, strict=True)]
        none: Ints = np.zeros(len(key), np.int64)
        points = total(shop, decode(shop, by_time(shop, key), option, none, none))
        curve.append((round(at, 3), min([points, *(known for _, known in curve)])))
    return {"built_s": built, "curve": curve, "status": status.name}


def rigid_rule(net: Net) -> Elite:
    """The best of the rules with which the rigid search begins."""
    tail, s, dice = tails_of(net), selection_for(net), np.ones(1, np.int64)
    plans = [first_order(net, tail, 0, thrift, dice) for thrift in range(4)]
    return min((Elite(int(build(net, s, *plan)), *plan) for plan in plans), key=lambda one: one.makespan)


def rigid_alone(net: Net, rule: Elite, seconds: float, workers: int, seed: int = 1) -> Alone:
    """CP-SAT on a rigid shop, hinted with the rule's plan and told the bound; stops when the plan is proved best."""
    bound = lower_bound(net)
    found = Alone([(0.0, rule.makespan)], bound)
    if bound >= rule.makespan:
        return Alone([(0.0, rule.makespan)], bound, "OPTIMAL")
    exact = Exact(net, rule, bound)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers, solver.parameters.max_time_in_seconds = workers, seconds
    solver.parameters.random_seed = seed
    watch = _Makespans(time.perf_counter())
    status = solver.solve(exact.model, watch)
    found.curve += watch.curve
    found.bound, found.status = max(bound, solver.best_objective_bound), status.name
    if status in SOLVED:
        found.curve.append((solver.wall_time, min(exact.plan(solver).makespan, found.curve[-1][1])))
    elif status == cp_model.INFEASIBLE:  # it looks only for plans that end before the rule's
        found.status = "OPTIMAL"
    return found


class _Makespans(cp_model.CpSolverSolutionCallback):
    """Notes the makespan whenever it is less."""

    def __init__(self, began: float) -> None:
        super().__init__()
        self.began = began
        self.curve: Curve = []

    def on_solution_callback(self) -> None:
        """Called by the solver."""
        self.curve.append((round(time.perf_counter() - self.began, 3), round(self.objective_value)))
