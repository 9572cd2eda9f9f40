"""`aps bench`: every public instance of a folder, against the best known values."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from aps.engine import warm
from aps.engine.formats import detect, schema
from aps.engine.formats.errors import FormatError, shown
from aps.engine.formats.instance import Instance
from aps.engine.validate import violations
from aps.management.engine import files
from aps.management.engine.solving import about, figures, solved
from aps.management.engine.watching import Stop, note, note_compiling

SUFFIXES = (".fjs", ".jsp")


def run(chosen: argparse.Namespace, stop: Stop) -> int:
    """0 when every plan is legal."""
    paths = _instances(chosen.folder)
    known = _best_known(chosen)
    instances = [(path, detect.read(files.read(path), str(path))) for path in paths]
    note_compiling()
    warm.warm_up()
    rows: list[dict[str, Any]] = []
    for path, instance in instances:
        if stop.asked:
            note(f"stopped after {len(rows)} of {len(instances)} instances")
            break
        rows.append(_row(chosen, stop, path, instance, known))
        if not chosen.json:
            print(_line(rows[-1]), flush=True)
    answer = _summary(rows) | {"stopped": stop.asked}
    print(json.dumps(answer | {"instances": rows}) if chosen.json else _words(answer))
    return 0 if answer["valid"] else 1


def _instances(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise FormatError(str(folder), "", "expected a folder")
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
    if not found:
        raise FormatError(str(folder), "", "expected .fjs or .jsp files in it, got none")
    return found


def _best_known(chosen: argparse.Namespace) -> dict[str, int]:
    """Best known makespan by file name, or by name without suffix."""
    path = chosen.bks or chosen.folder / "bks.json"
    if chosen.bks is None and not path.exists():
        return {}
    values: Any = schema.parsed(files.read(path), str(path))
    if not isinstance(values, dict):
        raise FormatError(str(path), "$", f"expected an object, got {shown(values)}")
    return {name: _best(str(path), name, value) for name, value in values.items()}


def _best(path: str, name: str, value: Any) -> int:
    best = value.get("best") if isinstance(value, dict) else value
    if type(best) is not int or best < 1:
        raise FormatError(path, f"$.{name}", f'expected {{"best": a whole number of 1 or more}}, got {shown(value)}')
    return best


def _row(
    chosen: argparse.Namespace, stop: Stop, path: Path, instance: Instance, known: dict[str, int]
) -> dict[str, Any]:
    found = solved(chosen, stop, instance.problem, label=f"{path.name} ")
    best = known.get(path.name, known.get(path.stem))
    return {
        "instance": path.name,
        **figures(found, violations(instance.problem, found.plan)),
        **about(instance),
        "best_known": best,
        "gap_to_best": None if best is None else round((found.makespan - best) / best, 6),
    }


def _summary(rows: list[dict[str, Any]]) -> dict[str, Any]:
    gaps = [row["gap_to_best"] for row in rows if row["gap_to_best"] is not None]
    return {
        "valid": all(row["valid"] for row in rows),
        "solved": len(rows),
        "mean_gap_to_best": round(sum(gaps) / len(gaps), 6) if gaps else None,
        "proved_best": sum(row["gap"] == 0 for row in rows),
        "seconds": round(sum(row["seconds"] for row in rows), 3),
        "moves": sum(row["moves"] for row in rows),
    }


def _line(row: dict[str, Any]) -> str:
    best = (
        "" if row["best_known"] is None else f"  best known {row['best_known']:>6}  {100 * row['gap_to_best']:6.2f} %"
    )
    legal = "" if row["valid"] else "  NOT LEGAL"
    return (
        f"{row['instance']:16} {row['operations']:>5} operations  makespan {row['makespan']:>6}"
        f"  bound {row['lower_bound']:>6}{best}  {row['seconds']:6.1f} s{legal}"
    )


def _words(answer: dict[str, Any]) -> str:
    mean = answer["mean_gap_to_best"]
    gap = "" if mean is None else f", mean gap to the best known {100 * mean:.2f} %"
    return f"{answer['solved']} instances{gap}, {answer['proved_best']} proved best, {answer['seconds']:.1f} s"
