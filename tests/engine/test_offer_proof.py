"""Whatever the factory: every offer is legal, A moves nobody, B harms nobody, and nothing beats a bound."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import permutations, product

import pytest
from hypothesis import given

from aps.engine.offer import KEYS, LivePlan, Offer
from aps.engine.portfolio import plan
from aps.engine.problem import (
    Fixed,
    Id,
    Machine,
    Operation,
    Option,
    Order,
    Plan,
    Problem,
    State,
)
from aps.engine.repair import right_shift
from aps.engine.solve import solve
from tests.engine.both_ways import printed_both_ways
from tests.engine.rich import rich_factory
from tests.engine.shops import always, chain, kinds, random_factory
from tests.engine.test_properties import MODERATE, SEEDS


def _question(problem: Problem, at: int) -> tuple[Order, list[Operation], list[Order]]:
    """One of the problem's orders of which nothing is decided, with its part, once more under other names."""
    begun = {str(one.order).partition("-")[0] for one in problem.operations if one.state is not State.FREE}
    tops = sorted({str(one.order).partition("-")[0] for one in problem.operations} - begun)
    top = tops[at % len(tops)]
    family = [f"{top}-part", top]
    orders = [replace(one, id=f"N{one.id}") for one in problem.orders if one.id in family]
    operations = [_renamed(one) for one in problem.operations if one.order in family]
    return orders[-1], operations, orders[:-1]


def _renamed(one: Operation) -> Operation:
    before = [(f"N{key}", lag) for key, lag in one.predecessors]
    ties = {f"N{key}": most for key, most in one.latest.items()}
    overlaps = {f"N{key}": overlap for key, overlap in one.overlaps.items()}
    return replace(one, id=f"N{one.id}", order=f"N{one.order}", predecessors=before, latest=ties, overlaps=overlaps)


def _check(problem: Problem, before: Plan, order: Order, operations: list[Operation], parts: list[Order]) -> None:
    live = LivePlan(problem, before)
    whole = problem.joined([*parts, order], operations)
    found = {one.key: one for one in live.offers(order, operations, parts)}
    ends = [found[key].end_min for key in KEYS if key in found]
    assert ends == sorted(ends, reverse=True)
    for one in found.values():
        assert kinds(whole, one.applied(before)) == set()
    for one in [found["A"], live.proof(order, operations, parts, found["A"])] if "A" in found else []:
        _moves_nobody(before, one)
        assert kinds(whole, one.applied(before)) == set()
        assert one.bound_min is not None
        assert found["A"].end_min >= one.end_min >= one.bound_min
    if "B" in found:
        assert not found["B"].victims


def _moves_nobody(before: Plan, one: Offer) -> None:
    after = one.applied(before)
    assert (one.moved, one.victims) == ((), ())
    for key, place in before.items():
        assert (after[key].machine, after[key].start, after[key].end) == (place.machine, place.start, place.end)


@MODERATE
@given(SEEDS, SEEDS)
def test_offers_are_legal_and_keep_their_words(seed: int, other: int) -> None:
    """A new two-level order into any plan: A keeps starts, ends and machines, B makes nobody late or later."""
    problem = random_factory(seed)
    new = random_factory(other, orders=1, prefix="N", fixed=False)
    *parts, order = new.orders
    _check(problem, plan(problem).plan, order, list(new.operations), parts)


@MODERATE
@given(SEEDS, SEEDS)
def test_offers_among_people_ovens_and_lorries_keep_their_words(seed: int, at: int) -> None:
    """The same where people, tools, setters, ovens, latest starts, transfer batches and sites are in the way."""
    problem = rich_factory(seed)
    _check(problem, plan(problem).plan, *_question(problem, at))


def _every_answer(problem: Problem, before: Plan, news: Sequence[Operation], order: Order) -> Iterator[int]:
    """The end of the new order for every choice of machines and every sequence in which it can be put into gaps.

    All others are pinned where they stand, and the new operations are put in by the repair of plans, one by one.
    """
    pinned = [_pinned(one, before) for one in problem.operations]
    for options in product(*(one.options for one in news)):
        chosen = [replace(one, options=[option]) for one, option in zip(news, options, strict=True)]
        for sequence in permutations(chosen):
            if all(_place(sequence, key) < at for at, one in enumerate(sequence) for key, _ in one.predecessors):
                yield _end_of(replace(problem, operations=pinned), before, sequence, order)


def _place(sequence: Sequence[Operation], key: Id) -> int:
    return next(at for at, one in enumerate(sequence) if one.id == key)


def _pinned(one: Operation, before: Plan) -> Operation:
    if one.state is not State.FREE:
        return one
    place = before[one.id]
    return replace(one, state=State.PINNED, fixed=Fixed(place.machine, place.start, resources=place.resources))


