"""Planning is incremental: what is legal stays, what is new is inserted, search never makes it worse."""

from __future__ import annotations

from aps.engine.objective import objective
from aps.engine.portfolio import plan
from aps.engine.problem import Machine, Order, Placement, Plan, Problem
from aps.engine.search import improve
from tests.engine.shops import always, chain, kinds, random_factory, times

SAW = Machine("saw", always())


def _two() -> tuple[Problem, Plan]:
    """A 0-100 and B 150-250 (material at 150), both due at 1,000."""
    operations = chain("A", [("saw", 100)]) + chain("B", [("saw", 100)], release=150)
    problem = Problem([SAW], operations, [Order("A", 1000), Order("B", 1000)])
    return problem, plan(problem).plan


def test_a_new_order_goes_into_a_gap_and_nobody_moves() -> None:
    """C (40) fits into 100-150."""
    problem, incumbent = _two()
    more = problem.joined([Order("C", 1000)], chain("C", [("saw", 40)]))
    result = plan(more, incumbent)
    assert times(result.plan) == {**times(incumbent), "C.1": ("saw", 100, 140)}
    assert result.steps == ("right shift", "insert")


def test_a_new_order_that_would_be_late_pushes_those_with_slack() -> None:
    """C (80) is due at 90: in a gap it would end at 330 and cost 240 x 100 points; pushing ends it at 80, A at 180, B
    at 280, all in time. Two moves cost 2 x 2,000.
    """
    problem, incumbent = _two()
    more = problem.joined([Order("C", 90)], chain("C", [("saw", 80)]))
    result = plan(more, incumbent)
    assert times(result.plan) == {"C.1": ("saw", 0, 80), "A.1": ("saw", 80, 180), "B.1": ("saw", 180, 280)}
    assert (result.objective.lateness, result.objective.moved) == (0, 4000)
    assert result.steps == ("right shift", "insert", "push")


def test_a_new_order_does_not_push_when_that_costs_more() -> None:
    """As before, but A and B are due at 100 and 250: pushing makes both late (80 and 30) and weighs ten times."""
    problem, incumbent = _two()
    heavy = Problem([SAW], problem.operations, [Order("A", 100, 30), Order("B", 250, 30)])
    more = heavy.joined([Order("C", 90)], chain("C", [("saw", 80)]))
    result = plan(more, incumbent)
    assert times(result.plan) == {**times(incumbent), "C.1": ("saw", 250, 330)}


def test_a_component_order_is_inserted_before_what_needs_it() -> None:
    """The new assembly's legs (30) take 100-130 in the gap; the assembly (20) follows at 130."""
    problem, incumbent = _two()
    operations = chain("T", [("saw", 20)], behind=["legs.1"]) + chain("legs", [("saw", 30)])
    more = problem.joined([Order("T", 1000), Order("legs")], operations)
    result = plan(more, incumbent).plan
    assert times(result) == {**times(incumbent), "legs.1": ("saw", 100, 130), "T.1": ("saw", 130, 150)}


def test_an_operation_that_is_gone_leaves_its_gap_and_the_others_stay() -> None:
    """A is cancelled: B stays at 150 because it was published there."""
    problem, incumbent = _two()
    less = Problem([SAW], problem.operations[1:], problem.orders[1:])
    assert times(plan(less, incumbent).plan) == {"B.1": ("saw", 150, 250)}


def test_search_swaps_two_orders_when_that_saves_lateness() -> None:
    """A (100, due 1,000) ahead of B (50, due 60) makes B 90 late; swapped both are in time."""
    operations = chain("A", [("saw", 100)]) + chain("B", [("saw", 50)])
    problem = Problem([SAW], operations, [Order("A", 1000), Order("B", 60)])
    worse = Plan({"A.1": Placement("saw", 0, 100), "B.1": Placement("saw", 100, 150)})
    assert objective(problem, worse).late_min == {"B": 90}
    better = improve(problem, worse, moves=50)
    assert times(better) == {"B.1": ("saw", 0, 50), "A.1": ("saw", 50, 150)}


def test_search_is_never_worse_the_same_for_the_same_seed_and_tells_its_progress() -> None:
    """Twelve orders, 400 moves: the best objective told never rises, and the plan's hash is the same twice."""
    problem = random_factory(11, orders=12)
    begin = plan(problem)
    told: list[tuple[int, int]] = []
    first = improve(problem, begin.plan, moves=400, seed=3, progress=lambda moves, best: told.append((moves, best)))
    second = improve(problem, begin.plan, moves=400, seed=3)
    assert first.hash == second.hash
    assert kinds(problem, first) == set()
    assert told[-1] == (400, objective(problem, first).total)
    assert objective(problem, first).total <= begin.objective.total


def test_a_search_that_is_cancelled_returns_what_it_has() -> None:
    """Cancelled at once: the plan is the one it began with."""
    problem = random_factory(11, orders=12)
    begin = plan(problem).plan
    assert improve(problem, begin, moves=10**9, cancelled=lambda: True).hash == begin.hash


def test_stability_keeps_the_published_start_unless_it_pays() -> None:
    """B was published 200-300 behind a gap. Pulling it to 100 saves 100 points of completion and costs 2,000."""
    operations = chain("A", [("saw", 100)]) + chain("B", [("saw", 100)])
    problem = Problem([SAW], operations, [Order("A", 1000), Order("B", 1000)])
    published = Plan({"A.1": Placement("saw", 0, 100), "B.1": Placement("saw", 200, 300)})
    result = plan(problem, published, moves=200)
    assert times(result.plan) == times(published)
    assert result.objective.moved == 0
