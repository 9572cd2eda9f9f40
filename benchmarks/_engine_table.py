"""The results as a table: for a terminal, and between two marks of docs/engine.md."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks._engine_row import Goal, Row

BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"
HEAD = ("what", "Throughline", "goal", "", "beside it")
NOTHING = "–"


def lines(results: dict[str, Any], rows: Mapping[str, Row]) -> list[tuple[str, str, str, str, str]]:
    """What, value, goal, verdict and baselines of each figure, under the row's title."""
    found = []
    for name, one_row in rows.items():
        if name not in results["rows"]:
            continue
        row, goals = results["rows"][name], {goal.key: goal for goal in one_row.goals}
        found.append((row["title"], _sizes(row), "", "", ""))
        found += [_line(one, goals[one["key"]]) for one in row.get("figures", []) if one["value"] is not None]
        if row["error"] or row["skipped"]:
            found.append((f"· {row['error'] or 'skipped: ' + row['skipped']}", NOTHING, "", "", ""))
    return found


def _sizes(row: dict[str, Any]) -> str:
    scales = (("seconds", row["seconds_scale"]), ("size", row["size_scale"]))
    words = [f"{what} x {scale:g}" for what, scale in scales if scale != 1]
    return f"({', '.join(words)})" if words else ""


def _line(one: dict[str, Any], goal: Goal) -> tuple[str, str, str, str, str]:
    wanted = ""
    if goal.goal is not None:
        wanted = f"{'≥' if goal.more_is_better else '≤'} {shown(goal.goal, goal)}"
    verdict = {True: "met", False: "missed", None: ""}[one["met"]]
    beside = ", ".join(f"{name}: {shown(value, goal)}" for name, value in one["baselines"].items())
    return f"· {one['figure']}", _spread(one, goal), wanted, verdict, beside


def _spread(one: dict[str, Any], goal: Goal) -> str:
    """The median, with the least and the most where seeds differ."""
    middle = shown(one["value"], goal)
    if isinstance(one["value"], str) or one["least"] is None or one["least"] == one["most"]:
        return middle
    return f"{middle} ({number(one['least'], goal.digits)} to {number(one['most'], goal.digits)})"


def shown(value: Any, goal: Goal) -> str:
    """A value with its unit; a word as it is."""
    if isinstance(value, str):
        return value
    return f"{number(value, goal.digits)} {goal.unit}".rstrip()


def number(value: float, digits: int) -> str:
    """With thousands apart; from a thousand on nobody needs decimals."""
    return f"{value:,.{digits if abs(value) < 1000 else 0}f}"


def table(results: dict[str, Any], rows: Mapping[str, Row]) -> str:
    """For a terminal."""
    found = [HEAD, *lines(results, rows)]
    widths = [max(len(line[at]) for line in found if at == 4 or not _is_title(line)) for at in range(5)]
    printed = []
    for line in found:
        if _is_title(line):
            printed.append("  ".join(cell for cell in line if cell))
        else:
            printed.append("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
    missed = f"{results['met']} goals met, {len(results['missed'])} missed"
    printed.append(missed + (f", {len(results['failed'])} rows failed" if results["failed"] else ""))
    if results["stale"]:
        printed.append(f"measured with an engine that has changed since: {', '.join(results['stale'])}")
    return "\n".join(printed)


def _is_title(line: tuple[str, ...]) -> bool:
    return line is not HEAD and not line[0].startswith("·")


def markdown(results: dict[str, Any], rows: Mapping[str, Row]) -> str:
    """For the document."""
    found = ["| | Throughline | goal | | beside it |", "|---|---|---|---|---|"]
    for line in lines(results, rows):
        first = f"**{line[0]}**" if _is_title(line) else line[0].replace("· ", "")
        found.append("| " + " | ".join([first, *line[1:]]) + " |")
    on = results["machine"]
    seeds = max((len(row["samples"]) for row in results["rows"].values()), default=0)
    measured = (
        f"Measured on {on['cores']} cores ({on['cpu']}), Python {on['python']}, numba {on['numba']}, OR-Tools "
        f"{on['ortools']}; medians of up to {seeds} seeds, the least and the most of them in brackets."
    )
    return "\n".join([*found, "", measured])


def write_between(document: Path, text: str) -> None:
    """Replace what stands between the marks. Raises ValueError without them."""
    whole = document.read_text(encoding="utf-8")
    before, begin, rest = whole.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{document}: expected {BEGIN} and {END}")
    document.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")
