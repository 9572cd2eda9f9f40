"""The judge sees it: one rule of a legal plan broken at random, a thousand times over every kind of rule."""

from __future__ import annotations

import random
import re
from collections import Counter
from functools import cache

import pytest

from aps.engine.portfolio import plan
from aps.engine.problem import Plan, Problem
from aps.engine.validate import Violation, violations
from tests.engine.breaking import BREAKERS
from tests.engine.rich import rich_factory

FACTORIES = 30
EACH = 50


@cache
def legal(seed: int) -> tuple[Problem, Plan]:
    problem = rich_factory(seed)
    found = plan(problem).plan
    assert violations(problem, found) == []
    return problem, found


@pytest.mark.parametrize("kind", sorted(BREAKERS))
def test_each_broken_rule_is_named_every_time(kind: str) -> None:
    dice, broken = random.Random(kind), 0
    for turn in range(40 * EACH):
        made = BREAKERS[kind](dice, *legal(turn % FACTORIES))
        if made is None:
            continue
        broken += 1
        assert kind in {violation.kind for violation in violations(*made)}, f"factory {turn % FACTORIES}, turn {turn}"
        if broken == EACH:
            break
    assert broken == EACH


def test_every_kind_that_the_judge_knows_is_broken() -> None:
    """The kinds stand in the docstring of Violation."""
    listed = re.search(r"Kinds: (.*?)\.", Violation.__doc__ or "", re.DOTALL)
    assert listed is not None
    assert set(re.findall(r"\w+", listed[1])) == set(BREAKERS)
    assert EACH * len(BREAKERS) >= 1000


def test_the_sentences_name_the_operations() -> None:
    problem, found = legal(0)
    seen: Counter[str] = Counter()
    for kind, breaker in BREAKERS.items():
        made = breaker(random.Random(1), problem, found)
        for violation in violations(*made) if made else ():
            assert violation.operations
            assert violation.sentence.endswith(".")
            seen[kind] += 1
    assert len(seen) > 10
