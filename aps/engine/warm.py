"""Compiles every hot loop once, so that the first question does not wait: called when the suite is set up."""

from __future__ import annotations

from dataclasses import replace

from aps.engine import moving
from aps.engine.offer import LivePlan
from aps.engine.portfolio import plan
from aps.engine.problem import Fixed, Machine, Operation, Option, Order, Problem, State, Weights
from aps.engine.rigid import is_rigid, solve
from aps.engine.rigid.island import Island
from aps.engine.rigid.net import rigid_of

MACHINES = (Machine("saw", [(0, 1000)]), Machine("drill", [(0, 1000)]))


def warm_up() -> None:
    """Plan, search (with a pin and without), answer, move by hand, and solve a rigid shop, all on two operations.

    Seconds when NUMBA_CACHE_DIR is empty, else a fraction of one.
    """
    problem = _plain()
    first = plan(problem, moves=60).plan
    plan(_pinned(problem), moves=5)
    live, more = LivePlan(problem, first), [Operation("B.1", "B", problem.operations[0].options)]
    live.proof(Order("B", 30), more, (), replace(live.offers(Order("B", 30), more)[0], bound_min=0))
    moving.moved(live.shop, live.times, [moving.Move(0, 1, 0, pin=True)])
    _rigid()


def warm_up_for(problem: Problem) -> None:
    """Only what solving this problem needs, so that no memory goes to anything else."""
    if is_rigid(problem):
        _rigid()
        return
    plan(_plain(), moves=60)
    if any(one.state is State.PINNED for one in problem.operations):
        plan(_pinned(_plain()), moves=5)


def _plain() -> Problem:
    options = [Option("saw", 5, 10), Option("drill", 5, 10)]
    operations = [Operation("A.1", "A", options, family="oak"), Operation("A.2", "A", options, [("A.1", 0)])]
    return Problem(MACHINES, operations, [Order("A", 5)])


def _pinned(problem: Problem) -> Problem:
    pinned = replace(problem.operations[0], state=State.PINNED, fixed=Fixed("saw", 30))
    return replace(problem, operations=[pinned, problem.operations[1]])


def _rigid() -> None:
    quick = [Option("saw", 0, 10), Option("drill", 0, 10)]
    operations = [Operation("A.1", "A", quick), Operation("A.2", "A", quick, [("A.1", 0)])]
    shop = Problem(MACHINES, operations, [Order("A", 5)], weights=Weights(0, 0, 0, 0, 0, 0, makespan=1))
    solve(shop, moves=1)
    Island(rigid_of(shop).net, seed=1, lowest=0).advance(1, lambda: False)


if __name__ == "__main__":
    warm_up()
    print("Every hot loop of the engine is compiled", flush=True)
