"""Rows on offers for orders that are not in the plan yet: how long an answer takes, and how many are proved."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from aps.engine.generate import generate
from aps.engine.offer import KEYS, LivePlan, Offer
from aps.engine.problem import Operation, Order, Problem, State
from aps.engine.solve import solve
from aps.engine.validate import violations
from benchmarks._clock import percentile
from benchmarks._engine_row import Goal, Row, Sample, Settings

QUESTIONS, WARM_UP, JUDGED = 200, 5, 20
PROOF_MS = 300.0


class Question(NamedTuple):
    """A new customer order with the orders of its parts and the operations of all of them."""

    order: Order
    operations: list[Operation]
    parts: list[Order]


def questions(problem: Problem, count: int) -> list[Question]:
    """The first customer orders of a factory of which nothing has begun, under names that no other factory uses."""
    orders: dict[str, list[Order]] = {}
    operations: dict[str, list[Operation]] = {}
    for order in problem.orders:
        orders.setdefault(_root(order.id), []).append(order)
    for one in problem.operations:
        operations.setdefault(_root(one.order), []).append(one)
    found = []
    for key, rows in operations.items():
        if all(one.state is State.FREE for one in rows):
            *parts, order = [replace(one, id=f"Q{one.id}") for one in orders[key]]
            found.append(Question(order, [_renamed(one) for one in rows], parts))
    return found[:count]


def _root(key: Any) -> str:
    return str(key).partition("/")[0]


def _renamed(one: Operation) -> Operation:
    before = tuple((f"Q{key}", lag) for key, lag in one.predecessors)
    return replace(one, id=f"Q{one.id}", order=f"Q{one.order}", predecessors=before)


def measure(settings: Settings, seed: int) -> Sample:
    """Questions to a plan of 10,000 operations that the search has improved for some seconds."""
    problem = generate(settings.operations(10_000), seed)
    plan = solve(problem, seconds=settings.seconds(5), seed=seed, clock=time.perf_counter).plan
    live = LivePlan(problem, plan)
    asked = questions(generate(settings.operations(10_000), seed + 1000), settings.times(QUESTIONS) + WARM_UP)
    for one in asked[:WARM_UP]:
        live.offers(one.order, one.operations, one.parts)
    took: dict[str, list[float]] = {"A": [], "B": [], "C": [], "proof": [], "all": []}
    answers: list[list[Offer]] = []
    sure: list[Offer] = []
    for one in asked[WARM_UP:]:
        for key in KEYS:
            took[key].append(_milliseconds(lambda one=one, key=key: _ask(live, one, (key,))))  # type: ignore[misc]
        took["all"].append(_milliseconds(lambda one=one: answers.append(_ask(live, one, KEYS))))  # type: ignore[misc]
        began = time.perf_counter()
        sure += [live.proof(one.order, one.operations, one.parts, gap) for gap in answers[-1] if gap.key == "A"]
        took["proof"].append(1000 * (time.perf_counter() - began))
    _judge(live, asked[WARM_UP:], answers)
    settings.say(
        f"  offers: all p95 {percentile(took['all'], 95):.1f} ms, proof {percentile(took['proof'], 95):.1f} ms"
    )
    in_time = [one for one, spent in zip(sure, took["proof"], strict=False) if one.proved and spent <= PROOF_MS]
    return {
        "a": percentile(took["A"], 95),
        "proved": 100 * len(in_time) / max(1, len(sure)),
        "b": percentile(took["B"], 95),
        "c": percentile(took["C"], 95),
        "median": percentile(took["all"], 50),
        "detail": {
            "questions": len(answers),
            "proof_p95_ms": percentile(took["proof"], 95),
            "largest_gap_min": max(one.end_min - (one.bound_min or 0) for one in sure),
            "mean_end_h": {key: _mean_hours(answers, key, problem.now_min) for key in KEYS},
        },
    }


def _mean_hours(answers: list[list[Offer]], key: str, now: int) -> float:
    ends = [one.end_min - now for found in answers for one in found if one.key == key]
    return sum(ends) / max(1, len(ends)) / 60


def _ask(live: LivePlan, one: Question, keys: Sequence[str]) -> list[Offer]:
    return live.offers(one.order, one.operations, one.parts, keys=keys)


def _milliseconds(deed: Callable[[], object]) -> float:
    began = time.perf_counter()
    deed()
    return 1000 * (time.perf_counter() - began)


def _judge(live: LivePlan, asked: list[Question], answers: list[list[Offer]]) -> None:
    """Every plan that the first questions' offers would make is legal, and A moves nobody."""
    problem = live.shop.problem
    plan = live.shop.plan(live.times)
    for one, offers in list(zip(asked, answers, strict=True))[:JUDGED]:
        whole = problem.joined([*one.parts, one.order], one.operations)
        for offer in offers:
            broken = violations(whole, offer.applied(plan))
            if broken:
                raise ValueError(f"offer {offer.key} of {one.order.id}: {broken[0].sentence}")
            if offer.key == "A" and offer.moved:
                raise ValueError(f"offer A of {one.order.id} moves {offer.moved[0]}")


def rows() -> tuple[Row, ...]:
    """The row of this module."""
    goals = (
        Goal("a", "A, nobody moved, p95", "ms", 2.0),
        Goal("proved", f"A proved earliest within {PROOF_MS:.0f} ms", "%", 95.0, more_is_better=True, digits=0),
        Goal("b", "B, nobody newly late, p95", "ms", 100.0),
        Goal("c", "C, as early as possible, p95", "ms", 100.0),
        Goal("median", "a question with all its answers, median", "ms"),
    )
    return (Row("offers", "Offers, 10,000 operations", goals, measure, minutes=0.5),)
