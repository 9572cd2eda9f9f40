"""The judge on what changed finds a plan legal just when the judge of the whole does."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given

from aps.engine import validate
from aps.engine.offer import LivePlan
from aps.engine.portfolio import plan
from aps.engine.problem import Machine, Order, Placement, Plan, Problem
from aps.engine.validate import violations, violations_since
from tests.engine.shops import always, chain, random_factory
from tests.engine.test_properties import MODERATE, SEEDS


@pytest.fixture(autouse=True)
def _never_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small plans change a lot at once; here too only what changed is looked at."""
    monkeypatch.setattr(validate.since, "MOST", 1.0)


@MODERATE
@given(SEEDS, SEEDS)
def test_offers_are_found_legal_by_both(seed: int, other: int) -> None:
    problem = random_factory(seed, orders=12)
    before = plan(problem).plan
    new = random_factory(other, orders=1, prefix="N", fixed=False)
    *parts, order = new.orders
    whole = problem.joined(new.orders, new.operations)
    for one in LivePlan(problem, before).offers(order, new.operations, parts):
        assert violations_since(whole, one.applied(before), before) == []


@MODERATE
@given(SEEDS, SEEDS)
def test_whatever_is_spoilt_is_found(seed: int, other: int) -> None:
    """One to three operations are moved in time, to another machine, or lose their setup: something is found when
    anything is wrong. Of whoever stands in the way of several the nearest is named.
    """
    dice = random.Random(other)
    problem = random_factory(seed, orders=12)
    before = plan(problem).plan
    spoilt = dict(before.placements)
    for key in dice.sample(sorted(spoilt, key=str), dice.randint(1, 3)):
        spoilt[key] = _spoilt(dice, problem, spoilt[key])
    whole = {one.sentence for one in violations(problem, Plan(spoilt))}
    found = {one.sentence for one in violations_since(problem, Plan(spoilt), before)}
    assert bool(found) == bool(whole)
    assert found <= whole


def _spoilt(dice: random.Random, problem: Problem, place: Placement) -> Placement:
    by = dice.choice([-400, -30, -1, 1, 30, 400])
    setup = None if place.setup_start is None else place.setup_start + by
    moved = replace(place, start=place.start + by, end=place.end + by, setup_start=setup)
    elsewhere = replace(place, machine=dice.choice(problem.machines).id)
    return dice.choice(
        [moved, elsewhere, replace(place, setup_start=None, setup_min=0), replace(place, end=place.end + 5)]
    )


def test_who_leaves_a_machine_lets_its_follower_need_a_setup() -> None:
    """Oak, red, oak on the saw, each set up anew; the red one goes to the drill: the second oak needs no setup now."""
    operations = [
        *chain("A", [("saw", 50)], setup=10, family="oak"),
        *chain("C", [("saw", 50)], setup=10, family="oak"),
    ]
    red = chain("B", [("saw", 50)], setup=10, family="red")[0]
    red = replace(red, options=[*red.options, replace(red.options[0], machine="drill")])
    machines = [Machine("saw", always(), family="oak"), Machine("drill", always())]
    problem = Problem(machines, [*operations, red], [Order(key) for key in "ABC"])
    before = Plan(
        {
            "A.1": Placement("saw", 0, 50),
            "B.1": Placement("saw", 60, 110, 50, 10),
            "C.1": Placement("saw", 120, 170, 110, 10),
        }
    )
    assert violations(problem, before) == []
    after = Plan({**before.placements, "B.1": Placement("drill", 10, 60, 0, 10)})
    found = violations_since(problem, after, before)
    assert [(one.kind, one.operations) for one in found] == [("setup", ("C.1",))]
