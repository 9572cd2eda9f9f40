"""CP-SAT finds what is best for a small whole and for a window, and never makes a plan worse."""

from __future__ import annotations

import numpy as np

from aps.engine import cp
from aps.engine.arrays import shop_of
from aps.engine.objective import objective, total
from aps.engine.portfolio import plan
from aps.engine.problem import Machine, Operation, Option, Order, Placement, Plan, Problem, Weights
from aps.engine.repair import right_shift
from tests.engine.shops import always, chain, day_shift, kinds, random_factory, times


def _best(problem: Problem, incumbent: Plan) -> Plan:
    shop = shop_of(problem)
    return shop.plan(cp.refined(shop, shop.times(incumbent), 1.0, 1))


def test_the_best_sequence_of_three_orders() -> None:
    """A 100 (due 1,000), B 50 (due 60), C 30 (due 90). Only B, C, A is late for nobody: ends 50, 80, 180."""
    operations = chain("A", [("saw", 100)]) + chain("B", [("saw", 50)]) + chain("C", [("saw", 30)])
    problem = Problem([Machine("saw", always())], operations, [Order("A", 1000), Order("B", 60), Order("C", 90)])
    poor = Plan({"A.1": Placement("saw", 0, 100), "B.1": Placement("saw", 100, 150), "C.1": Placement("saw", 150, 180)})
    best = _best(problem, poor)
    assert times(best) == {"B.1": ("saw", 0, 50), "C.1": ("saw", 50, 80), "A.1": ("saw", 80, 180)}


def test_families_are_grouped_when_setup_costs_more_than_waiting() -> None:
    """Two red and two oak of 20 with setup 60, alternating: 4 setups, 2,400 points. Grouped: 2 setups, 1,200; ends 80,
    100, 180, 200 instead of 80, 160, 240, 320.
    """
    names = ("red", "oak", "red", "oak")
    operations = [one for at, name in enumerate(names) for one in chain(f"J{at}", [("saw", 20)], setup=60, family=name)]
    problem = Problem([Machine("saw", always())], operations, [Order(f"J{at}") for at in range(4)])
    poor = Plan({f"J{at}.1": Placement("saw", 60 + 80 * at, 80 + 80 * at, 80 * at, 60) for at in range(4)})
    assert kinds(problem, poor) == set()
    best = _best(problem, poor)
    assert sorted(place.end for place in best.values()) == [80, 100, 180, 200]
    assert objective(problem, best).setup == 1200


def test_breaks_and_pieces_are_exact() -> None:
    """Whole jobs of 150 and 90 and a splittable 200 in the shift 0-240, 270-480. The two whole ones fill 0-240 exactly
    and the third runs 270-470: ends 90, 240 and 470 in the best order.
    """
    operations = [
        *chain("A", [("saw", 200)]),
        *chain("B", [("saw", 150)], splittable=False),
        *chain("C", [("saw", 90)], splittable=False),
    ]
    problem = Problem([Machine("saw", day_shift())], operations, [Order("A"), Order("B"), Order("C")])
    poor = Plan(
        {"A.1": Placement("saw", 0, 200), "B.1": Placement("saw", 270, 420), "C.1": Placement("saw", 1440, 1530)}
    )
    assert kinds(problem, poor) == set()
    assert times(_best(problem, poor)) == {"C.1": ("saw", 0, 90), "B.1": ("saw", 90, 240), "A.1": ("saw", 270, 470)}


def test_machines_are_shared_out() -> None:
    """Three jobs of 60 on the new saw or 100 on the old: the old one takes one; ends 60, 100, 120."""
    options = [Option("new", 0, 60), Option("old", 0, 100)]
    operations = [Operation(f"{name}.1", name, options) for name in "ABC"]
    orders = [Order(name) for name in "ABC"]
    problem = Problem([Machine("new", always()), Machine("old", always())], operations, orders)
    poor = Plan({f"{name}.1": Placement("new", 60 * at, 60 * at + 60) for at, name in enumerate("ABC")})
    assert sorted(place.end for place in _best(problem, poor).values()) == [60, 100, 120]


def test_a_window_leaves_the_others_in_place() -> None:
    """Of three orders on one machine only the first two may change places; the third keeps 150-180."""
    operations = chain("A", [("saw", 100)]) + chain("B", [("saw", 50)]) + chain("C", [("saw", 30)])
    problem = Problem([Machine("saw", always())], operations, [Order("A", 1000), Order("B", 60), Order("C", 90)])
    shop = shop_of(problem)
    poor = shop.times(
        Plan({"A.1": Placement("saw", 0, 100), "B.1": Placement("saw", 100, 150), "C.1": Placement("saw", 150, 180)})
    )
    found = shop.plan(cp.attempt(shop, poor, np.array([0, 1]), 1.0, 1))
    assert times(found) == {"B.1": ("saw", 0, 50), "A.1": ("saw", 50, 150), "C.1": ("saw", 150, 180)}


def test_it_is_never_worse_legal_and_repeats() -> None:
    """Random small factories with started and pinned work, after a bad start by order of id."""
    for seed in range(6):
        problem = random_factory(seed, orders=5)
        shop = shop_of(problem)
        poor = right_shift(problem, Plan())
        one, two = (shop.plan(cp.refined(shop, shop.times(poor), 0.2, 4)) for _ in range(2))
        assert one.hash == two.hash
        assert kinds(problem, one) == set()
        assert total(shop, shop.times(one)) <= total(shop, shop.times(poor))


def test_it_stops_when_cancelled() -> None:
    """A cancel before it begins gives the plan back."""
    problem = random_factory(4, orders=12)
    begin = plan(problem).plan
    assert plan(problem, begin, exact_effort=1000.0, cancelled=lambda: True).plan.hash == begin.hash


def test_the_shortest_makespan_of_a_two_machine_flow_shop() -> None:
    """Johnson's rule: jobs (3, 2), (1, 4), (5, 4) on a then b; the ones short on a first: second, third, first. On a:
    1, 6, 9. On b: 1 to 5, 6 to 10, 10 to 12. No plan is shorter than the work on a and the shortest tail: 9 + 2 = 11,
    and 11 would need b to work from 1 to 11 with 10 min of work and no gap, but the third job is ready at 6 only.
    """
    steps = {"A": (3, 2), "B": (1, 4), "C": (5, 4)}
    operations = [one for name, (a, b) in steps.items() for one in chain(name, [("a", a), ("b", b)])]
    weights = Weights(lateness=0, completion=0, makespan=1)
    machines = [Machine("a", always()), Machine("b", always())]
    problem = Problem(machines, operations, [Order(name) for name in steps], weights=weights)
    poor = right_shift(problem, Plan({"A.1": Placement("a", 0, 3), "C.1": Placement("a", 3, 8)}))
    assert objective(problem, poor).makespan > 12
    best = _best(problem, poor)
    assert (objective(problem, best).makespan, objective(problem, best).total) == (12, 12)
