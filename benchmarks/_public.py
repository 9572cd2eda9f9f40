"""Public job shops and flexible job shops: our gap to the best known makespan, CP-SAT alone and a rule beside it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from aps.engine import rigid
from aps.engine.problem import Problem
from aps.engine.rigid.bounds import lower_bound
from aps.engine.rigid.elite import Elite
from aps.engine.rigid.exact import Exact
from aps.engine.rigid.net import Net, rigid_of, selection_for
from aps.engine.rigid.start import first_order, tails_of
from aps.engine.rigid.timing import build
from aps.engine.validate import violations

Read = Callable[[Path], Problem]


@dataclass(frozen=True)
class Row:
    """One instance: best known makespan (None when unknown), ours with its bound, CP-SAT's and the rule's."""

    instance: str
    operations: int
    best: int | None
    ours: int
    bound: int
    moves: int
    exact: int
    rule: int

    def gap(self, makespan: int) -> float | None:
        """Percent above the best known makespan."""
        return None if self.best is None else 100 * (makespan - self.best) / self.best


def rows(folder: Path, read: Read, *, seconds: float, workers: int, seed: int = 1) -> Iterator[Row]:
    """Each .fjs and .jsp file of the folder, with what bks.json knows of it. Raises ValueError for an illegal plan."""
    known = folder / "bks.json"
    best = json.loads(known.read_text()) if known.exists() else {}
    for path in sorted(one for one in folder.iterdir() if one.suffix in (".fjs", ".jsp")):
        yield row(path.name, read(path), best.get(path.name, {}).get("best"), seconds, workers, seed)


def row(name: str, problem: Problem, best: int | None, seconds: float, workers: int, seed: int) -> Row:
    """Ours and the baselines with the same seconds and workers, one after the other."""
    result = rigid.solve(problem, seconds=seconds, workers=workers, seed=seed, clock=time.perf_counter)
    broken = violations(problem, result.plan)
    if broken:
        raise ValueError(f"{name}: {broken[0].sentence}")
    net = rigid_of(problem).net
    rule = by_rule(net)
    exact = by_exact(net, rule, seconds, workers)
    return Row(
        name, len(problem.operations), best, result.makespan, result.lower_bound, result.moves, exact, rule.makespan
    )


def by_rule(net: Net) -> Elite:
    """The best of the rules with which the search begins."""
    tail, s, dice = tails_of(net), selection_for(net), np.ones(1, np.int64)
    plans = [first_order(net, tail, 0, thrift, dice) for thrift in range(4)]
    return min((Elite(int(build(net, s, *plan)), *plan) for plan in plans), key=lambda one: one.makespan)


def by_exact(net: Net, rule: Elite, seconds: float, workers: int) -> int:
    """CP-SAT alone, hinted with the rule's plan and told the bound; the rule's makespan when it finds no better."""
    from ortools.sat.python import cp_model

    bound = lower_bound(net)
    if bound >= rule.makespan:
        return rule.makespan
    exact = Exact(net, rule, bound)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = workers
    solver.parameters.max_time_in_seconds = seconds
    status = solver.solve(exact.model)
    return exact.plan(solver).makespan if status in (cp_model.OPTIMAL, cp_model.FEASIBLE) else rule.makespan


def means(found: list[Row]) -> dict[str, float]:
    """The mean gaps over the instances with a best known makespan."""
    judged = [one for one in found if one.best is not None]
    return {
        name: round(float(np.mean([one.gap(getattr(one, name)) or 0.0 for one in judged])), 3) if judged else 0.0
        for name in ("ours", "exact", "rule")
    }
