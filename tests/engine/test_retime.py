"""What a move times equals what the decoder makes of the same machines and sequences, after every single move."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aps.engine.arrays import shop_of
from aps.engine.construct import best_plan
from aps.engine.decode import by_time, decode, fill_setups
from aps.engine.generate import generate
from aps.engine.lanes import lanes_of
from aps.engine.objective import total
from aps.engine.portfolio import plan
from aps.engine.problem import Problem, State, Weights
from aps.engine.retime import can_retime
from aps.engine.search import KEPT, NOW, Climb
from tests.engine.shops import kinds, random_factory

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


def test_pins_are_left_to_the_full_decoder() -> None:
    """A pinned operation: the search decodes the whole plan after each move."""
    pinned = [
        problem
        for problem in map(random_factory, range(20))
        if any(one.state is State.PINNED for one in problem.operations)
    ]
    assert len(pinned) > 0
    assert not any(can_retime(shop_of(problem)) for problem in pinned)
    assert can_retime(shop_of(_without_pins(1, 8)))


def test_one_long_run_and_many_short_ones_make_the_same_moves() -> None:
    """A chunk more or less changes nothing but when the late orders are listed anew: 500 moves are within one list."""
    problem = _without_pins(4, 12)
    shop = shop_of(problem)
    whole, parts = Climb(shop, best_plan(shop), 9), Climb(shop, best_plan(shop), 9)
    whole.go(500, 0)
    assert int(whole.marks[NOW]) == total(shop, whole.times)
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
        now = climb.times.copy()
        fill_setups(shop.a, lanes_of(shop.a, now), now)
        assert kinds(problem, shop.plan(now)) == set()
        assert int(climb.marks[NOW]) == total(shop, now)
    best = climb.best()
    assert kinds(problem, shop.plan(best)) == set()
    assert total(shop, best) <= climb.least < begin
