"""Several searchers at once: the same plan every time, parts of the factory, CP-SAT's turns and proofs."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import numpy as np
import pytest

from aps.engine import cp
from aps.engine.arrays import shop_of
from aps.engine.bounds import bounds
from aps.engine.construct import best_plan
from aps.engine.generate import generate
from aps.engine.objective import objective, total
from aps.engine.parting import parted
from aps.engine.problem import Machine, Operation, Option, Order, Problem
from aps.engine.search import Cancelled
from aps.engine.solve import solve
from aps.engine.team import searched_together, together
from tests.engine.both_ways import printed_both_ways
from tests.engine.rich import rich_factory
from tests.engine.shops import always, chain, kinds, random_factory


def test_two_searchers_always_find_the_same_plan() -> None:
    problem = generate(400, 3)
    found = [solve(problem, moves=100_000, workers=2, seed=4) for _ in range(3)]
    assert len({one.plan.hash for one in found}) == 1
    assert found[0].objective == objective(problem, found[0].plan).total
    assert kinds(problem, found[0].plan) == set()
    assert found[0].moves <= 100_000


def test_they_find_more_than_the_rules_and_never_less() -> None:
    shop = shop_of(generate(300, 5))
    begin = best_plan(shop)
    found = searched_together(shop, begin, 60_000, 1, 2)
    assert total(shop, found) < total(shop, begin)
    assert searched_together(shop, found, 1, 1, 2) is found


def test_work_that_goes_from_one_searchers_part_to_the_others_is_timed_anew() -> None:
    """Doors that are made in the other plant come after the drive of four hours, whatever both have changed."""
    problem = generate(600, 9)
    shop = shop_of(problem)
    assert kinds(problem, shop.plan(searched_together(shop, best_plan(shop), 120_000, 0, 2))) == set()


@pytest.mark.parametrize("seed", range(4))
def test_they_also_plan_what_only_the_decoder_can_time(seed: int) -> None:
    """People, ovens, latest starts and transfer batches."""
    problem = rich_factory(seed)
    first, second = (solve(problem, moves=2000, workers=2, seed=seed) for _ in range(2))
    assert first.plan.hash == second.plan.hash
    assert kinds(problem, first.plan) == set()


SCRIPT = """
from aps.engine.generate import generate
from aps.engine.solve import solve
from tests.engine.rich import rich_factory
print(solve(generate(40, 2), moves=3000, workers=2, seed=5).plan.hash)
print(solve(rich_factory(3), moves=200, workers=2, seed=5).plan.hash)
"""


def test_plain_python_finds_the_same_with_two_searchers() -> None:
    """In another process with THROUGHLINE_NO_NUMBA=1 or compiled, in whichever order the threads run."""
    compiled, plain = printed_both_ways(SCRIPT)
    assert len(compiled) == 2
    assert compiled == plain


def test_only_the_callers_thread_is_asked_whether_to_stop() -> None:
    """Who asks a database there may have a connection of that thread alone."""
    asked: set[int] = set()

    def cancelled() -> bool:
        asked.add(threading.get_ident())
        return len(asked) > 1

    solve(generate(200, 2), moves=40_000, workers=2, cancelled=cancelled)
    assert asked == {threading.get_ident()}


@pytest.mark.parametrize("cancelled", [None, lambda: False])
def test_all_stop_when_one_fails(cancelled: Cancelled | None) -> None:
    """Nobody cancels: the other job is told to stop because of the error of one, wherever it stands."""
    stopped: list[bool] = []

    def fails(_: Cancelled) -> None:
        raise ArithmeticError("one of two")

    def waits(stop: Cancelled) -> None:
        for _ in range(6000):
            if stop():
                stopped.append(True)
                return
            time.sleep(0.01)

    for jobs in ([fails, waits], [waits, fails]):
        with pytest.raises(ArithmeticError, match="one of two"):
            together(jobs, cancelled)
    assert stopped == [True, True]


def test_plants_are_parted() -> None:
    """Every machine of plant A to one searcher, of plant B to the other."""
    problem = generate(600, 1)
    first, second = parted(shop_of(problem), 2)
    sites = [{problem.machines[at].site for at in np.flatnonzero(part)} for part in (first, second)]
    assert sorted(len(one) for one in sites) == [1, 1]
    assert (first + second == 1).all()


def test_stations_that_work_together_stay_together() -> None:
    """Two lines of two machines each, nothing in common: the lines are the parts, though all is one site."""
    steps = [[("saw 1", 10), ("drill 1", 10)], [("saw 2", 10), ("drill 2", 10)]]
    operations = [one for at in range(8) for one in chain(f"J{at}", steps[at % 2])]
    machines = [Machine(name, always()) for name in ("saw 1", "saw 2", "drill 1", "drill 2")]
    shop = shop_of(Problem(machines, operations, [Order(f"J{at}") for at in range(8)]))
    first, second = parted(shop, 2)
    assert {tuple(first), tuple(second)} == {(1, 0, 1, 0), (0, 1, 0, 1)}


def test_what_is_one_station_is_searched_by_all() -> None:
    """Every operation can go to either machine: each searcher has both, and the better plan counts."""
    options = [Option("a", 0, 10), Option("b", 0, 12)]
    operations = [Operation(f"J{at}.1", f"J{at}", options) for at in range(6)]
    machines = [Machine("a", always()), Machine("b", always())]
    shop = shop_of(Problem(machines, operations, [Order(f"J{at}") for at in range(6)]))
    assert [part.tolist() for part in parted(shop, 2)] == [[1, 1], [1, 1]]


def test_a_small_plant_is_proved_best() -> None:
    """A 100 (due 1,000), B 50 (due 60), C 30 (due 90) on one saw. Only B, C, A is late for nobody; one point a minute
    until each is done: 50 + 80 + 180 = 310, which the longest paths alone (50 + 30 + 100) do not prove.
    """
    operations = chain("A", [("saw", 100)]) + chain("B", [("saw", 50)]) + chain("C", [("saw", 30)])
    problem = Problem([Machine("saw", always())], operations, [Order("A", 1000), Order("B", 60), Order("C", 90)])
    found = solve(problem, moves=200_000)
    assert (found.objective, found.lower_bound, found.gap) == (310, 310, 0.0)
    assert found.moves < 200_000


def test_no_plan_beats_a_bound() -> None:
    """Families, breaks, lags and alternatives: what CP-SAT calls impossible, a long search does not find either. Mostly
    it says more than the longest paths.
    """
    more = 0
    for seed in range(12):
        problem = random_factory(seed, orders=3, fixed=False)
        if seed % 3 == 0:
            problem = replace(problem, weights=replace(problem.weights, makespan=7))
        shop = shop_of(problem)
        least = bounds(shop).points
        found, bound = cp.proved(shop, best_plan(shop), least, 0.3, seed)
        best = solve(problem, moves=39_000, seed=seed)
        assert least <= bound <= min(total(shop, found), best.objective)
        more += bound > least
    assert more >= 8


def test_a_published_plan_is_no_bound() -> None:
    """What stability costs is not in the bound: it stays what it was."""
    problem = random_factory(2, orders=3, fixed=False)
    plan = solve(problem, moves=100).plan
    shop = shop_of(problem, plan)
    assert cp.proved(shop, shop.times(plan), 17, 0.1, 1)[1] == 17
