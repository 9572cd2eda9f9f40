"""The frozen window: what the floor works by stays, for search, repair and offers, as long as it can."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aps.engine import portfolio
from aps.engine.frozen import held
from aps.engine.offer import LivePlan
from aps.engine.problem import Machine, Operation, Option, Order, Placement, Plan, Problem, State, Weights
from aps.engine.repair import right_shift
from aps.engine.solve import solve
from tests.engine.shops import always, chain, kinds, times

PUBLISHED = Plan({"A.1": Placement("saw", 0, 100), "B.1": Placement("saw", 100, 200)})
CALM_IS_FREE = Weights(moved=0, machine=0)


def _shop(frozen_min: int, holes: tuple[tuple[int, int], ...] = ()) -> Problem:
    """A and B of 100 minutes on one saw; B is due at 100 and urgent, so B should be first."""
    operations = chain("A", [("saw", 100)]) + chain("B", [("saw", 100)])
    orders = [Order("A", 1000), Order("B", 100, weight=5)]
    return Problem([Machine("saw", always(), holes)], operations, orders, 0, CALM_IS_FREE, frozen_min=frozen_min)


@pytest.mark.parametrize(("frozen_min", "first"), [(0, "B.1"), (1, "A.1"), (101, "A.1")])
def test_what_starts_in_the_window_stays(frozen_min: int, first: str) -> None:
    """Free, B goes first: 5 x 100 late minutes are spared. With A frozen at 0 there is no room for B ahead of it."""
    problem = _shop(frozen_min)
    for plan in (
        solve(problem, moves=2000, incumbent=PUBLISHED).plan,
        portfolio.plan(problem, PUBLISHED, moves=2000).plan,
    ):
        assert times(plan)[first] == ("saw", 0, 100)
        assert kinds(problem, plan) == set()


def test_other_work_goes_around_it() -> None:
    """A is published at 100 and frozen; B fits ahead of it, not behind, in time for 100."""
    problem = _shop(200)
    published = Plan({"A.1": Placement("saw", 100, 200), "B.1": Placement("saw", 200, 300)})
    plan = solve(problem, moves=2000, incumbent=published).plan
    assert times(plan) == {"A.1": ("saw", 100, 200), "B.1": ("saw", 0, 100)}


def test_what_cannot_stay_is_let_go_and_what_waits_for_it() -> None:
    """The saw is down from 50 to 150: A ends at 200 and pushes B. Neither is pinned, B may go first."""
    problem = _shop(500, ((50, 150),))
    assert {one.state for one in held(problem, PUBLISHED).operations} == {State.FREE}
    plan = solve(problem, moves=2000, incumbent=PUBLISHED).plan
    assert times(plan)["B.1"] == ("saw", 0, 200)


def test_an_offer_pushes_nothing_that_is_frozen() -> None:
    """N of 100, due at 100 and heavy: ahead of A and B while they may move, behind them while they may not."""
    news = [Operation("N.1", "N", [Option("saw", 0, 100)])]
    ends = {}
    for frozen_min in (0, 300):
        found = LivePlan(_shop(frozen_min), PUBLISHED).offers(Order("N", 100, weight=9), news)
        ends[frozen_min] = {one.key: one.end_min for one in found}
    assert ends[0] == {"A": 300, "B": 300, "C": 100}
    assert set(ends[300].values()) == {300}


def test_a_frozen_plan_costs_no_pin() -> None:
    problem = _shop(500)
    found = solve(problem, moves=500, incumbent=PUBLISHED)
    assert found.plan == right_shift(problem, PUBLISHED) == PUBLISHED
    assert found.objective == 5 * 100 * 100 + 100 + 5 * 200
    assert held(replace(problem, frozen_min=0), PUBLISHED).frozen_min == 0
