"""Whatever the factory, every plan is legal, offers A move nobody, and runs repeat."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aps.engine.objective import objective
from aps.engine.portfolio import plan
from aps.engine.problem import Plan, Problem
from aps.engine.repair import right_shift
from tests.engine.both_ways import printed_both_ways
from tests.engine.shops import kinds, random_factory

SEEDS = st.integers(0, 10**6)
MODERATE = settings(
    max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow], database=None
)


@MODERATE
@given(SEEDS)
def test_every_plan_is_legal(seed: int) -> None:
    """Built from nothing, then searched."""
    problem = random_factory(seed)
    first = plan(problem)
    assert kinds(problem, first.plan) == set()
    better = plan(problem, first.plan, moves=60, seed=seed)
    assert kinds(problem, better.plan) == set()
    assert better.objective.total <= objective(problem, first.plan, first.plan).total


@MODERATE
@given(SEEDS, st.integers(0, 4), st.integers(0, 2500), st.integers(1, 1500))
def test_right_shift_after_a_breakdown_is_legal_and_moves_nothing_to_the_left(
    seed: int, machine: int, since: int, minutes: int
) -> None:
    """One machine goes down at any time: the repaired plan is legal, machines stay, no start is earlier."""
    problem = random_factory(seed, fixed=False)
    before = plan(problem).plan
    machines = list(problem.machines)
    machines[machine] = replace(machines[machine], holes=[*machines[machine].holes, (since, since + minutes)])
    after = Problem(machines, problem.operations, problem.orders, problem.now_min)
    repaired = right_shift(after, before)
    assert kinds(after, repaired) == set()
    for key, place in repaired.items():
        assert (place.machine, place.start >= before[key].start) == (before[key].machine, True)


@MODERATE
@given(SEEDS)
def test_a_plan_that_is_still_legal_stays_as_it_is(seed: int) -> None:
    """Without an event the right shift is the plan itself."""
    problem = random_factory(seed)
    before = plan(problem).plan
    assert right_shift(problem, before).hash == before.hash


@MODERATE
@given(SEEDS, SEEDS)
def test_planning_more_orders_keeps_legal_plans_legal(seed: int, other: int) -> None:
    """Orders are added to a plan: the incremental plan is legal."""
    problem = random_factory(seed)
    new = random_factory(other, orders=2, prefix="N", fixed=False)
    after = problem.joined(new.orders, new.operations)
    assert kinds(after, plan(after, plan(problem).plan).plan) == set()


SCRIPT = """
from aps.engine.portfolio import plan
from tests.engine.rich import rich_factory
from tests.engine.shops import random_factory
for seed in (1, 2, 3):
    problem = random_factory(seed)
    print(plan(problem, plan(problem).plan, moves=40, seed=5).plan.hash)
    free = random_factory(seed, fixed=False)
    print(plan(free, moves=600, seed=5).plan.hash)
    print(plan(rich_factory(seed), moves=600, seed=5).plan.hash)
"""


def test_another_process_and_plain_python_give_the_same_plans() -> None:
    """The hashes of nine searched plans are the same compiled and with THROUGHLINE_NO_NUMBA=1, whatever the factory."""
    compiled, plain = printed_both_ways(SCRIPT)
    assert len(compiled) == 9
    assert compiled == plain


MUTATIONS = ("machine", "past", "overlap", "duration", "setup", "missing", "precedence", "closed")


@MODERATE
@given(SEEDS, st.sampled_from(MUTATIONS), st.randoms(use_true_random=False))
def test_one_broken_constraint_is_named(seed: int, kind: str, dice: Random) -> None:
    """A legal plan, one constraint broken at random: the judge names that kind."""
    problem = random_factory(seed, fixed=False)
    legal = plan(problem).plan
    one = dice.choice([operation for operation in problem.operations if operation.predecessors] or problem.operations)
    rows = dict(legal.placements)
    place = rows[one.id]
    before = [rows[key] for key, _ in one.predecessors]
    other = dice.choice([placed for key, placed in legal.items() if key != one.id])
    broken = {
        "machine": replace(place, machine="a machine of another plant"),
        "past": replace(place, start=problem.now_min - 10, setup_start=None),
        "overlap": replace(other, setup_start=None, setup_min=0),
        "duration": replace(place, end=place.end + 1),
        "setup": replace(place, setup_min=place.setup_min + 1),
        "precedence": replace(place, start=max([placed.end for placed in before], default=0) - 1),
        "closed": replace(place, start=10**7, end=10**7 + place.end - place.start, setup_start=None),
    }
    if kind == "missing":
        del rows[one.id]
    elif kind == "precedence" and not before:
        return
    else:
        rows[one.id] = broken[kind]
    assert kind in kinds(problem, Plan(rows))
