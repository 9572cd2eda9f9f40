"""Everything at once: whatever the model knows, plans are legal, repeat, and re-timing keeps them legal."""

from __future__ import annotations

import pytest

from aps.engine.arrays import shop_of
from aps.engine.decode import retime
from aps.engine.portfolio import plan
from aps.engine.repair import right_shift
from tests.engine.rich import rich_factory
from tests.engine.shops import kinds


@pytest.mark.parametrize("seed", range(40))
def test_plans_of_rich_factories_are_legal(seed: int) -> None:
    problem = rich_factory(seed)
    found = plan(problem, moves=60).plan
    assert kinds(problem, found) == set()
    shop = shop_of(problem)
    assert kinds(problem, shop.plan(retime(shop, shop.times(found)))) == set()
    assert kinds(problem, right_shift(problem, found)) == set()


@pytest.mark.parametrize("seed", range(0, 40, 8))
def test_the_same_budget_gives_the_same_plan(seed: int) -> None:
    problem = rich_factory(seed)
    assert plan(problem, moves=60).plan.hash == plan(problem, moves=60).plan.hash
