"""Offers and repair against their goals, with the right shift and a full re-dispatch beside them.

The engine by itself first (10,000 and 5,000 operations), then over HTTP with material and price, then from an alarm to
the tablets. Repairs are those of `bench engine`, with what each makes late beside what a full re-dispatch would save.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aps.engine import frontier, warm
from aps.engine.arrays import shop_of
from aps.engine.construct import best_plan
from aps.engine.generate import generate
from aps.engine.objective import objective
from aps.engine.offer import LivePlan
from aps.engine.problem import Id, Plan, Problem
from aps.engine.repair import right_shift
from aps.engine.solve import solve
from benchmarks import Figure, _engine_offers, _engine_repair, _offer_alarm, _offer_http, figure
from benchmarks._clock import percentile
from benchmarks._engine_factory import judged
from benchmarks._engine_repair import Case
from benchmarks._engine_row import Settings as Engine

QUESTIONS, QUICK_QUESTIONS = 200, 40
BREAKDOWNS = 8
MOST_MOVED = 0.3
PROVED_MS = 300.0
TITLES = {"search": "2 s of search", "promises": "promises first", "chosen": "frontier's choice"}
"""Repairs: as usual; the frontier's plan that saves the most with at most 30 % moved; the one that saves all."""


@dataclass
class Settings:
    """As the parts of this benchmark take it."""

    quick: bool
    say: Callable[[str], None]


def run(quick: bool, say: Callable[[str], None]) -> dict[str, Any]:
    """The engine's part; with all of it not `quick`, the way over HTTP and the alarm as well."""
    warm.warm_up()
    engine = Engine(size_scale=0.2 if quick else 1.0, seconds_scale=0.05 if quick else 1.0, say=say)
    figures: dict[str, Any] = {**_offers(engine, quick), **_down(engine), **_calm(engine, say)}
    if quick:
        return figures | {"left_out": ["repair to within 2 % of 60 s", "over HTTP", "alarm to tablets"]}
    figures |= _near(engine)
    settings: Any = Settings(quick, say)
    return figures | _offer_http.measure(settings) | _offer_alarm.measure(settings)


def _offers(engine: Engine, quick: bool) -> dict[str, Figure]:
    problem = generate(engine.operations(10_000), 1)
    plan = solve(problem, seconds=engine.seconds(5), seed=1, clock=time.perf_counter).plan
    live, whole = LivePlan(problem, plan), engine.is_full
    asked = _engine_offers.questions(generate(engine.operations(10_000), 1001), QUESTIONS + 5)
    asked = asked[: QUICK_QUESTIONS if quick else QUESTIONS + 5]
    took: dict[str, list[float]] = {"A": [], "B": [], "C": [], "proof": []}
    proved, gaps, ends = 0, [], []
    for number, one in enumerate(asked):
        found = {}
        for key in "ABC":
            began = time.perf_counter()
            found[key] = live.offers(one.order, one.operations, one.parts, keys=(key,))[0]
            took[key].append(1000 * (time.perf_counter() - began))
        began = time.perf_counter()
        sure = live.proof(one.order, one.operations, one.parts, found["A"])
        took["proof"].append(1000 * (time.perf_counter() - began))
        proved += sure.proved and took["proof"][-1] <= PROVED_MS
        gaps.append(sure.end_min - (sure.bound_min or 0))
        ends.append([sure.end_min, found["B"].end_min, found["C"].end_min])
        if number < 20:
            joined = problem.joined([*one.parts, one.order], one.operations)
            for offer in (*found.values(), sure):
                judged(joined, offer.applied(plan))
    for column in took.values():
        del column[:5]
    hours = [sum(row[at] - problem.now_min for row in ends) / len(ends) / 60 for at in range(3)]
    engine.say(
        f"  A proved {proved} of {len(asked)}; mean end A {hours[0]:.0f} h, B {hours[1]:.0f} h, C {hours[2]:.0f} h"
    )
    p95 = {key: percentile(column, 95) for key, column in took.items()}
    return {
        "offer A p95": figure(p95["A"], "ms", goal=2.0, full_size=whole),
        "offer A proved within 300 ms": figure(
            100 * proved / len(asked), "%", goal=95.0, full_size=whole, more_is_better=True
        ),
        "proof p95": figure(p95["proof"], "ms", goal=PROVED_MS, full_size=whole),
        "largest gap of A to its bound": figure(max(gaps), "min"),
        "offer B p95": figure(p95["B"], "ms", goal=100.0, full_size=whole),
        "offer C p95": figure(p95["C"], "ms", goal=100.0, full_size=whole),
        "mean end of B": figure(hours[1], "h", baseline=hours[0]),
        "mean end of C": figure(hours[2], "h", baseline=hours[0]),
    }


