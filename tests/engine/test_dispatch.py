"""Dispatch: what a machine does next, by rule, family and time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aps.engine.arrays import shop_of
from aps.engine.construct import GRID, Dispatcher, urgency
from aps.engine.dispatch import DUE, FIRST, SHORTEST, TARDINESS
from aps.engine.problem import Machine, Operation, Option, Order, Problem
from tests.engine.shops import always, chain, kinds, random_factory, times

SAW = Machine("saw", always())


def _made(problem: Problem, rule: int, look: float = 1.0, setup: float = 1.0, early: float = 0.0) -> dict[str, int]:
    shop = shop_of(problem)
    plan = shop.plan(Dispatcher(shop).dispatched((rule, look, setup, early)))
    assert kinds(problem, plan) == set()
    return {key: start for key, (_, start, _) in times(plan).items()}


def test_each_rule_has_its_own_first() -> None:
    """A: 30 min, due 200; B: 20 min, due 300; C: 50 min, due 100; all there at 0, for first come C at 10, B at 20."""
    operations = chain("A", [("saw", 30)]) + chain("B", [("saw", 20)]) + chain("C", [("saw", 50)])
    problem = Problem([SAW], operations, [Order("A", 200), Order("B", 300), Order("C", 100)])
    assert _made(problem, DUE) == {"C.1": 0, "A.1": 50, "B.1": 80}
    assert _made(problem, SHORTEST) == {"B.1": 0, "A.1": 20, "C.1": 50}
    operations = (
        chain("A", [("saw", 30)]) + chain("B", [("saw", 20)], release=20) + chain("C", [("saw", 50)], release=10)
    )
    assert _made(Problem([SAW], operations, problem.orders), FIRST) == {"A.1": 0, "C.1": 30, "B.1": 80}


def test_a_family_is_finished_first_when_a_setup_costs_more_than_the_due_date() -> None:
    """Setup 10, runs 10. Oak is due at 100 and 130, red at 110. A setup minute counts 5: oak, oak, red; counts 0: by
    due date. Oak starts at 10; with two setups red starts at 30 + 10 = 40 behind both, or at 20 + 10 = 30.
    """
    operations = [
        *chain("A", [("saw", 10)], setup=10, family="oak"),
        *chain("B", [("saw", 10)], setup=10, family="red"),
        *chain("C", [("saw", 10)], setup=10, family="oak"),
    ]
    problem = Problem([SAW], operations, [Order("A", 100), Order("B", 110), Order("C", 130)])
    assert _made(problem, DUE, setup=5.0) == {"A.1": 10, "C.1": 20, "B.1": 40}
    assert _made(problem, DUE, setup=0.0) == {"A.1": 10, "B.1": 30, "C.1": 50}


def test_a_machine_waits_for_what_is_nearly_there_when_it_may() -> None:
    """A (100 min, not urgent) is there at 0, B (10 min, weight 5, late) at 5. Looking 10 minutes ahead B goes first."""
    operations = chain("A", [("saw", 100)]) + chain("B", [("saw", 10)], release=5)
    problem = Problem([SAW], operations, [Order("A", 10_000), Order("B", 1, 5)])
    assert _made(problem, TARDINESS, 500.0, 15.0) == {"A.1": 0, "B.1": 100}
    assert _made(problem, TARDINESS, 500.0, 15.0, 10.0) == {"B.1": 5, "A.1": 15}


def test_a_machine_that_is_closed_chooses_when_it_opens() -> None:
    """The saw works 0-60 and from 100 on. A fills 0-60; B is there at once, C (due first) at 80: at 100 C is chosen."""
    saw = Machine("saw", [(0, 60), (100, 10_000)])
    operations = chain("A", [("saw", 60)]) + chain("B", [("saw", 10)]) + chain("C", [("saw", 10)], release=80)
    problem = Problem([saw], operations, [Order("A", 1), Order("B", 500), Order("C", 200)])
    assert _made(problem, DUE) == {"A.1": 0, "C.1": 100, "B.1": 110}


@pytest.mark.parametrize("families", [1, 200])
def test_many_families_and_alternatives_are_all_placed(families: int) -> None:
    """600 operations on three machines, more families than are looked at: a legal plan by every rule of the grid."""
    options = [Option(name, 3, 7) for name in ("saw", "lathe", "mill")]
    operations = [
        Operation(f"O{number}.1", f"O{number}", options, family=f"f{number % families}", release_min=number % 50)
        for number in range(600)
    ]
    orders = [Order(f"O{number}", 100 + number * 7 % 900) for number in range(600)]
    problem = Problem([Machine(name, always()) for name in ("saw", "lathe", "mill")], operations, orders)
    for tuning in GRID:
        assert len(_made(problem, *tuning)) == 600


def test_every_rule_gives_a_legal_plan_of_any_factory() -> None:
    """Shifts, holes, lags, releases, started and pinned work."""
    for seed in range(15):
        problem = random_factory(seed)
        shop = shop_of(problem)
        dispatcher = Dispatcher(shop)
        for tuning in GRID:
            assert kinds(problem, shop.plan(dispatcher.dispatched(tuning))) == set()


def test_the_last_operation_of_a_problem_has_its_own_minutes() -> None:
    """A.2 (60 on the saw, 40 on the lathe) is due at 100: A.1 is wanted at 100 - 40 = 60."""
    first, second = chain("A", [("saw", 10), ("saw", 60)])
    second = replace(second, options=[*second.options, Option("lathe", 0, 40)])
    problem = Problem([SAW, Machine("lathe", always())], [first, second], [Order("A", 100)])
    assert urgency(shop_of(problem)).tolist() == [60, 100]
