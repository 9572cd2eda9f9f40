"""What moves time equals what the chains say, whatever the factory: never illegal, never worse, points exact."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aps.engine.arrays import Shop, shop_of
from aps.engine.construct import best_plan
from aps.engine.decode import by_time, decode, fill_setups
from aps.engine.generate import generate
from aps.engine.lanes import lanes_of
from aps.engine.objective import HOPELESS, objective, total
from aps.engine.portfolio import plan
from aps.engine.problem import (
    Fixed,
    Machine,
    Option,
    Order,
    Overlap,
    Placement,
    Plan,
    Problem,
    Resource,
    State,
    Weights,
)
from aps.engine.search import KEPT, NOW, Climb, improve
from tests.engine.rich import rich_factory
from tests.engine.shops import always, chain, kinds, pinned, random_factory, times
from tests.engine.slowly import Slowly

SEEDS = st.integers(0, 10**6)
FEW = settings(
    max_examples=12, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow], database=None
)
MOVES = 200


def _without_pins(seed: int, orders: int) -> Problem:
    problem = random_factory(seed, orders=orders)
    free = [
        replace(one, state=State.FREE, fixed=None) if one.state is State.PINNED else one for one in problem.operations
    ]
    return replace(problem, operations=free)


def _tied(problem: Problem, seed: int) -> Problem:
    """The problem with latest starts as tight as a plan without them allows, and a tenth of that plan pinned."""
    shop, dice, found = shop_of(problem), random.Random(seed), []
    begin = best_plan(shop)
    for at, one in enumerate(problem.operations):
        latest = dict(one.latest)
        for key, lag in one.predecessors:
            gap = int(begin.start[at] - begin.end[shop.operation_at[key]])
            if key not in one.overlaps and dice.random() < 0.5:
                latest[key] = max(lag, gap + dice.choice([0, 30, 500]))
        one = replace(one, latest=latest)
        if one.state is State.FREE and dice.random() < 0.1:
            place = Fixed(problem.machines[int(begin.machine[at])].id, int(begin.start[at]))
            one = replace(one, state=State.PINNED, fixed=place)
        found.append(one)
    return replace(problem, operations=found)


def _now(climb: Climb) -> Plan:
    now = climb.times.copy()
    fill_setups(climb.shop.a, lanes_of(climb.shop.a, now), now)
    assert int(climb.marks[NOW]) == total(climb.shop, now)
    return climb.shop.plan(now)


def _climbed(problem: Problem, seed: int, heat: int) -> int:
    """Check every move that is kept; how many were."""
    shop = shop_of(problem)
    begin = best_plan(shop)
    if total(shop, begin) >= HOPELESS or kinds(problem, shop.plan(begin)):
        return 0
    climb, kept = Climb(shop, begin, seed), -1
    for _ in range(MOVES):
        climb.go(1, heat)
        if climb.marks[KEPT] != kept:
            kept = int(climb.marks[KEPT])
            assert kinds(problem, _now(climb)) == set()
            rows = Slowly(shop.a, climb.times, climb.net).all()
            assert [row.start for row in rows] == climb.times.start.tolist()
            assert [row.end for row in rows] == climb.times.end.tolist()
            assert [row.setup for row in rows] == climb.times.setup.tolist()
    best = climb.best()
    assert kinds(problem, shop.plan(best)) == set()
    assert total(shop, best) <= climb.least <= total(shop, begin)
    return kept


@FEW
@given(SEEDS, st.sampled_from([0, 50, 100_000]))
def test_with_everything_at_once_the_times_are_those_of_the_chains(seed: int, heat: int) -> None:
    """People, tools, setters, ovens, sites, transfer batches, pins and started work."""
    _climbed(rich_factory(seed), seed, heat)


@FEW
@given(SEEDS, st.sampled_from([0, 50, 100_000]))
def test_with_tight_latest_starts_and_many_pins_too(seed: int, heat: int) -> None:
    _climbed(_tied(rich_factory(seed, orders=8), seed), seed, heat)


@FEW
@given(SEEDS, st.sampled_from([0, 100_000]))
def test_with_work_that_takes_no_time_too(seed: int, heat: int) -> None:
    """A third of all operations take 0 minutes wherever they are done, nothing is set up."""
    problem, found = random_factory(seed), []
    for at, one in enumerate(problem.operations):
        runs = [0 if at % 3 == seed % 3 else option.run_min for option in one.options]
        pairs = zip(one.options, runs, strict=True)
        found.append(replace(one, options=[Option(option.machine, 0, run) for option, run in pairs]))
    _climbed(replace(problem, operations=found), seed, heat)


def test_those_checks_see_moves() -> None:
    """In most of ten factories of either kind moves are kept."""
    assert sum(_climbed(rich_factory(seed), seed, 0) > 0 for seed in range(10)) > 5
    assert sum(_climbed(_tied(rich_factory(seed), seed), seed, 0) > 0 for seed in range(10)) > 5


def _check(problem: Problem, climb: Climb) -> None:
    """Times, setups, order ends and points are those of a full decode."""
    shop, now = climb.shop, climb.times
    whole = decode(shop, by_time(shop, now.start), now.option, climb.net.floor, np.zeros(len(now.start), np.int64))
    for name in ("machine", "start", "end", "setup"):
        assert getattr(whole, name).tolist() == getattr(now, name).tolist()
    assert int(climb.marks[NOW]) == total(shop, whole)


@FEW
@given(SEEDS, st.sampled_from([0, 50, 100_000]), st.booleans())
def test_after_every_move_the_times_are_those_of_a_full_decode(seed: int, heat: int, published: bool) -> None:
    """Hundreds of moves, kept and taken back, with and without a published plan and makespan."""
    problem = replace(_without_pins(seed, 10), weights=Weights(makespan=seed % 3))
    begin = plan(problem).plan
    shop = shop_of(problem, begin if published else None)
    climb = Climb(shop, shop.times(begin), seed)
    for _ in range(MOVES):
        climb.go(1, heat)
        _check(problem, climb)
    assert heat < 100_000 or climb.marks[KEPT] > 0
    best = climb.best()
    assert total(shop, best) == climb.least
    assert kinds(problem, shop.plan(best)) == set()


def test_one_long_run_and_many_short_ones_make_the_same_moves() -> None:
    """A chunk more or less changes nothing but when the late orders are listed anew: 500 moves are within one list."""
    for problem in (_without_pins(4, 12), rich_factory(4), _tied(rich_factory(5), 5)):
        shop = shop_of(problem)
        whole, parts = Climb(shop, best_plan(shop), 9), Climb(shop, best_plan(shop), 9)
        whole.go(500, 0)
        assert int(whole.marks[NOW]) == total(shop, shop.times(_now(whole)))
        parts.go(500, 0)
        assert parts.times.start.tolist() == whole.times.start.tolist()


def test_ovens_sites_and_lorries_stay_legal_and_their_points_exact() -> None:
    """A generated factory with batches, two plants and lorries: legal after every hundred moves, points as a whole."""
    problem = generate(400, 3)
    shop = shop_of(problem)
    assert (shop.a.capacity > 1).any()
    assert len(shop.a.travel) > 0
    climb = Climb(shop, best_plan(shop), 5)
    begin = climb.least
    for _ in range(20):
        climb.go(100, 100)
        assert kinds(problem, _now(climb)) == set()
    best = climb.best()
    assert kinds(problem, shop.plan(best)) == set()
    assert total(shop, best) <= climb.least < begin


SAW = Machine("saw", always())


def _improved(problem: Problem, begin: dict[str, Placement], moves: int = 400) -> Plan:
    found = improve(problem, Plan(begin), moves=moves, seed=3)
    assert kinds(problem, found) == set()
    return found


def test_others_go_ahead_of_a_pin_where_they_fit_and_behind_it_where_not() -> None:
    """P (50) is pinned to 100. A (100) and B (60) stand behind it at 150 and 250, both due at 100: A fits exactly into
    0 to 100 and is in time, B is then late by 150 + 60 - 100 = 110. With B in front it would end at 60, but A at 250,
    late by 150; both in front would push the pin.
    """
    operations = [
        *(pinned(one, "saw", 100) for one in chain("P", [("saw", 50)])),
        *chain("A", [("saw", 100)]),
        *chain("B", [("saw", 60)]),
    ]
    problem = Problem([SAW], operations, [Order("P"), Order("A", 100), Order("B", 100)], weights=Weights(pin=0))
    begin = {"P.1": Placement("saw", 100, 150), "A.1": Placement("saw", 150, 250), "B.1": Placement("saw", 250, 310)}
    found = _improved(problem, begin)
    assert times(found) == {"A.1": ("saw", 0, 100), "P.1": ("saw", 100, 150), "B.1": ("saw", 150, 210)}
    assert objective(problem, found).lateness == 110 * 100


def test_a_pin_that_its_predecessor_delays_follows_it_back() -> None:
    """P.2 on the press is pinned to 60 behind P.1 (50), which stands behind A (100) on the saw: it starts at 150, its
    pin costs. P.1 ahead of A ends at 50 and the pin holds.
    """
    second = pinned(chain("P", [("saw", 50), ("press", 10)])[1], "press", 60)
    operations = [*chain("P", [("saw", 50)]), second, *chain("A", [("saw", 100)])]
    problem = Problem([SAW, Machine("press", always())], operations, [Order("P"), Order("A")])
    begin = {
        "A.1": Placement("saw", 0, 100),
        "P.1": Placement("saw", 100, 150),
        "P.2": Placement("press", 150, 160),
    }
    found = _improved(problem, begin)
    assert times(found)["P.2"] == ("press", 60, 70)
    assert objective(problem, found).pin == 0


def test_a_transfer_batch_moves_with_what_it_overlaps() -> None:
    """A.2 may start 10 minutes into A.1 (60) and takes 20; the last batch takes it 5, so it ends at 65 and starts at
    45. Behind C (40) on the saw it would start and end 40 later: A, due at 65, goes first.
    """
    first, second = chain("A", [("saw", 60), ("press", 20)])
    operations = [first, replace(second, overlaps={"A.1": Overlap(10, 5)}), *chain("C", [("saw", 40)])]
    problem = Problem([SAW, Machine("press", always())], operations, [Order("A", 65), Order("C")])
    begin = {
        "C.1": Placement("saw", 0, 40),
        "A.1": Placement("saw", 40, 100),
        "A.2": Placement("press", 85, 105),
    }
    found = _improved(problem, begin)
    assert times(found) == {"A.1": ("saw", 0, 60), "C.1": ("saw", 60, 100), "A.2": ("press", 45, 65)}


def test_work_waits_for_a_follower_that_may_not_come_too_late_behind_it() -> None:
    """A.2 must start on the press at the latest 5 minutes behind A.1 (10). B (100) is due at 100 and takes the press
    first; so A.1, which could end at 10, ends at 95 to 100, and C (80) goes ahead of it on the saw.
    """
    first, second = chain("A", [("saw", 10), ("press", 10)])
    operations = [
        first,
        replace(second, latest={"A.1": 5}),
        *chain("B", [("press", 100)]),
        *chain("C", [("saw", 80)]),
    ]
    orders = [Order("A"), Order("B", 100, 5), Order("C")]
    problem = Problem([SAW, Machine("press", always())], operations, orders)
    begin = {
        "A.1": Placement("saw", 0, 10),
        "A.2": Placement("press", 10, 20),
        "B.1": Placement("press", 20, 120),
        "C.1": Placement("saw", 10, 90),
    }
    found = times(_improved(problem, begin, 2000))
    assert (found["B.1"], found["C.1"], found["A.2"]) == (("press", 0, 100), ("saw", 0, 80), ("press", 100, 110))
    assert found["A.1"][2] in range(95, 101)


def test_whoever_is_wanted_twice_goes_to_what_is_urgent_first() -> None:
    """Two saws, one sawyer: A (90) from 0, B (30) from 90 and late by 90. B first: 30 in time, A ends at 120. Then Ben
    comes, who can do the same: both start at 0.
    """
    first = [replace(one, needs=("sawing",)) for one in chain("A", [("saw 1", 90)]) + chain("B", [("saw 2", 30)])]
    machines = [Machine("saw 1", always()), Machine("saw 2", always())]
    orders = [Order("A"), Order("B", 30)]
    ann, ben = Resource("Ann", always(), ["sawing"]), Resource("Ben", always(), ["sawing"])
    begin = {
        "A.1": Placement("saw 1", 0, 90, resources=("Ann",)),
        "B.1": Placement("saw 2", 90, 120, resources=("Ann",)),
    }
    found = _improved(Problem(machines, first, orders, resources=[ann]), begin)
    assert times(found) == {"A.1": ("saw 1", 30, 120), "B.1": ("saw 2", 0, 30)}
    both = _improved(Problem(machines, first, orders, resources=[ann, ben]), begin)
    assert times(both) == {"A.1": ("saw 1", 0, 90), "B.1": ("saw 2", 0, 30)}


def test_a_setter_walks_from_the_late_machine_to_the_urgent_one() -> None:
    """Sue sets up saw 1 (20) for A and then saw 2 for B, which is due at 70: she goes to saw 2 first, B runs from 20 to
    70, A from 40 on.
    """
    operations = [
        replace(one, family=name, options=[Option(f"saw {at}", 20, 50)])
        for at, name in ((1, "A"), (2, "B"))
        for one in chain(name, [(f"saw {at}", 50)])
    ]
    machines = [Machine(f"saw {at}", always(), setter="setting") for at in (1, 2)]
    sue = Resource("Sue", always(), ["setting"])
    problem = Problem(machines, operations, [Order("A"), Order("B", 70)], resources=[sue])
    begin = {
        "A.1": Placement("saw 1", 20, 70, 0, 20, ("Sue",)),
        "B.1": Placement("saw 2", 40, 90, 20, 20, ("Sue",)),
    }
    found = _improved(problem, begin)
    assert times(found) == {"A.1": ("saw 1", 40, 90), "B.1": ("saw 2", 20, 70)}


def test_a_shop_that_knows_people_whom_nobody_needs_is_searched_all_the_same() -> None:
    problem = replace(_without_pins(4, 8), resources=[Resource("Ann", always(), ["sawing"])])
    shop: Shop = shop_of(problem)
    climb = Climb(shop, best_plan(shop), 1)
    climb.go(MOVES, 100_000)
    assert climb.marks[KEPT] > 0
    assert kinds(problem, _now(climb)) == set()
