"""The one way to solve: budgets, bounds, cancelling, and what it tells."""

from __future__ import annotations

import pytest

from aps.engine.formats import jsp
from aps.engine.generate import generate
from aps.engine.objective import objective
from aps.engine.problem import HorizonTooShortError, Machine, Order, Placement, Plan, Problem
from aps.engine.solve import Told, solve
from tests.engine.shops import always, chain, kinds, random_factory


class Ticks:
    """A clock that goes on by a second whenever it is looked at."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        self.now += 1
        return self.now


def test_the_same_moves_give_the_same_legal_plan() -> None:
    problem = random_factory(3, orders=15)
    first, second = (solve(problem, moves=3000, seed=4) for _ in range(2))
    assert first.plan.hash == second.plan.hash
    assert first.objective == objective(problem, first.plan).total
    assert kinds(problem, first.plan) == set()
    assert first.moves <= 3000


def test_it_stops_once_the_plan_is_proved_best() -> None:
    """Both jobs in 7 minutes, which job 1 needs alone: no moves are wasted."""
    found = solve(jsp.read("2 2\n0 3 1 4\n1 2 0 1\n", "a.jsp").problem, moves=10**9)
    assert (found.objective, found.makespan, found.lower_bound, found.gap) == (7, 7, 7, 0.0)


def test_seconds_end_it_and_the_curve_falls() -> None:
    told: list[Told] = []
    problem = random_factory(11, orders=12)
    found = solve(problem, seconds=60, clock=Ticks(), progress=told.append)
    assert found.seconds >= 60
    assert [points for _, points in found.curve] == sorted((points for _, points in found.curve), reverse=True)
    assert found.curve[-1][1] == found.objective
    assert found.first_feasible_ms > 0
    assert told[-1].objective == found.objective
    assert told[-1].lower_bound == found.lower_bound <= found.objective


def test_seconds_without_a_clock_are_refused() -> None:
    with pytest.raises(ValueError, match="seconds need a clock"):
        solve(random_factory(1), seconds=1)


def test_cancelled_at_once_it_still_has_a_legal_plan() -> None:
    problem = generate(200, 2)
    found = solve(problem, moves=10**9, cancelled=lambda: True)
    assert kinds(problem, found.plan) == set()
    assert found.moves == 0


def test_behind_an_incumbent_nothing_moves_without_need() -> None:
    """B stays at 200 as published: pulling it would save 100 points and cost 2,000."""
    operations = chain("A", [("saw", 100)]) + chain("B", [("saw", 100)])
    problem = Problem([Machine("saw", always())], operations, [Order("A", 1000), Order("B", 1000)])
    published = Plan({"A.1": Placement("saw", 0, 100), "B.1": Placement("saw", 200, 300)})
    assert solve(problem, moves=300, incumbent=published).plan == published


def test_nothing_to_do_is_a_plan_too() -> None:
    found = solve(Problem([Machine("saw", always())], [], []), moves=10)
    assert (len(found.plan), found.objective, found.gap) == (0, 0, 0.0)


def test_work_that_does_not_fit_is_refused() -> None:
    problem = Problem([Machine("saw", ((0, 50),))], chain("A", [("saw", 60)]), [Order("A")])
    with pytest.raises(HorizonTooShortError):
        solve(problem, moves=10)
