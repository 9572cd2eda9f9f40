"""Weight-space search: other weights for the same rule, never a worse plan, the same for the same seed."""

from __future__ import annotations

from aps.engine.arrays import shop_of
from aps.engine.construct import Dispatcher, best_plan, first_plan
from aps.engine.dispatch import TARDINESS
from aps.engine.objective import total
from aps.engine.portfolio import plan
from aps.engine.problem import Machine, Order, Plan, Problem
from aps.engine.solve import solve
from aps.engine.weightspace import roots, weighed
from tests.engine.shops import always, chain, kinds, random_factory, started, times

SAW = Machine("saw", always())


def test_an_operation_counts_for_the_order_that_its_parts_end_in() -> None:
    """Legs (no due date) feed table T; stool S stands alone; spare P has no due date and feeds nothing."""
    operations = [
        *chain("legs", [("saw", 10)]),
        *chain("T", [("saw", 10)], behind=["legs.1"]),
        *chain("S", [("saw", 10)]),
        *chain("P", [("saw", 10)]),
    ]
    problem = Problem([SAW], operations, [Order("legs"), Order("T", 100), Order("S", 100), Order("P")])
    assert [problem.orders[at].id for at in roots(shop_of(problem)).tolist()] == ["T", "T", "S", "P"]


def test_a_heavier_order_goes_first() -> None:
    """Both are due at 10 and take 100: whoever counts more is dispatched first."""
    operations = chain("A", [("saw", 100)]) + chain("B", [("saw", 100)])
    problem = Problem([SAW], operations, [Order("A", 10), Order("B", 10)])
    shop = shop_of(problem)
    dispatcher = Dispatcher(shop)
    weight = dispatcher.weight.copy()
    weight[1] = 9
    made = shop.plan(dispatcher.dispatched((TARDINESS, 500.0, 15.0, 0.0), weight))
    assert times(made) == {"B.1": ("saw", 0, 100), "A.1": ("saw", 100, 200)}


def test_it_is_legal_never_worse_and_the_same_for_the_same_seed() -> None:
    """Twenty random factories, thirty dispatches each, behind the first rule and behind the best one."""
    better = 0
    for seed in range(20):
        problem = random_factory(seed, orders=14)
        shop = shop_of(problem)
        begin = first_plan(shop)
        found = weighed(shop, begin, 30, seed)
        assert kinds(problem, shop.plan(found)) == set()
        assert shop.plan(weighed(shop, begin, 30, seed)).hash == shop.plan(found).hash
        assert total(shop, found) <= total(shop, begin)
        best = best_plan(shop)
        assert total(shop, weighed(shop, best, 30, seed)) <= total(shop, best)
        better += total(shop, found) < total(shop, begin)
    assert better > 5


def test_nothing_to_plan_is_a_plan() -> None:
    """No order at all, or one that has begun: an empty plan and the begun work, however large the budget."""
    assert dict(plan(Problem([SAW], [], []), moves=1000).plan) == {}
    assert dict(solve(Problem([SAW], [], []), moves=1000).plan) == {}
    begun = started(chain("A", [("saw", 100)])[0], "saw", 0, 60)
    problem = Problem([SAW], [begun], [Order("A", 1000)], 40)
    assert times(plan(problem, moves=1000).plan) == times(solve(problem, moves=1000).plan) == {"A.1": ("saw", 0, 100)}


def test_it_stops_when_told_to() -> None:
    """Cancelled at once: no more than the rules it begins with."""
    problem = random_factory(3, orders=14)
    shop = shop_of(problem)
    told: list[tuple[int, int]] = []
    weighed(shop, first_plan(shop), 10**9, 1, lambda done, least: told.append((done, least)), lambda: True)
    assert told == []
    assert isinstance(shop.plan(first_plan(shop)), Plan)
