"""`aps repair`: a legal plan after something happened, calm first, then better."""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from typing import Any

from aps.engine import warm
from aps.engine.events import after
from aps.engine.formats import detect, plan_json, question_json
from aps.engine.formats.errors import FormatError
from aps.engine.objective import objective
from aps.engine.problem import Plan, Problem, ProblemError, State
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
    event = question_json.read_event(files.read(chosen.event), str(chosen.event))
    broken = [*claimed.faults, *violations(instance.problem, published)]
    if broken:
        note(f"{chosen.plan}: expected a legal plan: {broken[0].sentence}")
        return 1
    try:
        problem = after(instance.problem, published, event)
    except ProblemError as wrong:
        raise FormatError(str(chosen.event), "$", str(wrong)) from None
    seconds, moves = arguments.budget(chosen)
    note_compiling()
    warm.warm_up()
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
    if chosen.json and chosen.out is None:
        answer["plan"] = plan_json.as_json(found.plan, instance)
    return show(chosen, replace(instance, problem=problem), found, answer, stop)


def _changes(before: Problem, problem: Problem, published: Plan, plan: Plan) -> dict[str, Any]:
    """How calm it is: published work of the next hours that moves, machines changed, orders that become late."""
    weights, now = problem.weights, problem.now_min
    open_work = [one.id for one in problem.operations if one.state in (State.FREE, State.PINNED)]
    known = [(published[key], plan[key]) for key in open_work if key in published]
    soon = [(old, new) for old, new in known if now <= old.start < now + weights.stable_for_min]
    was_late = objective(before, published).late_min
    return {
        "published_soon": len(soon),
        "moved_soon": sum(abs(new.start - old.start) > weights.moved_after_min for old, new in soon),
        "machine_changes": sum(new.machine != old.machine for old, new in known),
        "newly_late": [order for order in objective(problem, plan).late_min if order not in was_late],
    }
