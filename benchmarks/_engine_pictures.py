"""The pictures of docs/engine.md, drawn from the benchmark's results: curves and bars; the Gantt is made anew."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks._engine_gantt import gantt
from benchmarks._engine_row import BEST_RULE, CP_SAT
from benchmarks._engine_svg import Drawing, short, ticks

OURS = "Throughline"
Points = Sequence[Sequence[float]]
LEFT, TOP, WIDTH, HEIGHT = 70, 96, 600, 240


def draw(results: dict[str, Any], folder: Path) -> list[str]:
    """Write what there are results for; the names of the files."""
    folder.mkdir(parents=True, exist_ok=True)
    made = {
        "engine-progress-jobshop.svg": _job_shop(results),
        "engine-progress-factory.svg": _factory(results),
        "engine-gaps.svg": _gaps(results),
        "engine-moves.svg": _moves(results),
        "engine-gantt.svg": gantt(),
    }
    for name, drawing in made.items():
        if drawing is not None:
            (folder / name).write_text(drawing.written(), encoding="utf-8")
    return [name for name, drawing in made.items() if drawing is not None]


def _sample(results: dict[str, Any], *names: str) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """First sample and baselines of the first of these rows that was measured."""
    for name in names:
        row = results["rows"].get(name, {})
        if row.get("samples"):
            return row["samples"][min(row["samples"], key=int)], row["baselines"]
    return None


def _job_shop(results: dict[str, Any]) -> Drawing | None:
    """The flexible job shop on which the search goes on for longest."""
    found = _sample(results, "fjsp60", "fjsp30")
    if found is None:
        return None
    sample, baselines = found
    one = max(sample["detail"]["instances"], key=lambda row: (row["gap"] > 0, row["operations"], row["seconds"]))
    name, best = one["instance"], one["best_known"]
    exact = _instance(baselines.get(CP_SAT), name)
    rule = _instance(baselines.get(BEST_RULE), name)
    until = max([one["seconds"], *(at for at, _ in exact.get("curve", []))])
    lines = [(OURS, "teal", one["curve"])]
    if exact:
        lines.append((CP_SAT, "amber", exact["curve"]))
    flat = [("best known", "green", best)] + ([(BEST_RULE, "slate", rule["makespan"])] if rule else [])
    title = f"Makespan of {name.partition('.')[0]}, {one['operations']} operations"
    return _curves(title, "Minutes over seconds of search; lower is better.", lines, flat, until)


def _instance(sample: dict[str, Any] | None, name: str) -> dict[str, Any]:
    rows = sample["detail"]["instances"] if sample else []
    return next((row for row in rows if row["instance"] == name), {})


def _factory(results: dict[str, Any]) -> Drawing | None:
    found = _sample(results, "objective10k", "objective2k")
    if found is None:
        return None
    detail, baselines = found[0]["detail"], found[1]
    lines = [(OURS, "teal", detail["curve"])]
    exact = baselines.get(CP_SAT, {}).get("detail", {}).get("curve")
    subtitle = "Points of the objective over seconds; lower is better."
    if exact:
        lines.append((CP_SAT, "amber", exact))
    elif CP_SAT in baselines:
        subtitle += " CP-SAT alone finds no plan in this time."
    flat = [(BEST_RULE, "slate", detail["best_rule"])]
    title = f"A furniture factory with {detail['operations']:,} operations"
    return _curves(title, subtitle, lines, flat, detail["seconds"])


def _curves(
    title: str,
    subtitle: str,
    lines: Sequence[tuple[str, str, Points]],
    flat: Sequence[tuple[str, str, float]],
    until: float,
) -> Drawing:
    """Steps over seconds (a logarithmic axis: most happens at once), and level lines."""
    drawing = Drawing(LEFT + WIDTH + 30, TOP + HEIGHT + 74, title, subtitle)
    values = [value for _, _, points in lines for _, value in points] + [value for _, _, value in flat]
    least, most = min(values), max(values)
    least, most = least - 0.04 * (most - least), most + 0.04 * (most - least)
    begin = min([max(at, 0.01) for _, _, points in lines for at, _ in points] + [until / 10])

    def x(seconds: float) -> float:
        share = math.log(max(seconds, begin) / begin) / max(1e-9, math.log(until / begin))
        return LEFT + WIDTH * min(1.0, share)

    def y(value: float) -> float:
        return TOP + HEIGHT * (most - value) / max(1e-9, most - least)

    for value in ticks(least, most):
        drawing.path([(LEFT, y(value)), (LEFT + WIDTH, y(value))], "line")
        drawing.text(LEFT - 8, y(value) + 4, short(value), colour="quiet", anchor="end")
    for seconds in (0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 60):
        if begin <= seconds <= until * 1.001:
            drawing.path([(x(seconds), TOP + HEIGHT), (x(seconds), TOP + HEIGHT + 5)], "quiet")
            drawing.text(x(seconds), TOP + HEIGHT + 20, f"{seconds:g} s", colour="quiet", anchor="middle")
    for _, colour, value in flat:
        drawing.path([(LEFT, y(value)), (LEFT + WIDTH, y(value))], colour, width=1.5, dash="5 4")
    for _, colour, points in reversed(lines):
        drawing.path(_steps(points, until, x, y), colour, width=2.25)
    drawing.legend(LEFT, TOP - 18, [(name, colour) for name, colour, _ in [*lines, *flat]])
    drawing.text(LEFT + WIDTH, TOP + HEIGHT + 44, "seconds, logarithmic", colour="quiet", anchor="end")
    return drawing


def _steps(points: Points, until: float, x: Any, y: Any) -> list[tuple[float, float]]:
    """A plan holds until there is a better one."""
    found: list[tuple[float, float]] = []
    for at, value in points:
        if found:
            found.append((x(at), found[-1][1]))
        found.append((x(at), y(value)))
    return [*found, (x(until), found[-1][1])] if found else []


def _gaps(results: dict[str, Any]) -> Drawing | None:
    """Bars per instance: ours in front, CP-SAT alone and the best rule behind."""
    found = _sample(results, "fjsp60", "fjsp30")
    if found is None:
        return None
    sample, baselines = found
    rows = sample["detail"]["instances"]
    series = [(OURS, "teal", rows)]
    if baselines:
        series.append((CP_SAT, "amber", baselines[CP_SAT]["detail"]["instances"]))
    most = max([1.0, *(row["gap"] for _, _, found_rows in series for row in found_rows)]) * 1.05
    drawing = Drawing(
        LEFT + WIDTH + 30,
        TOP + HEIGHT + 50,
        "Gap to the best known makespan, flexible job shops",
        "Percent above it, same seconds and workers; no bar: the best known value is reached.",
    )
    for value in ticks(0, most):
        at = TOP + HEIGHT * (1 - value / most)
        drawing.path([(LEFT, at), (LEFT + WIDTH, at)], "line")
        drawing.text(LEFT - 8, at + 4, f"{short(value)} %", colour="quiet", anchor="end")
    each = WIDTH / max(1, len(rows))
    for number, row in enumerate(rows):
        left = LEFT + each * number
        thick = (each - 16) / len(series)
        for at, (_, colour, found_rows) in enumerate(series):
            gap = max(0.0, found_rows[number]["gap"]) if number < len(found_rows) else 0.0
            high = HEIGHT * gap / most
            if gap > 0:
                drawing.box(left + 8 + thick * at, TOP + HEIGHT - high, thick - 2, high, colour, radius=1.5)
        words = row["instance"].partition(".")[0]
        drawing.text(left + each / 2, TOP + HEIGHT + 20, words, colour="quiet", anchor="middle")
    drawing.path([(LEFT, TOP + HEIGHT), (LEFT + WIDTH, TOP + HEIGHT)], "quiet")
    drawing.legend(LEFT, TOP - 18, [(name, colour) for name, colour, _ in series])
    return drawing


def _moves(results: dict[str, Any]) -> Drawing | None:
    """Moves per second, incremental against full decoding, on a logarithmic axis."""
    bars = []
    for name, size in (("moves2k", "2,000 operations"), ("moves10k", "10,000 operations")):
        found = _sample(results, name)
        if found is not None:
            bars.append((size, found[0]["incremental"], found[0]["whole"]))
    if not bars:
        return None
    drawing = Drawing(
        LEFT + WIDTH + 30,
        TOP + 92 * len(bars) + 16,
        "Moves per second, one worker",
        "A move times only what it touches; beside it the same with the whole plan decoded each time. Logarithmic.",
    )
    most = math.log10(max(value for _, *pair in bars for value in pair))
    for number, (size, incremental, whole) in enumerate(bars):
        top = TOP + 24 + 92 * number
        drawing.text(24, top - 8, size, weight=600)
        for at, (value, colour) in enumerate(((incremental, "teal"), (whole, "slate"))):
            width = (WIDTH - 60) * math.log10(max(value, 1)) / most
            drawing.box(24, top + 28 * at, width, 22, colour, radius=3)
            drawing.text(32 + width, top + 16 + 28 * at, f"{value:,.0f}", colour="quiet")
    drawing.legend(24, TOP - 16, [("timing what a move touches", "teal"), ("decoding the whole plan", "slate")])
    return drawing
