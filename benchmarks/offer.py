"""Offers and repair against their goals, with the right shift and a full re-dispatch beside them.

The engine by itself first (10,000 and 5,000 operations), then over HTTP with material and price, then from an alarm to
the tablets. Repairs are those of `bench engine`, with what each makes late beside what a full re-dispatch would save.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from aps.engine import frontier, warm
from aps.engine.arrays import shop_of
from aps.engine.construct import best_plan
from aps.engine.problem import Plan, Problem
from aps.engine.repair import right_shift
from aps.engine.solve import solve
from benchmarks import Figure, _engine_offers, _engine_repair, _offer_alarm, _offer_http, figure
from benchmarks._engine_factory import judged
from benchmarks._engine_repair import Case
from benchmarks._engine_row import Settings as Engine

BREAKDOWNS = 8
MOST_MOVED = 0.3
TITLES = {"search": "2 s of search", "promises": "promises first", "chosen": "frontier's choice"}
"""Repairs: as usual; the frontier's plan that saves the most with at most 30 % moved; the one that saves all."""


def run(quick: bool, say: Callable[[str], None]) -> dict[str, Any]:
    """The engine's part; with all of it not `quick`, the way over HTTP and the alarm as well."""
    warm.warm_up()
    engine = Engine(size_scale=0.2 if quick else 1.0, seconds_scale=0.05 if quick else 1.0, say=say)
    figures: dict[str, Any] = {**_offers(engine), **_down(engine), **_calm(engine, say)}
    if quick:
        return figures | {"left_out": ["repair to within 2 % of 60 s", "over HTTP", "alarm to tablets"]}
    figures |= _near(engine)
    return figures | _offer_http.measure(quick, say) | _offer_alarm.measure(quick, say)


def _offers(engine: Engine) -> dict[str, Figure]:
    sample, whole = _engine_offers.measure(engine, 1), engine.is_full
    detail = sample["detail"]
    hours = detail["mean_end_h"]
    return {
        "offer A p95": figure(sample["a"], "ms", goal=2.0, full_size=whole),
        "offer A proved within 300 ms": figure(sample["proved"], "%", goal=95.0, full_size=whole, more_is_better=True),
        "proof p95": figure(detail["proof_p95_ms"], "ms", goal=_engine_offers.PROOF_MS, full_size=whole),
        "largest gap of A to its bound": figure(detail["largest_gap_min"], "min"),
        "offer B p95": figure(sample["b"], "ms", goal=100.0, full_size=whole),
        "offer C p95": figure(sample["c"], "ms", goal=100.0, full_size=whole),
        "mean end of B": figure(hours["B"], "h", baseline=hours["A"]),
        "mean end of C": figure(hours["C"], "h", baseline=hours["A"]),
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
        late = {name: _engine_repair.newly_late(case, problem, plan) for name, plan in plans.items()}
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


def _near(engine: Engine) -> dict[str, Figure]:
    sample = _engine_repair.near(engine, 1)
    return {"repair to within 2 % of 60 s": figure(sample["median"], "s", goal=2.0, full_size=engine.is_full)}
