"""Makespan of rigid shops: small optima by hand, legal plans, the same for the same seed, stoppable."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from itertools import permutations, product
from pathlib import Path

import numpy as np
import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aps.engine.problem import Machine, Operation, Option, Order, Problem, ProblemError, Weights
from aps.engine.rigid import Result, is_rigid, solve
from aps.engine.rigid.bounds import lower_bound, one_machine
from aps.engine.rigid.net import rigid_of, selection_for
from aps.engine.rigid.start import tails_of
from aps.engine.rigid.timing import build
from aps.engine.validate import violations
from tests.engine.both_ways import printed_both_ways
from tests.engine.shops import always, chain

MAKESPAN = Weights(0, 0, 0, 0, 0, 0, makespan=1)


def shop(operations: list[Operation], machines: list[str], now: int = 0, transport: int = 0) -> Problem:
    """Machines open for a month, an order per name in front of the dot."""
    orders = [Order(name, transport_min=transport) for name in sorted({str(one.order) for one in operations})]
    return Problem([Machine(name, always()) for name in machines], operations, orders, now, MAKESPAN)


def random_shop(seed: int, operations: int = 30, machines: int = 4, least: int = 1) -> Problem:
    """An assembly graph: each operation waits for up to two earlier ones, with lags, on up to three machines."""
    dice = random.Random(seed)
    names = [f"m{k}" for k in range(machines)]
    made: list[Operation] = []
    for k in range(operations):
        before = dice.sample(range(max(0, k - 6), k), min(k, dice.randint(0, 2)))
        options = [
            Option(name, 0, max(least, dice.randint(7 * least - 6, 20)))
            for name in dice.sample(names, dice.randint(1, min(3, machines)))
        ]
        waits = [(f"A.{one}", dice.choice((0, 0, 3))) for one in before]
        made.append(Operation(f"A.{k}", "A", options, waits, dice.choice((0, 0, 0, 15))))
    return shop(made, names)


def legal(problem: Problem, result: Result) -> int:
    """The makespan, after the judge has looked at the plan."""
    assert violations(problem, result.plan) == []
    assert result.makespan == max(place.end for place in result.plan.values()) - problem.now_min
    assert result.lower_bound <= result.makespan
    return result.makespan


def test_two_orders_cross_on_two_machines() -> None:
    """A: saw 3, drill 2. B: drill 2, saw 4. The saw has 7 minutes of work and begins with A at once: 7."""
    problem = shop(chain("A", [("saw", 3), ("drill", 2)]) + chain("B", [("drill", 2), ("saw", 4)]), ["saw", "drill"])
    result = solve(problem, moves=100)
    assert legal(problem, result) == 7
    assert result.lower_bound == 7


def test_the_slower_machine_helps_when_the_faster_one_is_busy() -> None:
    """Three operations, 4 on the new saw or 6 on the old one: two on the new (8), one on the old (6): 8, not 12."""
    options = [Option("new", 0, 4), Option("old", 0, 6)]
    problem = shop([Operation(f"{name}.1", name, options) for name in "ABC"], ["new", "old"])
    result = solve(problem, moves=200)
    assert legal(problem, result) == 8


def test_an_assembly_waits_for_its_parts_with_lag_release_and_transport() -> None:
    """Legs 5 on the saw, then top 7 on the saw; the glue of the top dries 10 minutes: assembly 22-25 in that order.

    Top first: top 0-7, legs 7-12, assembly at max(7 + 10, 12) = 17 to 20; the transport takes 4: 24.
    """
    legs = Operation("T.legs", "T", [Option("saw", 0, 5)])
    top = Operation("T.top", "T", [Option("saw", 0, 7)])
    whole = Operation("T.whole", "T", [Option("bench", 0, 3)], [("T.legs", 0), ("T.top", 10)])
    problem = shop([legs, top, whole], ["saw", "bench"], transport=4)
    result = solve(problem, moves=100)
    assert violations(problem, result.plan) == []
    assert (result.makespan, result.lower_bound) == (24, 24)


def test_nothing_starts_before_now_or_its_material() -> None:
    """Now is 100. A is ready at 110 and takes 5, B takes 8: B 100-108, A 110-115: 15 minutes from now."""
    problem = shop(chain("A", [("saw", 5)], release=110) + chain("B", [("saw", 8)]), ["saw"], now=100)
    result = solve(problem, moves=100)
    assert legal(problem, result) == 15
    assert result.plan["A.1"].start == 110
    assert result.lower_bound == 15


def test_what_is_not_rigid_is_refused() -> None:
    """Setups, due dates that count, a hole, a window that begins later: none is rigid."""
    good = shop(chain("A", [("saw", 5)]), ["saw"])
    assert is_rigid(good)
    late = Problem(good.machines, good.operations, good.orders)
    hole = Problem([Machine("saw", always(), [(3, 4)])], good.operations, good.orders, 0, MAKESPAN)
    later = Problem([Machine("saw", [(5, 99)])], good.operations, good.orders, 0, MAKESPAN)
    short = Problem([Machine("saw", [(0, 4)])], good.operations, good.orders, 0, MAKESPAN)
    setup = shop(chain("A", [("saw", 5)], setup=2), ["saw"])
    assert not any(map(is_rigid, (late, hole, later, short, setup)))
    with pytest.raises(ProblemError, match="expected a rigid shop"):
        solve(hole, moves=10)


def test_seconds_need_a_clock() -> None:
    """The engine has none of its own."""
    with pytest.raises(ValueError, match="expected a clock"):
        solve(shop(chain("A", [("saw", 5)]), ["saw"]), seconds=1)


def test_interrupted_work_gives_the_bound_of_one_machine() -> None:
    """Heads 0, 2; runs 5, 2; rests 0, 6: 0-2 first, 2-4 second (ends 4 + 6 = 10), 4-7 first (ends 7): 10."""
    problem = shop(
        [
            Operation("A.1", "A", [Option("saw", 0, 5)]),
            Operation("B.1", "B", [Option("saw", 0, 2)], release_min=2),
            Operation("B.2", "B", [Option("oven", 0, 6)], [("B.1", 0)]),
        ],
        ["saw", "oven"],
    )
    net = rigid_of(problem).net
    tail = tails_of(net)[:2] - net.option_run[:2]
    assert one_machine(net.release[:2], net.option_run[:2], tail) == 10
    assert lower_bound(net) == 10


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 10**6))
def test_plans_of_random_assemblies_are_legal_and_exact_moves_agree_with_building_anew(seed: int) -> None:
    """The judge finds nothing, and the makespan kept by moves is that of the plan."""
    problem = random_shop(seed)
    result = solve(problem, moves=300, seed=seed)
    legal(problem, result)


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 10**6))
def test_bound_and_search_meet_at_the_optimum_of_tiny_shops(seed: int) -> None:
    """Every order of five operations on every machine: nothing beats the bound, and the search finds the best."""
    problem = random_shop(seed, operations=5, machines=2)
    net = rigid_of(problem).net
    s = selection_for(net)
    choices = [range(net.first_option[k], net.first_option[k + 1]) for k in range(5)]
    orders = [order for order in permutations(range(5)) if _respects(problem, order)]
    best = min(
        build(net, s, np.array(order, np.int64), np.array(option, np.int64))
        for order in orders
        for option in product(*choices)
    )
    result = solve(problem, moves=2000, seed=seed)
    assert result.lower_bound <= best
    assert legal(problem, result) == best


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 10**6))
def test_work_that_takes_no_time_is_planned_to_the_optimum_too(seed: int) -> None:
    """Every order of five operations, some of 0 minutes, on every machine, each as early as that allows."""
    problem = random_shop(seed, operations=5, machines=2, least=0)
    ways = product(*(one.options for one in problem.operations))
    orders = [order for order in permutations(range(5)) if _respects(problem, order)]
    best = min(_made(problem, order, way) for way in ways for order in orders)
    result = solve(problem, moves=2000, seed=seed)
    assert result.lower_bound <= best
    assert legal(problem, result) == best
    assert legal(random_shop(seed, least=0), solve(random_shop(seed, least=0), moves=500)) > 0


def _made(problem: Problem, order: tuple[int, ...], way: tuple[Option, ...]) -> int:
    """The makespan when the operations follow one another in that order on their machines."""
    free = {machine.id: 0 for machine in problem.machines}
    ends: dict[object, int] = {}
    for at in order:
        one, option = problem.operations[at], way[at]
        ready = [one.release_min, free[option.machine], *(ends[key] + lag for key, lag in one.predecessors)]
        ends[one.id] = free[option.machine] = max(ready) + option.run_min
    return max(ends.values())


def _respects(problem: Problem, order: tuple[int, ...]) -> bool:
    place = {problem.operations[at].id: k for k, at in enumerate(order)}
    return all(place[before] < place[one.id] for one in problem.operations for before, _ in one.predecessors)


def test_one_and_two_workers_and_a_second_run_give_the_same_plan() -> None:
    """The hashes of four runs."""
    problem = random_shop(5, operations=60)
    runs = [solve(problem, moves=2000, workers=workers, seed=3) for workers in (1, 2, 2, 1)]
    assert len({(run.plan.hash, run.moves, run.makespan, run.curve) for run in runs}) == 1


SCRIPT = """
from aps.engine.rigid import solve
from tests.engine.test_rigid import random_shop
print(solve(random_shop(8), moves=400, seed=2).plan.hash)
"""


def test_plain_python_gives_the_same_plan() -> None:
    """Compiled and with THROUGHLINE_NO_NUMBA=1."""
    compiled, plain = printed_both_ways(SCRIPT)
    assert compiled
    assert compiled == plain


@pytest.mark.parametrize("workers", [1, 2])
def test_a_cancelled_search_hands_over_what_it_has(workers: int) -> None:
    """Cancelled at the first look: a legal plan, hardly any moves, and progress was told."""
    problem, told = random_shop(4, operations=80), []
    result = solve(
        problem,
        moves=10**9,
        workers=workers,
        cancelled=lambda: True,
        progress=lambda moves, makespan, bound: told.append((moves, makespan, bound)),
    )
    legal(problem, result)
    assert result.moves == 0
    assert told[-1] == (0, result.makespan, result.lower_bound)


ORPHAN = """
from aps.engine.rigid import solve
from tests.engine.test_rigid import random_shop
solve(random_shop(8, operations=200), moves=10**9, workers=2)
"""


def test_a_searcher_ends_with_the_process_that_started_it() -> None:
    """Killed, the parent takes the other process along."""
    root = Path(__file__).parents[2]
    place = {**os.environ, "PYTHONPATH": str(root)}
    with subprocess.Popen([sys.executable, "-c", ORPHAN], env=place, cwd=root) as parent:
        children: list[psutil.Process] = []
        while not children:
            children = psutil.Process(parent.pid).children()
        parent.kill()
    _, alive = psutil.wait_procs(children, timeout=30)
    assert [one for one in alive if one.status() != psutil.STATUS_ZOMBIE] == []