def _end_of(problem: Problem, plan: Plan, sequence: Sequence[Operation], order: Order) -> int:
    problem = problem.joined([order], [])
    for one in sequence:
        problem = problem.joined([], [one])
        plan = right_shift(problem, plan)
        place = plan[one.id]
        pin = replace(one, state=State.PINNED, fixed=Fixed(place.machine, place.start))
        problem = replace(problem, operations=[*problem.operations[:-1], pin])
    return max(plan[one.id].end for one in sequence) + order.transport_min


def _small(seed: int) -> tuple[Problem, list[Operation], Order]:
    """A busy shop of two machines with setups, and a new order of four operations that compete."""
    dice = random.Random(seed)
    machines = [Machine("saw", [(0, 300), (320, 600), (900, 5000)], family="oak"), Machine("drill", always())]
    operations = []
    for at in range(5):
        options = [("saw", dice.randint(20, 90)), ("drill", dice.randint(20, 90))][: dice.randint(1, 2)]
        family = dice.choice(["oak", "red"])
        operations += chain(f"O{at}", options, setup=15, family=family, release=dice.randint(0, 500))
    problem = Problem(machines, operations, [Order(f"O{at}", dice.randint(100, 900)) for at in range(5)])
    news = []
    for at in range(4):
        options = [Option("saw", 15, dice.randint(10, 60)), Option("drill", 10, dice.randint(10, 80))]
        before = [("N0", dice.choice([0, 20]))] if at == 3 else []
        news.append(
            Operation(f"N{at}", "N", options[: dice.randint(1, 2)], before, 0, dice.choice(["oak", "red", ""]), at != 1)
        )
    return problem, news, Order("N", transport_min=30)


@MODERATE
@given(SEEDS)
def test_no_way_to_put_it_into_gaps_beats_a_proof(seed: int) -> None:
    """Of all machines and sequences the best is no earlier than any bound; what is proved is the best."""
    problem, news, order = _small(seed)
    before = plan(problem).plan
    live = LivePlan(problem, before)
    gap = live.offers(order, news, keys=("A",))[0]
    sure = live.proof(order, news, (), gap)
    best = min(_every_answer(problem, before, news, order))
    assert gap.bound_min is not None
    assert sure.bound_min is not None
    assert gap.bound_min <= sure.bound_min <= best
    assert sure.end_min <= gap.end_min
    if sure.proved:
        assert sure.end_min <= best


def test_nearly_all_small_questions_are_proved_and_some_become_earlier() -> None:
    """Of 60 shops: what the gaps alone prove, what CP-SAT proves, and that it finds what the first answer missed."""
    first, after, better = 0, 0, 0
    for seed in range(60):
        problem, news, order = _small(seed)
        live = LivePlan(problem, plan(problem).plan)
        gap = live.offers(order, news, keys=("A",))[0]
        sure = live.proof(order, news, (), gap)
        first, after, better = first + gap.proved, after + sure.proved, better + (sure.end_min < gap.end_min)
    assert first < after
    assert after >= 50
    assert better >= 3


@pytest.mark.long
@pytest.mark.parametrize("seed", range(6))
def test_no_search_that_moves_nobody_finds_an_earlier_end(seed: int) -> None:
    """All others pinned, the new order heavy and due at once: 100,000 moves of search against the proved answer."""
    problem = random_factory(seed, orders=25)
    before = plan(problem, moves=3000).plan
    new = random_factory(seed + 77, orders=1, prefix="N", fixed=False)
    *parts, order = new.orders
    live = LivePlan(problem, before)
    gap = live.offers(order, new.operations, parts, keys=("A",))[0]
    sure = live.proof(order, new.operations, parts, gap)
    urgent = replace(order, due_min=problem.now_min, weight=1000)
    pinned = replace(problem, operations=[_pinned(one, before) for one in problem.operations])
    whole = pinned.joined([*parts, urgent], new.operations)
    found = solve(whole, moves=100_000, incumbent=sure.applied(before)).plan
    end = max(found[one.id].end for one in new.operations if one.order == order.id) + order.transport_min
    assert sure.end_min <= end


SCRIPT = """
from tests.engine.test_offer_proof import answers
for seed in range(3):
    print(*answers(seed))
"""


def answers(seed: int) -> Mapping[str, int]:
    """The ends of all offers for a small shop, and what is proved."""
    problem, news, order = _small(seed)
    live = LivePlan(problem, plan(problem).plan)
    found = live.offers(order, news)
    sure = live.proof(order, news, (), found[0])
    return {f"{one.key}={one.end_min}/{one.bound_min}": one.end_min for one in [*found, sure]}


def test_offers_are_the_same_compiled_and_in_plain_python() -> None:
    """Ends and bounds of three shops, in processes of their own."""
    compiled, plain = printed_both_ways(SCRIPT)
    assert len(compiled) >= 9
    assert compiled == plain
