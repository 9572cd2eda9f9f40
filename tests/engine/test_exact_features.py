"""CP-SAT knows what the model knows: from a poor plan it reaches the optimum that is worked by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from aps.engine import cp
from aps.engine.arrays import shop_of
from aps.engine.objective import objective
from aps.engine.portfolio import plan
from aps.engine.problem import Machine, Plan, Problem, Resource
from tests.engine.rich import rich_factory
from tests.engine.shops import always, chain, kinds
from tests.engine.test_features import job, shop


def exact(problem: Problem) -> Plan:
    """CP-SAT alone, warm-started by the plan in which everything comes in the order given."""
    arrays = shop_of(problem)
    found = cp.refined(arrays, arrays.times(plan(problem).plan), 3.0, 1)
    return arrays.plan(found)


def test_two_pairs_of_jobs_share_two_people() -> None:
    """Three machines, Ann and Ben able to do all: jobs of 60, 60 and 120, one person each. 120 is the least: one takes
    the long job, the other both short ones.
    """
    operations = [job("A", "m1", 60, needs=("x",)), job("B", "m2", 60, needs=("x",)), job("C", "m3", 120, needs=("x",))]
    machines = [Machine(name, always()) for name in ("m1", "m2", "m3")]
    problem = shop(machines, operations, resources=[Resource(name, always(), ["x"]) for name in ("Ann", "Ben")])
    assert objective(problem, exact(problem)).makespan == 120


def test_trays_wait_for_each_other_when_that_ends_sooner() -> None:
    """An oven of 2, trays of 60. White A is there at 0, white B at 10, oak C at 0. A alone, then C, then B: 180. A
    waits for B: C first 0 to 60, then A and B 60 to 120.
    """
    operations = [
        job("A", "oven", 60, family="white"),
        job("B", "oven", 60, family="white", release_min=10),
        job("C", "oven", 60, family="oak"),
    ]
    problem = shop([Machine("oven", always(), capacity=2)], operations)
    assert objective(problem, exact(problem)).makespan == 120


def test_what_must_follow_soon_is_kept_together() -> None:
    """A is glued in 10 and pressed for 30 at most 5 later; B is only pressed, for 40. B first, gluing 30 to 40, then
    A's press 40 to 70: 70. A first 10 to 40, B 40 to 80: 80. Nothing is below 70, the work on the press.
    """
    glue, press = chain("A", [("bench", 10), ("press", 30)])
    press = replace(press, latest={glue.id: 5})
    problem = shop([Machine("bench", always()), Machine("press", always())], [glue, press, job("B", "press", 40)])
    assert objective(problem, exact(problem)).makespan == 70


@pytest.mark.parametrize("seed", range(6))
def test_it_never_makes_a_rich_plan_worse_or_illegal(seed: int) -> None:
    problem = rich_factory(seed, orders=3)
    arrays = shop_of(problem)
    before = plan(problem).plan
    after = arrays.plan(cp.refined(arrays, arrays.times(before), 0.5, 1))
    assert kinds(problem, after) == set()
    assert objective(problem, after).total <= objective(problem, before).total
    assert np.isfinite(objective(problem, after).total)
