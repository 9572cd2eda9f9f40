"""Rows on repair: a machine goes down in the middle of a published plan of 5,000 operations."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, replace
from typing import Any

from aps.engine import events
from aps.engine.arrays import shop_of
from aps.engine.construct import best_plan
from aps.engine.generate import DAY, generate
from aps.engine.objective import objective
from aps.engine.offer import LivePlan
from aps.engine.problem import Id, Placement, Plan, Problem, State, Weights
from aps.engine.repair import right_shift
from aps.engine.solve import Solution, solve
from benchmarks._clock import percentile
from benchmarks._engine_factory import judged
from benchmarks._engine_row import BEST_RULE, Baselines, Goal, Row, Sample, Settings

OPERATIONS, PUBLISHED_SECONDS = 5000, 10.0
DOWN, SEARCHED, LONG = 20, 8, 3
"""Machines that go down: for the first valid plan, for calm, and for the long run."""
SEARCH, LONG_RUN, NEAR = 2.0, 60.0, 1.02
SHIFT = "right shift"
STIFFER = {"moved x 5": (5, 1), "machine x 5": (1, 5), "both x 5": (5, 5), "both x 25": (25, 25)}


@dataclass(frozen=True)
class Case:
    """A published plan and what happened."""

    problem: Problem
    plan: Plan
    event: events.MachineDown

    def after(self) -> Problem:
        """The problem once the event is known."""
        return events.after(self.problem, self.plan, self.event)


def cases(settings: Settings, seed: int, count: int) -> list[Case]:
    """Different machines, each down for two hours to a day from the middle of work within the next two days."""
    problem = generate(settings.operations(OPERATIONS), seed)
    plan = solve(problem, seconds=settings.seconds(PUBLISHED_SECONDS), seed=seed, clock=time.perf_counter).plan
    dice = random.Random(seed)  # noqa: S311 - not a secret
    until = problem.now_min + 2 * DAY
    work = [plan[one.id] for one in problem.operations if one.state is State.FREE]
    near = [place for place in work if place.start < until]
    dice.shuffle(near)
    chosen: dict[Id, Placement] = {}
    for place in near:
        chosen.setdefault(place.machine, place)
    found = []
    for place in list(chosen.values())[:count]:
        at = (place.start + place.end) // 2
        down = events.MachineDown(place.machine, at, at + dice.choice((120, 240, 480, DAY)), now_min=at)
        found.append(Case(problem, plan, down))
    return found


def down(settings: Settings, seed: int) -> Sample:
    """From the event to the first valid plan: what changes in the plan in memory, and the whole problem made anew."""
    found = cases(settings, seed, settings.times(DOWN))
    right_shift(found[0].after(), found[0].plan)
    event, shift, live = [], [], []
    for case in found:
        live.append(_live(case))
        began = time.perf_counter()
        problem = case.after()
        between = time.perf_counter()
        plan = right_shift(problem, case.plan)
        ended = time.perf_counter()
        judged(problem, plan)
        event.append(1000 * (between - began))
        shift.append(1000 * (ended - between))
    whole = [one + other for one, other in zip(event, shift, strict=True)]
    return {
        "live": percentile(live, 95),
        "live_median": percentile(live, 50),
        "shift": percentile(shift, 95),
        "whole": percentile(whole, 95),
        "detail": {"machines": len(found), "live_ms": live, "event_ms": event, "shift_ms": shift},
    }


def _live(case: Case) -> float:
    """Milliseconds until the plan in memory says what changes; the changed plan is legal."""
    at = case.event.from_min
    live = LivePlan(events.progressed(case.problem, case.plan, at), case.plan)
    began = time.perf_counter()
    changes = live.down(case.event.machine, at, case.event.until_min or at)
    took = 1000 * (time.perf_counter() - began)
    judged(case.after(), Plan({**live.shop.plan(live.times), **changes}))
    return took


def near(settings: Settings, seed: int) -> Sample:
    """Seconds until the plan is within two percent of the best of the whole long run."""
    took, runs = [], []
    for case in cases(settings, seed, settings.times(LONG)):
        problem = case.after()
        found = _searched(case, problem, settings, settings.seconds(LONG_RUN), seed)
        judged(problem, found.plan)
        limit = NEAR * found.objective
        took.append(next((at for at, points in found.curve if points <= limit), found.seconds))
        first = found.curve[0][1] if found.curve else found.objective
        runs.append({"machine": case.event.machine, "first": first, "best": found.objective, "seconds": took[-1]})
        settings.say(f"  {case.event.machine} down: within 2 % after {took[-1]:.2f} s")
    return {"median": percentile(took, 50), "worst": max(took), "detail": {"runs": runs}}


def calm(settings: Settings, seed: int) -> Sample:
    """What two seconds of search move, and the same with stiffer weights beside it."""
    found = cases(settings, seed, settings.times(SEARCHED))
    usual = Weights()
    rows = {"usual": _calm_with(found, usual, settings, seed)}
    for name, (moved, machine) in STIFFER.items():
        weights = replace(usual, moved=moved * usual.moved, machine=machine * usual.machine)
        rows[name] = _calm_with(found[: settings.times(SEARCHED // 2)], weights, settings, seed)
        settings.say(f"  {name}: moved {rows[name]['moved']:.1f} %, machines {rows[name]['machines']:.1f} %")
    return {**rows["usual"], "detail": {"by_weights": rows}}


def _calm_with(found: list[Case], weights: Weights, settings: Settings, seed: int) -> dict[str, Any]:
    changes = []
    for case in found:
        problem = replace(case.after(), weights=weights)
        plan = _searched(case, problem, settings, settings.seconds(SEARCH), seed).plan
        changes.append(changed(case, problem, judged(problem, plan)))
    return summed(changes)


def _searched(case: Case, problem: Problem, settings: Settings, seconds: float, seed: int) -> Solution:
    return solve(
        problem,
        seconds=seconds,
        workers=settings.workers,
        seed=seed,
        incumbent=case.plan,
        clock=time.perf_counter,
    )


def changed(case: Case, problem: Problem, plan: Plan) -> dict[str, int]:
    """Published work of the next 24 hours that has not begun: how much there is, moves, changes its machine; and the
    orders that are late now and were not before, and those that the right shift alone would make late.
    """
    weights, now = Weights(), problem.now_min
    open_work = [one.id for one in problem.operations if one.state in (State.FREE, State.PINNED)]
    pairs = [(case.plan[key], plan[key]) for key in open_work if key in case.plan]
    soon = [(old, new) for old, new in pairs if now <= old.start < now + weights.stable_for_min]
    is_late, pushed = newly_late(case, problem, plan), newly_late(case, problem, right_shift(problem, case.plan))
    return {
        "published": len(soon),
        "moved": sum(abs(new.start - old.start) > weights.moved_after_min for old, new in soon),
        "machines": sum(new.machine != old.machine for old, new in soon),
        "newly_late": len(is_late),
        "newly_late_by_search": len(is_late - pushed),
        "late_after_shift": len(pushed),
    }


def newly_late(case: Case, problem: Problem, plan: Plan) -> set[Id]:
    """Orders that are late now and were not before."""
    return set(objective(problem, plan).late_min) - set(objective(case.problem, case.plan).late_min)


def summed(changes: list[dict[str, int]]) -> dict[str, Any]:
    """Shares over all breakdowns together, in percent; late orders per breakdown."""
    published = max(1, sum(one["published"] for one in changes))
    return {
        "moved": 100 * sum(one["moved"] for one in changes) / published,
        "machines": 100 * sum(one["machines"] for one in changes) / published,
        "newly_late": sum(one["newly_late"] for one in changes) / len(changes),
        "without_newly_late": 100 * sum(one["newly_late"] == 0 for one in changes) / len(changes),
        "newly_late_by_search": sum(one["newly_late_by_search"] for one in changes) / len(changes),
        "late_after_shift": sum(one["late_after_shift"] for one in changes) / len(changes),
        "breakdowns": len(changes),
    }


def calm_baselines(settings: Settings) -> Baselines:
    """The shift to the right alone, and the best rule that plans everything anew, on the first factory."""
    shifted, anew = [], []
    for case in cases(settings, 1, settings.times(SEARCHED)):
        problem = case.after()
        shop = shop_of(problem)
        shifted.append(changed(case, problem, right_shift(problem, case.plan)))
        anew.append(changed(case, problem, shop.plan(best_plan(shop))))
    return {SHIFT: summed(shifted), f"{BEST_RULE}, all anew": summed(anew)}


def rows() -> tuple[Row, ...]:
    """The rows of this module."""
    return (
        Row(
            "down",
            "Machine down to the first valid plan, 5,000 operations",
            (
                Goal("live", "what changes in the plan in memory, p95", "ms", 10.0),
                Goal("live_median", "the same, median", "ms"),
                Goal("shift", "problem and plan given, whole plan back, p95", "ms"),
                Goal("whole", "with working out what is done by then, p95", "ms"),
            ),
            down,
            minutes=0.3,
        ),
        Row(
            "near",
            "Repair to within 2 % of a 60 s run, 5,000 operations",
            (Goal("median", "median", "s", 2.0), Goal("worst", "longest", "s")),
            near,
            minutes=3.3,
        ),
        Row(
            "calm",
            "Calm of a repair, 2 s of search, 5,000 operations",
            (
                Goal("moved", "published operations of the next 24 h moved > 15 min", "%", 30.0),
                Goal("machines", "of these on another machine", "%", 5.0),
                Goal("newly_late", "orders newly late per breakdown", "", 0.0),
                Goal("without_newly_late", "breakdowns without an order newly late", "%", more_is_better=True),
                Goal("newly_late_by_search", "newly late by the search, not by the breakdown", ""),
            ),
            calm,
            calm_baselines,
            minutes=1.2,
            once=0.3,
        ),
    )
