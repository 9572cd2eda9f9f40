"""CP-SAT on a rigid shop: proofs and bounds, and now and then a better plan. One worker, a deterministic limit."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from aps.engine.rigid.elite import Elite
from aps.engine.rigid.net import Net, selection_for
from aps.engine.rigid.start import heads_of, tails_of
from aps.engine.rigid.timing import build

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

MOST = 2000
"""CP-SAT answers a cancel too slowly beyond so many operations."""


def proved(net: Net, elite: Elite, bound: int, effort: float, seed: int, stop: Callable[[], bool]) -> tuple[Elite, int]:
    """The plan or a better one, and the bound or a higher one, for `effort` units of CP-SAT's deterministic time.

    Asks only for plans that end sooner: when there are none, bound and makespan meet. Stops within 50 ms.
    """
    if len(net.release) > MOST or effort <= 0 or bound >= elite.makespan or stop():
        return elite, bound
    from ortools.sat.python import cp_model  # most of a second to import, for nothing where the bound is met

    exact = Exact(net, elite, bound)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_deterministic_time = effort
    solver.parameters.random_seed = seed % (1 << 30)
    status = solved(solver, exact.model, stop)
    if status == cp_model.INFEASIBLE:
        return elite, elite.makespan
    if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        elite = exact.plan(solver)
    if status in (cp_model.OPTIMAL, cp_model.FEASIBLE, cp_model.UNKNOWN):
        bound = max(bound, int(solver.best_objective_bound - 0.001) if solver.best_objective_bound > 0 else 0)
    return elite, min(bound, elite.makespan)


def solved(solver: cp_model.CpSolver, model: cp_model.CpModel, stop: Callable[[], bool]) -> cp_model.CpSolverStatus:
    """Solve; a thread asks every 50 ms whether to stop."""
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.05):
            if stop():
                solver.stop_search()
                return

    threading.Thread(target=watch, daemon=True).start()
    try:
        return solver.solve(model)
    finally:
        done.set()


class Exact:
    """The model: an interval per operation, an optional one per option, no overlap on machines, all before the end."""

    def __init__(self, net: Net, elite: Elite, bound: int) -> None:
        """Build it for plans better than `elite`, whose starts and options are the hint."""
        from ortools.sat.python import cp_model

        self.net, self.elite = net, elite
        self.model = model = cp_model.CpModel()
        self.hint = selection_for(net)
        build(net, self.hint, elite.order, elite.option)
        latest = elite.makespan - 1
        last = model.new_int_var(min(bound, latest), latest, "")
        self.lanes: list[list[cp_model.IntervalVar]] = [[] for _ in range(len(net.first_lane) - 1)]
        self.start: list[cp_model.IntVar] = []
        self.end: list[cp_model.LinearExprT] = []
        self.chosen: dict[int, cp_model.IntVar] = {}
        head, tail = heads_of(net).tolist(), tails_of(net).tolist()
        for at in range(len(head)):
            self._operation(at, head[at], max(head[at], latest - tail[at]))
            if head[at] + tail[at] > latest:
                model.add_bool_or([])
        for at in range(len(head)):
            for k in range(net.first_before[at], net.first_before[at + 1]):
                model.add(self.start[at] >= self.end[int(net.before[k])] + int(net.before_lag[k]))
            if net.after[at] > 0 or net.first_behind[at] == net.first_behind[at + 1]:
                model.add(last >= self.end[at] + int(net.after[at]))
        for lane in self.lanes:
            model.add_no_overlap(lane)
        model.minimize(last)

    def _operation(self, at: int, earliest: int, latest: int) -> None:
        net, model = self.net, self.model
        start = model.new_int_var(earliest, latest, "")
        model.add_hint(start, min(latest, int(self.hint.head[at])))
        self.start.append(start)
        first, end = int(net.first_option[at]), int(net.first_option[at + 1])
        run = [int(one) for one in net.option_run[first:end]]
        machine = [int(one) for one in net.option_machine[first:end]]
        if end - first == 1:
            self.lanes[machine[0]].append(model.new_fixed_size_interval_var(start, run[0], ""))
            self.end.append(start + run[0])
            return
        chosen = [model.new_bool_var("") for _ in run]
        model.add_exactly_one(chosen)
        for k, literal in enumerate(chosen):
            self.chosen[first + k] = literal
            model.add_hint(literal, int(self.elite.option[at]) == first + k)
            self.lanes[machine[k]].append(model.new_optional_fixed_size_interval_var(start, run[k], literal, ""))
        self.end.append(start + sum(minutes * literal for minutes, literal in zip(run, chosen, strict=True)))

    def plan(self, solver: cp_model.CpSolver) -> Elite:
        """The solution, every operation as early as its sequence lets it."""
        option = self.elite.option.copy()
        for at in range(len(option)):
            for k in range(self.net.first_option[at], self.net.first_option[at + 1]):
                if k in self.chosen and solver.boolean_value(self.chosen[k]):
                    option[at] = k
        start = np.array([solver.value(one) for one in self.start], np.int64)
        order = np.argsort(start, kind="stable").astype(np.int64)
        return Elite(int(build(self.net, self.hint, order, option)), order, option)
