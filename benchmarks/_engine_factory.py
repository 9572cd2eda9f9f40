"""Rows on generated furniture factories: first plans, the objective against the best rule, memory, the judge."""

from __future__ import annotations

import time
from functools import partial
from typing import Any

from aps.engine.arrays import shop_of
from aps.engine.construct import first_plan
from aps.engine.formats import plan_json, problem_json
from aps.engine.formats.instance import Instance
from aps.engine.generate import generate
from aps.engine.problem import Plan, Problem
from aps.engine.solve import solve
from aps.engine.validate import violations
from benchmarks._clock import milliseconds
from benchmarks._engine_child import TookTooLongError, ask
from benchmarks._engine_exact import best_construction, best_rule
from benchmarks._engine_public import thinned
from benchmarks._engine_row import BEST_RULE, CP_SAT, NO_SOLUTION, Baselines, Goal, Row, Sample, Settings
from suite.stack import places

REPEATS = 5
PLAIN_OPERATIONS = 2000
CP_SAT_HINTED = "CP-SAT from a rule's plan"
BUILDING = 60.0
"""Seconds that CP-SAT's model may take to be built before its own begin."""


def judged(problem: Problem, plan: Plan) -> Plan:
    """The plan. Raises ValueError when it is not legal; problem and plan are then kept for `aps validate`."""
    broken = violations(problem, plan)
    if broken:
        kept = places.var_dir()
        kept.mkdir(parents=True, exist_ok=True)
        (kept / "illegal-problem.json").write_text(problem_json.written(problem), encoding="utf-8")
        (kept / "illegal-plan.json").write_text(plan_json.written(plan, Instance(problem, "json", "json")), "utf-8")
        raise ValueError(f"not a legal plan: {broken[0].sentence} (illegal-problem.json, illegal-plan.json in {kept})")
    return plan


def first(operations: int, settings: Settings, seed: int) -> Sample:
    """Milliseconds of the first valid plan: from arrays, from the problem, and until it can be read; the best of some.

    A first pass, which is not counted, has compiled everything.
    """
    problem = generate(settings.operations(operations), seed)
    shop = shop_of(problem)
    plan = judged(problem, shop.plan(first_plan(shop)))
    arrays, whole = [], []
    for _ in range(REPEATS):
        arrays.append(milliseconds(lambda: first_plan(shop)))
        whole.append(milliseconds(lambda: first_plan(shop_of(problem))))
    told = [milliseconds(lambda: shop.plan(first_plan(shop))) for _ in range(REPEATS)]
    return {"arrays": min(arrays), "problem": min(whole), "plan": min(told), "detail": {"operations": len(plan)}}


def speedup(settings: Settings, seed: int) -> Sample:
    """How much faster than the same functions in plain Python, which must find the same plan."""
    operations = settings.operations(PLAIN_OPERATIONS)
    compiled = ask("plain", patience=300, operations=operations, seed=seed, times=1 + REPEATS)
    python = ask("plain", patience=600, plain=True, operations=operations, seed=seed, times=1)
    if compiled["hash"] != python["hash"]:
        raise ValueError("compiled and plain Python make different plans")
    return {
        "compiled": compiled["ms"],
        "python": python["ms"],
        "ratio": python["ms"] / compiled["ms"],
        "detail": {"operations": operations},
    }


def objective(operations: int, settings: Settings, seed: int) -> Sample:
    """How far the search gets below the best rule, and how much of the objective lies above the bound."""
    problem = generate(settings.operations(operations), seed)
    shop = shop_of(problem)
    rule, _ = best_rule(shop)
    found = solve(problem, seconds=settings.seconds(30), workers=settings.workers, seed=seed, clock=time.perf_counter)
    judged(problem, found.plan)
    below = 100 * (rule - found.objective) / rule
    settings.say(
        f"  {len(problem.operations)} operations: {found.objective:,}, best rule {rule:,}: {below:.1f} % below"
    )
    return {
        "below": below,
        "above_bound": 100 * found.gap,
        "moves": found.moves,
        "detail": {
            "operations": len(problem.operations),
            "objective": found.objective,
            "best_rule": rule,
            "lower_bound": found.lower_bound,
            "seconds": round(found.seconds, 2),
            "curve": thinned(found.curve),
        },
    }


