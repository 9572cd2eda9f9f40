"""`aps repair`: a legal plan after something happened, calm first, then better."""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import replace
from typing import Any

from aps.engine import warm
from aps.engine.events import after
from aps.engine.formats import detect, plan_json, question_json
from aps.engine.formats.instance import Instance
from aps.engine.frontier import Calm, Choice, calm_of, frontier
from aps.engine.problem import HorizonTooShortError, Plan, Problem, ProblemError
from aps.engine.solve import solve
from aps.engine.validate import violations
from aps.management.engine import arguments, files
from aps.management.engine.solving import about, figures, show
from aps.management.engine.watching import Bar, Stop, note, note_compiling


def run(chosen: argparse.Namespace, stop: Stop) -> int:
    """0 with a legal plan; 1 when the given one is not."""
    files.check_writable(chosen.out)
    instance = detect.read(files.read(chosen.file), str(chosen.file))
    claimed = plan_json.read_plan(files.read(chosen.plan), str(chosen.plan), instance)
    published = claimed.plan
    written = files.read(chosen.event)
    event = question_json.read_event(written, str(chosen.event))
    broken = [*claimed.faults, *violations(instance.problem, published)]
    if broken:
        note(f"{chosen.plan}: expected a legal plan: {broken[0].sentence}")
        return 1
    try:
        problem = after(instance.problem, published, event)
    except HorizonTooShortError:
        raise
    except ProblemError as wrong:
        raise question_json.refused(written, str(chosen.event), str(wrong)) from None
    note_compiling()
    warm.warm_up()
    if chosen.frontier:
        return _frontier(chosen, stop, instance, problem, published, list(event.told(problem)))
    seconds, moves = arguments.budget(chosen)
    bar = Bar(seconds, moves)
    found = solve(
        problem,
        seconds=seconds,
        moves=moves,
        workers=chosen.workers,
        seed=chosen.seed,
        incumbent=published,
        progress=bar,
        cancelled=stop,
        clock=time.monotonic,
    )
    bar.end()
    answer = {**figures(found, violations(problem, found.plan)), **about(instance)}
    answer |= _changes(instance.problem, problem, published, found.plan)
    answer["told"] = list(event.told(problem))
    if chosen.json and chosen.out is None:
        answer["plan"] = plan_json.as_json(found.plan, instance)
    return show(chosen, replace(instance, problem=problem), found, answer, stop)


def _changes(before: Problem, problem: Problem, published: Plan, plan: Plan) -> dict[str, Any]:
    """How calm it is: published work of the next hours that moves, machines changed, orders that become late."""
    return _calm(calm_of(before, problem, published, plan))


def _calm(calm: Calm) -> dict[str, Any]:
    return {
        "published_soon": calm.published_soon,
        "moved_soon": calm.moved_soon,
        "machine_changes": calm.machine_changes,
        "newly_late": list(calm.newly_late),
    }


def _frontier(
    chosen: argparse.Namespace, stop: Stop, instance: Instance, problem: Problem, published: Plan, told: list[str]
) -> int:
    """The choices as one object or a table; the one to take when promises count is written."""
    seconds, moves = arguments.budget(chosen)
    found = frontier(
        instance.problem,
        problem,
        published,
        moves=moves,
        seconds=seconds,
        workers=chosen.workers,
        seed=chosen.seed,
        cancelled=stop,
        clock=time.monotonic,
    )
    rows = [_row(one, problem, found.chosen) for one in found.choices]
    if chosen.out is not None:
        files.write(chosen.out, plan_json.written(found.chosen.plan, instance))
    if chosen.json:
        plans = {one.key: plan_json.as_json(one.plan, instance) for one in found.choices}
        whole = rows if chosen.out is not None else [row | {"plan": plans[row["key"]]} for row in rows]
        print(json.dumps({"choices": whole, "told": told, "stopped": stop.asked}, ensure_ascii=False))
    else:
        print("\n".join([*_table(rows), *told]))
    return 0 if all(row["valid"] for row in rows) else 1


def _row(one: Choice, problem: Problem, best: Choice) -> dict[str, Any]:
    return {
        "key": one.key,
        "chosen": one is best,
        **_calm(one.calm),
        "late_min": one.late_min,
        "points": one.points,
        "valid": not violations(problem, one.plan),
        "plan_hash": one.plan.hash,
    }


def _table(rows: list[dict[str, Any]]) -> list[str]:
    lines = [f"{'':13}{'moved':>7}{'machines':>10}{'late min':>10}{'points':>14}  newly late"]
    for row in rows:
        numbers = f"{row['moved_soon']:>7}{row['machine_changes']:>10}{row['late_min']:>10}{row['points']:>14}"
        mark = "*" if row["chosen"] else " "
        late = ", ".join(str(order) for order in row["newly_late"]) or "none"
        lines.append(f"{mark} {row['key']:11}{numbers}  {late}")
    return lines
