"""Compiles every hot loop once, so that the first question does not wait: called when the suite is set up."""

from __future__ import annotations

from dataclasses import replace

from aps.engine.offer import LivePlan
from aps.engine.portfolio import plan
from aps.engine.problem import Fixed, Machine, Operation, Option, Order, Problem, State, Weights
from aps.engine.rigid import solve
from aps.engine.rigid.island import Island
from aps.engine.rigid.net import rigid_of


def warm_up() -> None:
    """Plan, search (with a pin and without) and answer on two operations.

    Seconds when NUMBA_CACHE_DIR is empty, else a fraction of one.
    """
    machines = [Machine("saw", [(0, 1000)]), Machine("drill", [(0, 1000)])]
    options = [Option("saw", 5, 10), Option("drill", 5, 10)]
    operations = [Operation("A.1", "A", options, family="oak"), Operation("A.2", "A", options, [("A.1", 0)])]
    problem = Problem(machines, operations, [Order("A", 5)])
    first = plan(problem, moves=60).plan
    pinned = replace(operations[0], state=State.PINNED, fixed=Fixed("saw", 30))
    plan(replace(problem, operations=[pinned, operations[1]]), moves=5)
    LivePlan(problem, first).offers(Order("B", 30), [Operation("B.1", "B", options)])
    quick = [Option("saw", 0, 10), Option("drill", 0, 10)]
    rigid = [Operation("A.1", "A", quick), Operation("A.2", "A", quick, [("A.1", 0)])]
    shop = Problem(machines, rigid, problem.orders, weights=Weights(0, 0, 0, 0, 0, 0, makespan=1))
    solve(shop, moves=1)
    Island(rigid_of(shop).net, seed=1, lowest=0).advance(1, lambda: False)
