"""Public job shops and flexible job shops: the gap to the best known makespan, CP-SAT alone and a rule beside it."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any

from aps.engine.formats import detect
from aps.engine.problem import Problem
from aps.engine.rigid.net import rigid_of
from aps.engine.solve import solve
from aps.engine.validate import violations
from benchmarks._engine_exact import Alone, rigid_alone, rigid_rule
from benchmarks._engine_row import BEST_RULE, CP_SAT, Baselines, Goal, Row, Sample, Settings, Skipped

Folder = Callable[[Settings], Path]
SMOKE = 2
"""Instances of a run that is not at full size."""


def fjsp(settings: Settings) -> Path:
    """Where the flexible job shops lie."""
    return settings.data / "fjsp"


def jsp(settings: Settings) -> Path:
    """Where the job shops lie."""
    return settings.jsp


def instances(folder: Path, settings: Settings) -> Iterator[tuple[str, Problem, int]]:
    """Name, problem and best known makespan. Raises Skipped when there are none whose best value is known."""
    known = folder / "bks.json"
    if not known.exists():
        raise Skipped(f"no data: {folder} has no bks.json")
    best = {name: _best(value) for name, value in json.loads(known.read_text()).items()}
    paths = sorted(one for one in folder.iterdir() if one.suffix.lower() in (".fjs", ".jsp"))
    paths = [one for one in paths if one.name in best or one.stem in best]
    if not paths:
        raise Skipped(f"no data: no .fjs or .jsp files in {folder}")
    for path in paths if settings.is_full or settings.size_scale >= 1 else paths[:SMOKE]:
        yield path.name, detect.read(path.read_text(), str(path)).problem, best.get(path.name, best.get(path.stem, 0))


def _best(value: Any) -> int:
    return int(value["best"] if isinstance(value, dict) else value)


def measure(folder: Folder, seconds: float, settings: Settings, seed: int) -> Sample:
    """Ours on each instance; a plan that is proved best ends its search. Raises ValueError for an illegal plan."""
    rows: list[dict[str, Any]] = []
    for name, problem, best in instances(folder(settings), settings):
        found = solve(
            problem, seconds=settings.seconds(seconds), workers=settings.workers, seed=seed, clock=time.perf_counter
        )
        broken = violations(problem, found.plan)
        if broken:
            raise ValueError(f"{name}: {broken[0].sentence}")
        gap = 100 * (found.makespan - best) / best
        settings.say(f"  {name}: {found.makespan}, best known {best}, {gap:.2f} %, {found.seconds:.1f} s")
        rows.append(
            {
                "instance": name,
                "operations": len(problem.operations),
                "best_known": best,
                "makespan": found.makespan,
                "lower_bound": found.lower_bound,
                "gap": gap,
                "seconds": round(found.seconds, 2),
                "moves": found.moves,
                "curve": thinned(found.curve),
            }
        )
    return {
        "gap": mean(rows, "gap"),
        "worst": max(row["gap"] for row in rows),
        "proved": sum(row["makespan"] <= row["lower_bound"] for row in rows),
        "detail": {"instances": rows},
    }


def baselines(folder: Folder, seconds: float, settings: Settings) -> Baselines:
    """CP-SAT alone with the same seconds and workers, hinted with the rule's plan; and that rule."""
    exact, rule = [], []
    for name, problem, best in instances(folder(settings), settings):
        makespan, alone = _alone(name, problem, settings.seconds(seconds), settings.workers)
        last = alone.curve[-1][1]
        settings.say(f"  {name}: CP-SAT alone {last}, best rule {makespan}, best known {best}")
        exact.append(_row(name, last, best) | {"curve": thinned(alone.curve), "proved": alone.status == "OPTIMAL"})
        rule.append(_row(name, makespan, best))
    return {
        CP_SAT: {
            "gap": mean(exact, "gap"),
            "worst": max(row["gap"] for row in exact),
            "proved": sum(row["proved"] for row in exact),
            "detail": {"instances": exact},
        },
        BEST_RULE: {
            "gap": mean(rule, "gap"),
            "worst": max(row["gap"] for row in rule),
            "detail": {"instances": rule},
        },
    }


def _alone(name: str, problem: Problem, seconds: float, workers: int) -> tuple[int, Alone]:
    net = rigid_of(problem).net
    rule = rigid_rule(net)
    return rule.makespan, rigid_alone(net, rule, seconds, workers)


def _row(name: str, makespan: int, best: int) -> dict[str, Any]:
    return {"instance": name, "makespan": makespan, "best_known": best, "gap": 100 * (makespan - best) / best}


def mean(rows: list[dict[str, Any]], key: str) -> float:
    """The mean of a column."""
    return float(sum(row[key] for row in rows) / len(rows))


def thinned(curve: Iterable[tuple[float, int]]) -> list[list[float]]:
    """The curve's steps; of those whose times differ by less than a twentieth only the last."""
    found: dict[int, list[float]] = {}
    for at, value in curve:
        found[round(math.log(max(at, 0.001), 1.05))] = [round(at, 4), value]
    return list(found.values())


@cache
def rows() -> tuple[Row, ...]:
    """Flexible job shops at 30 and 60 seconds, job shops at 60."""
    return (
        _public("fjsp30", "Public flexible job shops, 30 s", fjsp, 30, 1.5, 3),
        _public("fjsp60", "Public flexible job shops, 60 s", fjsp, 60, 1.0, 5.5),
        _public("jsp60", "Public job shops, 60 s", jsp, 60, 4.0, 3),
    )


def _public(name: str, title: str, folder: Folder, seconds: float, goal: float, minutes: float) -> Row:
    goals = (
        Goal("gap", "mean gap to the best known makespan", "%", goal, digits=2),
        Goal("worst", "largest gap", "%", digits=2),
        Goal("proved", "proved best", "instances", more_is_better=True, digits=0),
    )
    return Row(
        name, title, goals, partial(measure, folder, seconds), partial(baselines, folder, seconds), minutes, minutes
    )
