"""Compiles every hot loop once, so that the first question does not wait: called when the suite is set up."""

from __future__ import annotations

from aps.engine.offer import LivePlan
from aps.engine.portfolio import plan
from aps.engine.problem import Machine, Operation, Option, Order, Problem


def warm_up() -> None:
    """Plan, search and answer on two operations. Seconds when NUMBA_CACHE_DIR is empty, else a fraction of one."""
    machines = [Machine("saw", [(0, 1000)]), Machine("drill", [(0, 1000)])]
    options = [Option("saw", 5, 10), Option("drill", 5, 10)]
    operations = [Operation("A.1", "A", options, family="oak"), Operation("A.2", "A", options, [("A.1", 0)])]
    problem = Problem(machines, operations, [Order("A", 5)])
    first = plan(problem, moves=20).plan
    LivePlan(problem, first).offers(Order("B", 30), [Operation("B.1", "B", options)])
