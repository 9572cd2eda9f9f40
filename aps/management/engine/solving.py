"""`aps solve`: a plan within a budget, judged before it is shown."""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import replace
from typing import Any

from aps.engine import warm
from aps.engine.formats import detect, plan_json
from aps.engine.formats.instance import MAKESPAN, TARDINESS, Instance
from aps.engine.problem import Problem
from aps.engine.solve import Solution, solve
from aps.engine.validate import Violation, violations
from aps.management.engine import arguments, files
from aps.management.engine.watching import Bar, Stop, note, note_compiling

WEIGHTS = {"makespan": MAKESPAN, "tardiness": TARDINESS}
STOPPED = "stopped: this is the best plan so far"


def run(chosen: argparse.Namespace, stop: Stop) -> int:
    """0 with a legal plan."""
    files.check_writable(chosen.out)
    instance = _wanted(detect.read(files.read(chosen.file), str(chosen.file), chosen.format), chosen.objective)
    note_compiling()
    warm.warm_up_for(instance.problem)
    found = solved(chosen, stop, instance.problem)
    broken = violations(instance.problem, found.plan)
    answer = {**figures(found, broken), **about(instance), "minimises": _minimises(instance, chosen.objective)}
    return show(chosen, instance, found, answer, stop)


def solved(chosen: argparse.Namespace, stop: Stop, problem: Problem, label: str = "") -> Solution:
    """The plan within the budget that was asked for, with a bar on a terminal."""
    seconds, moves = arguments.budget(chosen)
    bar = Bar(seconds, moves, label=label)
    found = solve(
        problem,
        seconds=seconds,
        moves=moves,
        workers=chosen.workers,
        seed=chosen.seed,
        progress=bar,
        cancelled=stop,
        clock=time.monotonic,
    )
    bar.end()
    return found


def _wanted(instance: Instance, objective: str | None) -> Instance:
    if objective is None:
        return instance
    return replace(instance, problem=replace(instance.problem, weights=WEIGHTS[objective]))


def _minimises(instance: Instance, objective: str | None) -> str:
    return objective or ("makespan" if instance.is_public else "weights of the file")


def figures(found: Solution, broken: list[Violation]) -> dict[str, Any]:
    """What every answer about a plan holds."""
    return {
        "objective": found.objective,
        "makespan": found.makespan,
        "lower_bound": found.lower_bound,
        "gap": round(found.gap, 6),
        "first_feasible_ms": round(found.first_feasible_ms, 2),
        "seconds": round(found.seconds, 3),
        "moves": found.moves,
        "valid": not broken,
        "plan_hash": found.plan.hash,
    }


def about(instance: Instance) -> dict[str, Any]:
    """What was read."""
    return {"format": instance.format, "dialect": instance.dialect, "operations": len(instance.problem.operations)}


def show(chosen: argparse.Namespace, instance: Instance, found: Solution, answer: dict[str, Any], stop: Stop) -> int:
    """Write the plan and print the answer; 1 when the plan is not legal."""
    if chosen.out is not None:
        files.write(chosen.out, plan_json.written(found.plan, instance))
    if stop.asked:
        note(STOPPED)
    if chosen.json:
        print(json.dumps(answer | {"stopped": stop.asked}, ensure_ascii=False))
    else:
        print("\n".join(f"{key.replace('_', ' '):18} {value}" for key, value in answer.items()))
    return 0 if answer["valid"] else 1
