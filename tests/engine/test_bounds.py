"""Bounds worked by hand, and that no plan of many random factories beats them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from aps.engine.arrays import shop_of
from aps.engine.bounds import bounds, earliest
from aps.engine.construct import candidates
from aps.engine.formats import jsp
from aps.engine.formats.instance import ALWAYS, MAKESPAN, TARDINESS
from aps.engine.loads import Group, jackson
from aps.engine.objective import objective, total
from aps.engine.portfolio import plan
from aps.engine.problem import Machine, Operation, Option, Order, Overlap, Problem, Weights
from tests.engine.rich import rich_factory
from tests.engine.shops import always, chain, day_shift, pinned, random_factory, started

OPEN = [Machine("saw", [ALWAYS]), Machine("drill", [ALWAYS])]


def makespan(problem: Problem) -> int:
    return bounds(shop_of(problem)).makespan


def test_the_longest_path_counts() -> None:
    """10 on the saw, a lag of 5, 20 on the faster of two machines, transport 7: 42."""
    second = Operation("A.2", "A", [Option("saw", 9, 30), Option("drill", 0, 20)], [("A.1", 5)])
    problem = Problem(OPEN, [*chain("A", [("saw", 10)]), second], [Order("A", transport_min=7)], weights=MAKESPAN)
    assert makespan(problem) == 42


def test_the_load_of_a_machine_counts_with_heads_and_tails() -> None:
    """Saw: A 30 with 5 on the drill behind it, B 40 ready at 10, C 20 with 50 on the drill behind it. C first, then A,
    then B: 90 on the saw in all, and nothing behind B. C's path is 70.
    """
    operations = [
        *chain("A", [("saw", 30), ("drill", 5)]),
        *chain("B", [("saw", 40)], release=10),
        *chain("C", [("saw", 20), ("drill", 50)]),
    ]
    assert makespan(Problem(OPEN, operations, [Order("A"), Order("B"), Order("C")], weights=MAKESPAN)) == 90


def test_jackson_prefers_the_longer_tail_and_interrupts() -> None:
    """Head, minutes, tail: (0, 6, 3), (2, 4, 9). The second interrupts at 2 and ends at 6: 15; the first at 10: 13. Two
    machines: half the minutes, ends at 2 + 2 + 9 = 13.
    """
    heads, tails, minutes = np.array([0, 2]), np.array([3, 9]), np.array([6, 4])
    assert jackson(Group((0,), np.array([0, 1]), minutes, 1), heads, tails) == 15
    assert jackson(Group((0, 1), np.array([0, 1]), minutes, 2), heads, tails) == 13


def test_two_machines_share_their_work() -> None:
    """Five operations of 10 that either machine can do: 50 minutes on two machines are 25."""
    options = [Option("saw", 0, 10), Option("drill", 0, 10)]
    operations = [Operation(at, at, options) for at in range(5)]
    assert makespan(Problem(OPEN, operations, [Order(at) for at in range(5)], weights=MAKESPAN)) == 25


def test_shifts_stretch_the_load() -> None:
    """Six times 100 minutes on a machine that works 450 minutes a day: 450 on day one, 150 on day two, which end at
    1440 + 150.
    """
    operations = [one for at in range(6) for one in chain(f"O{at}", [("saw", 100)])]
    problem = Problem([Machine("saw", day_shift())], operations, [Order(f"O{at}") for at in range(6)], weights=MAKESPAN)
    assert makespan(problem) == 1590


def test_lateness_counts_from_the_earliest_end() -> None:
    """A cannot end before 130 and is due at 100, weight 2: 60 points; B can be in time."""
    operations = chain("A", [("saw", 100)], release=30) + chain("B", [("saw", 50)])
    problem = Problem(OPEN, operations, [Order("A", 100, 2), Order("B", 60)], weights=TARDINESS)
    assert bounds(shop_of(problem)).points == 60


def test_decided_work_is_where_it_is() -> None:
    """Started work has 40 minutes left from now (10), a pin stands at 200: ends 50 and 230."""
    one = started(chain("A", [("saw", 100)])[0], "saw", 0, 40)
    other = pinned(chain("B", [("drill", 30)])[0], "drill", 200)
    problem = Problem(OPEN, [one, other], [Order("A"), Order("B")], 10, MAKESPAN)
    assert earliest(shop_of(problem))[1].tolist() == [50, 230]
    assert makespan(problem) == 220


def test_the_bound_of_a_small_job_shop_is_met() -> None:
    """Two jobs cross: 0 3 1 4 and 1 2 0 1. Job 1 alone takes 7, and 7 is possible: job 2 on machine 1 from 0 to 2 and
    on machine 0 from 3 to 4.
    """
    problem = jsp.read("2 2\n0 3 1 4\n1 2 0 1\n", "a.jsp").problem
    assert makespan(problem) == 7
    assert plan(problem, moves=50).objective.total == 7


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("weights", [MAKESPAN, TARDINESS, Weights()])
def test_no_plan_beats_the_bounds(seed: int, weights: Weights) -> None:
    problem = replace(random_factory(seed), weights=weights)
    result = plan(problem, moves=200)
    assert bounds(shop_of(problem)).points <= objective(problem, result.plan).total


@pytest.mark.parametrize("seed", range(60))
def test_nor_with_people_ovens_sites_overlaps_and_lorries(seed: int) -> None:
    for weights in (MAKESPAN, TARDINESS, Weights()):
        problem = replace(rich_factory(seed), weights=weights)
        shop = shop_of(problem)
        for times in candidates(shop):
            assert bounds(shop).points <= total(shop, times)


def test_an_oven_counts_as_many_machines_as_fit_into_it() -> None:
    """Three in it at a time: five operations of size 1 and one of size 2, 60 minutes each, are 7 x 60 / 3 = 140."""
    oven = [Option("oven", 0, 60)]
    operations = [Operation(at, at, oven, family="red", size=1 + (at == 5)) for at in range(6)]
    problem = Problem([Machine("oven", [ALWAYS], capacity=3)], operations, [Order(at) for at in range(6)])
    assert makespan(replace(problem, weights=MAKESPAN)) == 140


def test_an_overlap_shortens_the_path_and_a_lorry_lengthens_it() -> None:
    """Saw 0-100. The drill (20) may start 30 minutes behind it and ends at least 5 behind its end: 105. The lorry goes
    at 200 and takes 50.
    """
    first, second = chain("A", [("saw", 100), ("drill", 20)])
    second = replace(second, overlaps={first.id: Overlap(30, 5)})
    order = Order("A", transport_min=50, shipping=[(200, 210)])
    assert makespan(Problem(OPEN, [first, second], [Order("A")], weights=MAKESPAN)) == 105
    assert makespan(Problem(OPEN, [first, second], [order], weights=MAKESPAN)) == 250


def test_the_way_between_plants_counts() -> None:
    """10 min in the north, the way of 60, 5 min in the south, transport 7: 82, however free all machines are."""
    operations = chain("A", [("north", 10), ("south", 5)])
    machines = [Machine("north", always(), site="N"), Machine("south", always(), site="S")]
    order = [Order("A", 0, transport_min=7)]
    problem = Problem(machines, operations, order, transports={("N", "S"): 60})
    assert bounds(shop_of(problem)).makespan == 82
    assert bounds(shop_of(problem)).points == 82 * 101
