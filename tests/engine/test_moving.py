"""Plans that are changed by hand: whatever is put wherever, the plan stays legal and nobody else comes earlier."""

from __future__ import annotations

import random

import numpy as np
import pytest

from aps.engine import moving
from aps.engine.arrays import FREE, shop_of
from aps.engine.generate import generate
from aps.engine.portfolio import plan
from aps.engine.problem import Machine, Operation, Option, Order, Placement, Plan, Problem
from aps.engine.validate import violations

TRIES = 25
DAY = 1440


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_moves_to_anywhere_leave_a_legal_plan_in_which_nobody_else_comes_earlier(seed: int) -> None:
    problem = generate(200, seed)
    shop = shop_of(problem)
    times = shop.times(plan(problem, moves=0).plan)
    dice = random.Random(seed)
    free = np.flatnonzero(shop.a.state == FREE).tolist()
    for _ in range(TRIES):
        operation = dice.choice(free)
        options = range(shop.a.first_option[operation], shop.a.first_option[operation + 1])
        machine = int(shop.a.option_machine[dice.choice(options)])
        begin = max(int(shop.a.now), int(times.start[operation]) + dice.randint(-DAY, DAY))
        _, found = moving.moved(shop, times, [moving.Move(operation, machine, begin)])
        assert moving.fits(found)
        assert violations(problem, shop.plan(found)) == []
        assert found.machine[operation] == machine
        others = np.delete(np.arange(len(times.start)), operation)
        assert (found.start[others] >= times.start[others]).all()
        times = found


def shop_by_hand() -> tuple[Problem, Plan]:
    """Three hours of work on a saw that works from 0 to 480: A 0 to 60, B 60 to 120, C 120 to 180."""
    operations = [Operation(name, name, [Option("saw", 0, 60)]) for name in "ABC"]
    problem = Problem([Machine("saw", [(0, 480)])], operations, [Order(name) for name in "ABC"])
    places = {name: Placement("saw", 60 * at, 60 * at + 60) for at, name in enumerate("ABC")}
    return problem, Plan(places)


def starts(problem: Problem, known: Plan, *moves: moving.Move) -> list[int]:
    shop = shop_of(problem)
    _, found = moving.moved(shop, shop.times(known), moves)
    return found.start.tolist()


def test_what_begins_before_stays_ahead_and_the_others_make_room() -> None:
    """C at 30: A began before, so C comes at its end, 60; B makes room until 120."""
    assert starts(*shop_by_hand(), moving.Move(2, 0, 30)) == [0, 120, 60]


def test_a_gap_is_left_where_work_was_taken_away() -> None:
    """A to 300: B and C stay."""
    assert starts(*shop_by_hand(), moving.Move(0, 0, 300)) == [300, 60, 120]


def test_a_pin_stands_where_it_was_put_and_work_that_began_before_goes_behind_it() -> None:
    """C pinned to 30: A does not fit before it, nor stays B: A at 90, B at 150."""
    assert starts(*shop_by_hand(), moving.Move(2, 0, 30, pin=True)) == [90, 150, 30]


def test_several_moves_are_made_at_once() -> None:
    """A and B to 180 and 240 in one step: C stays at 120."""
    assert starts(*shop_by_hand(), moving.Move(0, 0, 180), moving.Move(1, 0, 240)) == [180, 240, 120]


def test_work_that_fits_nowhere_any_more_is_told() -> None:
    """The saw closes at 480: an hour from 450 on would need a second day."""
    problem, known = shop_by_hand()
    shop = shop_of(problem)
    _, found = moving.moved(shop, shop.times(known), [moving.Move(0, 0, 470)])
    assert moving.fits(found) is False
