"""A machine goes down: the plan kept in memory tells at once what moves."""

from __future__ import annotations

import pytest

from aps.engine.events import MachineDown, after
from aps.engine.offer import LivePlan
from aps.engine.portfolio import plan
from aps.engine.problem import Machine, Order, Placement, Plan, Problem
from aps.engine.repair import right_shift
from tests.engine.rich import rich_factory
from tests.engine.shops import always, chain, kinds, random_factory, times


def test_only_what_the_hole_touches_moves() -> None:
    """A 0-100 and B 100-200 on the saw, C on the drill. The saw is down from 50 to 80: A is done at 130, B at 230."""
    operations = chain("A", [("saw", 100)]) + chain("B", [("saw", 100)]) + chain("C", [("drill", 60)])
    machines = [Machine("saw", always()), Machine("drill", always())]
    problem = Problem(machines, operations, [Order(name) for name in "ABC"])
    live = LivePlan(
        problem,
        Plan({"A.1": Placement("saw", 0, 100), "B.1": Placement("saw", 100, 200), "C.1": Placement("drill", 0, 60)}),
    )
    assert times(Plan(live.down("saw", 50, 80))) == {"A.1": ("saw", 0, 130), "B.1": ("saw", 130, 230)}
    assert live.down("saw", 300, 400) == {}
    assert live.down("drill", 0, 10) == {"C.1": Placement("drill", 10, 70)}


@pytest.mark.parametrize("seed", range(10))
def test_it_is_the_right_shift_of_the_changed_problem(seed: int) -> None:
    """With people and without, whichever machine."""
    problem = rich_factory(seed) if seed % 2 else random_factory(seed, orders=10)
    before = plan(problem).plan
    machine = problem.machines[seed % len(problem.machines)].id
    live = LivePlan(problem, before)
    changed = after(problem, before, MachineDown(machine, 100, 400))
    shifted = right_shift(changed, before)
    found = Plan({**before.placements, **live.down(machine, 100, 400)})
    assert found == shifted
    assert kinds(changed, found) == kinds(changed, shifted)
