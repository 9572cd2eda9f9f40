"""Quality against calm: a few plans of which none beats another, and one that keeps every promise that can be kept."""

from __future__ import annotations

import pytest

from aps.engine.arrays import shop_of
from aps.engine.construct import best_plan
from aps.engine.events import MachineDown, after
from aps.engine.frontier import Frontier, calm_of, frontier
from aps.engine.portfolio import plan as planned
from aps.engine.problem import Machine, Option, Order, Placement, Plan, Problem
from tests.engine.rich import rich_factory
from tests.engine.shops import always, chain, kinds, random_factory


def _numbers(found: Frontier) -> list[tuple[int, int, int, int]]:
    return [(len(c.calm.newly_late), c.calm.moved_soon, c.calm.machine_changes, c.points) for c in found.choices]


def test_moving_one_to_another_machine_is_a_choice() -> None:
    """A of 100, due at 160, is published at 60 on the old saw, down from 0 to 500; the new saw is free. Shifted
    it ends at 600, 440 late: 100 x 440 + 600 points, on its machine. Anew it ends at 100 on the new saw: 100 points.
    Nobody need be late, so that is the one to take.
    """
    one = chain("A", [("old", 100)])[0]
    one = type(one)(one.id, one.order, [Option("old", 0, 100), Option("new", 0, 100)])
    machines = [Machine("old", always()), Machine("new", always())]
    before = Problem(machines, [one], [Order("A", 160)])
    published = Plan({"A.1": Placement("old", 60, 160)})
    problem = after(before, published, MachineDown("old", 0, 500))
    found = frontier(before, problem, published, moves=400)
    rows = {one.key: (one.calm.newly_late, one.calm.machine_changes, one.late_min, one.points) for one in found.choices}
    assert rows["right shift"] == (("A",), 0, 440, 44_600)
    assert rows["all anew"] == ((), 1, 0, 100)
    assert found.chosen.calm.newly_late == ()
    assert found.chosen.plan["A.1"].machine == "new"


@pytest.mark.parametrize("seed", range(12))
def test_no_choice_beats_another_and_the_chosen_one_saves_what_can_be_saved(seed: int) -> None:
    before = rich_factory(seed) if seed % 2 else random_factory(seed, orders=10)
    published = planned(before, moves=100).plan
    machine = before.machines[seed % len(before.machines)].id
    problem = after(before, published, MachineDown(machine, before.now_min, before.now_min + 700))
    found = frontier(before, problem, published, moves=400)
    for choice in found.choices:
        assert kinds(problem, choice.plan) == set()
        assert not any(other.beats(choice) for other in found.choices)
    shop = shop_of(problem)
    anew = calm_of(before, problem, published, shop.plan(best_plan(shop)))
    assert set(found.chosen.calm.newly_late) <= set(anew.newly_late)
    assert _numbers(found) == _numbers(frontier(before, problem, published, moves=400))


def test_who_stops_it_gets_what_is_there() -> None:
    before = random_factory(3)
    published = planned(before).plan
    found = frontier(before, before, published, moves=10**9, cancelled=lambda: True)
    assert {choice.key for choice in found.choices} <= {"right shift", "all anew"}
    assert found.chosen.calm.newly_late == ()