def _down(engine: Engine) -> dict[str, Figure]:
    sample = _engine_repair.down(engine, 1)
    return {
        "machine down to the first valid plan p95": figure(
            sample["live"], "ms", goal=10.0, baseline=sample["whole"], full_size=engine.is_full
        )
    }


def _calm(engine: Engine, say: Callable[[str], None]) -> dict[str, Figure]:
    """Two seconds of search, the frontier's choice, the right shift and all anew, for the same breakdowns."""
    rows: dict[str, list[dict[str, int]]] = {"search": [], "promises": [], "chosen": [], "shift": [], "anew": []}
    lost: dict[str, int] = dict.fromkeys(rows, 0)
    for case in _engine_repair.cases(engine, 1, engine.times(BREAKDOWNS)):
        problem = case.after()
        plans = _plans(case, problem, engine)
        late = {name: newly_late(case, problem, plan) for name, plan in plans.items()}
        for name, plan in plans.items():
            rows[name].append(_engine_repair.changed(case, problem, judged(problem, plan)))
            lost[name] += len(late[name] - late["anew"])
        say(f"  {case.event.machine} down: newly late " + ", ".join(f"{name} {len(one)}" for name, one in late.items()))
    sums, whole = {name: _engine_repair.summed(one) for name, one in rows.items()}, engine.is_full
    found: dict[str, Figure] = {}
    for name, title in TITLES.items():
        for key, unit, goal in (("moved", "% moved > 15 min", 30.0), ("machines", "% on another machine", 5.0)):
            found[f"{title}, {unit}"] = figure(
                sums[name][key], "%", goal=goal, baseline=sums["anew"][key], full_size=whole
            )
        found[f"{title}, newly late that a re-dispatch saves"] = figure(
            lost[name], "orders", goal=0, baseline=lost["shift"], full_size=whole
        )
        found[f"{title}, newly late"] = figure(sums[name]["newly_late"], "orders", baseline=sums["anew"]["newly_late"])
    found["right shift, % moved > 15 min"] = figure(sums["shift"]["moved"], "%", baseline=sums["anew"]["moved"])
    found["right shift, newly late"] = figure(
        sums["shift"]["newly_late"], "orders", baseline=sums["anew"]["newly_late"]
    )
    return found


def _plans(case: Case, problem: Problem, engine: Engine) -> dict[str, Plan]:
    shop, seconds = shop_of(problem), engine.seconds(_engine_repair.SEARCH)
    searched = solve(problem, seconds=seconds, seed=1, incumbent=case.plan, clock=time.perf_counter)
    found = frontier.frontier(
        case.problem, problem, case.plan, seconds=3 * seconds, workers=engine.workers, clock=time.perf_counter
    )
    calm = [one for one in found.choices if one.calm.moved_soon <= MOST_MOVED * one.calm.published_soon]
    promises = min(calm, key=lambda one: (len(one.calm.newly_late), one.calm.moved_soon), default=found.chosen)
    return {
        "search": searched.plan,
        "promises": promises.plan,
        "chosen": found.chosen.plan,
        "shift": right_shift(problem, case.plan),
        "anew": shop.plan(best_plan(shop)),
    }


def newly_late(case: Case, problem: Problem, plan: Plan) -> set[Id]:
    """Orders that are late now and were not before."""
    return set(objective(problem, plan).late_min) - set(objective(case.problem, case.plan).late_min)


def _near(engine: Engine) -> dict[str, Figure]:
    sample = _engine_repair.near(engine, 1)
    return {"repair to within 2 % of 60 s": figure(sample["median"], "s", goal=2.0, full_size=engine.is_full)}
