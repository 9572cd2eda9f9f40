"""A generated factory is the same for the same numbers, as large as asked, and can be planned."""

from __future__ import annotations

from collections import Counter

import pytest

from aps.engine.generate import NOW, STATIONS, generate
from aps.engine.portfolio import plan
from aps.engine.problem import State
from tests.engine.shops import kinds


@pytest.mark.parametrize("count", [1, 2, 3, 17, 100, 1234])
def test_it_has_exactly_so_many_operations(count: int) -> None:
    assert len(generate(count, 7).operations) == count


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_it_can_be_planned(seed: int) -> None:
    problem = generate(400, seed)
    assert kinds(problem, plan(problem).plan) == set()


def test_the_same_numbers_give_the_same_factory() -> None:
    assert generate(300, 5) == generate(300, 5)
    assert generate(300, 5) != generate(300, 6)


def test_it_has_what_makes_a_factory_hard() -> None:
    """Two plants, all stations, speeds, families, setups, assemblies, lags, ovens, material, started and done work."""
    problem = generate(2000, 3)
    assert {str(machine.id).split("-")[0] for machine in problem.machines} == set(STATIONS)
    assert {str(machine.id).split("-")[1][0] for machine in problem.machines} == {"A", "B"}
    assert problem.setups["paint white", "paint black"] < problem.setups["paint black", "paint white"]
    free = [one for one in problem.operations if one.state is State.FREE]
    assert max(len(one.predecessors) for one in free) > 2
    assert any(lag > 0 for one in free for _, lag in one.predecessors)
    assert any(one.release_min > NOW for one in free)
    assert any(len({option.run_min for option in one.options}) > 1 for one in free)
    assert any(not one.splittable for one in free)
    assert any(machine.holes for machine in problem.machines)
    assert {machine.capacity for machine in problem.machines} == {1, 6}
    assert {machine.site for machine in problem.machines} == {"A", "B"}
    states = Counter(one.state for one in problem.operations)
    assert states[State.STARTED] > 2
    assert states[State.DONE] > 0
    assert {order.weight for order in problem.orders if order.due_min is not None} == {1, 2, 3, 5}


def test_tighter_due_dates_come_earlier() -> None:
    """The same orders, asked for in half the time."""

    def last(tightness: float) -> int:
        return max(order.due_min or 0 for order in generate(3000, 2, tightness=tightness).orders)

    assert last(2.0) < last(1.0) < last(0.5)