def baselines(operations: int, settings: Settings) -> Baselines:
    """The best rule, the best construction, and CP-SAT with the same seconds and workers, on the first factory."""
    count = settings.operations(operations)
    shop = shop_of(generate(count, 1))
    rule, took = best_rule(shop)
    built = best_construction(shop)
    alone = exact(count, rule, settings, hinted=False)
    is_too_large = "status" in alone["detail"] and "built_s" not in alone["detail"]
    found = {
        CP_SAT: alone,
        CP_SAT_HINTED: alone if is_too_large else exact(count, rule, settings, hinted=True),
        BEST_RULE: {"below": 0.0, "detail": {"objective": rule, "seconds": took}},
        "rules and gaps": {"below": 100 * (rule - built) / rule, "detail": {"objective": built}},
    }
    settings.say(f"  CP-SAT alone {found[CP_SAT]['below']}, with a rule's plan {found[CP_SAT_HINTED]['below']}")
    return found


def exact(count: int, rule: int, settings: Settings, *, hinted: bool) -> Sample:
    """CP-SAT on the whole factory: percent below the best rule, or a word when it finds no plan."""
    seconds = settings.seconds(30)
    terms: dict[str, Any] = {
        "operations": count,
        "seed": 1,
        "seconds": seconds,
        "workers": settings.workers,
        "hinted": hinted,
    }
    try:
        found = ask("cp_whole", patience=BUILDING + seconds + 15, **terms)
    except (TookTooLongError, RuntimeError) as wrong:
        return {"below": NO_SOLUTION, "detail": {"status": str(wrong)}}
    if not found["curve"]:
        return {"below": NO_SOLUTION, "detail": found}
    return {"below": 100 * (rule - found["curve"][-1][1]) / rule, "detail": found}


def memory(settings: Settings, seed: int) -> Sample:
    """Peak memory of a process that makes up the factory and solves it with one worker for ten seconds."""
    seconds = settings.seconds(10)
    ask("warm", patience=300)
    found = ask("memory", patience=seconds + 300, operations=settings.operations(10_000), seed=seed, seconds=seconds)
    return {"mb": found["mb"], "detail": found}


def validator(operations: int, settings: Settings, seed: int) -> Sample:
    """Milliseconds to judge a whole plan; the best of some."""
    problem = generate(settings.operations(operations), seed)
    shop = shop_of(problem)
    plan = judged(problem, shop.plan(first_plan(shop)))
    return {"ms": min(milliseconds(lambda: violations(problem, plan)) for _ in range(REPEATS))}


def rows() -> tuple[Row, ...]:
    """The rows of this module."""
    return (
        _first("first10k", "First valid plan, 10,000 operations", 10_000, 20.0, 0.2),
        _first("first100k", "First valid plan, 100,000 operations", 100_000, 1000.0, 0.6),
        Row(
            "plain",
            "First valid plan, 2,000 operations, compiled and in plain Python",
            (
                Goal("compiled", "compiled", "ms"),
                Goal("python", "plain Python", "ms", digits=0),
                Goal("ratio", "plain Python to compiled", "times", more_is_better=True, digits=0),
            ),
            speedup,
            minutes=0.2,
        ),
        _objective("objective10k", "Objective, 10,000 operations, 30 s", 10_000, 25.0, 0.6, 1.8),
        _objective("objective2k", "Objective, 2,000 operations, 30 s", 2000, None, 0.6, 1.6),
        Row(
            "memory",
            "Memory, 10,000 operations, one worker",
            (Goal("mb", "peak resident memory", "MB", 200.0, digits=0),),
            memory,
            minutes=0.3,
        ),
        _validator("validator", "Validator, 10,000 operations", 10_000, 50.0),
        _validator("validator96k", "Validator, 96,000 operations", 96_000, None),
    )


def _first(name: str, title: str, operations: int, goal: float, minutes: float) -> Row:
    goals = (
        Goal("arrays", "from arrays", "ms", goal),
        Goal("problem", "from the problem", "ms", goal),
        Goal("plan", "from arrays to placements by operation", "ms"),
    )
    return Row(name, title, goals, partial(first, operations), minutes=minutes)


def _objective(name: str, title: str, operations: int, goal: float | None, minutes: float, once: float) -> Row:
    goals = (
        Goal("below", "below the best rule", "%", goal, more_is_better=True),
        Goal("above_bound", "share of the objective above the lower bound", "%"),
        Goal("moves", "moves made", "", more_is_better=True, digits=0),
    )
    return Row(name, title, goals, partial(objective, operations), partial(baselines, operations), minutes, once)


def _validator(name: str, title: str, operations: int, goal: float | None) -> Row:
    return Row(
        name,
        title,
        (Goal("ms", "every rule of a whole plan", "ms", goal),),
        partial(validator, operations),
        minutes=0.2,
    )
