"""Measuring rows one by one: a row that fails says so and the rest goes on, and what is done is kept in a file."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import time
import traceback
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks._engine_row import Row, Settings, Skipped, figures
from suite.stack import places

Results = dict[str, Any]


@cache
def engine_digest() -> str:
    """Changes with every change in the engine's code."""
    sources = sorted((places.ROOT / "aps" / "engine").rglob("*.py"))
    return hashlib.sha256(b"".join(one.read_bytes() for one in sources)).hexdigest()[:12]


def begun(into: Path | None) -> Results:
    """What the file holds, or nothing yet."""
    if into is not None and into.exists():
        found: Results = json.loads(into.read_text(encoding="utf-8"))
        return found
    return {"machine": machine(), "rows": {}}


def machine() -> dict[str, Any]:
    """On what it was measured."""
    from importlib.metadata import version

    return {
        "cores": os.cpu_count(),
        "cpu": _cpu(),
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
        **{name: version(name) for name in ("numpy", "numba", "ortools")},
    }


def _cpu() -> str:
    known = Path("/proc/cpuinfo")
    lines = known.read_text().splitlines() if known.exists() else []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.processor() or platform.machine()


def measured(
    rows: Sequence[Row], seeds: Sequence[int], settings: Settings, into: Path | None, *, again: bool = False
) -> Results:
    """Every row with every seed and its baselines once, except what `into` already holds under the same settings and
    engine; `into` is written after each measurement.
    """
    results = begun(into)
    try:
        for row in rows:
            _row(results, row, seeds, settings, into, again=again)
    except KeyboardInterrupt:
        settings.say("stopped: what was measured so far")
    return summed(results)


def _row(
    results: Results, row: Row, seeds: Sequence[int], settings: Settings, into: Path | None, *, again: bool
) -> None:
    terms = {
        "engine": engine_digest(),
        "seconds_scale": settings.seconds_scale,
        "size_scale": settings.size_scale,
        "workers": settings.workers,
    }
    known = results["rows"].get(row.name)
    if again or known is None or any(known[key] != value for key, value in terms.items()):
        known = {"title": row.title, **terms, "seconds": 0.0, "samples": {}, "baselines": None}
    results["rows"][row.name] = known
    known["error"] = known["skipped"] = None
    began = time.perf_counter()
    try:
        for seed in seeds:
            if str(seed) not in known["samples"]:
                settings.say(f"{row.name}, seed {seed} ...")
                known["samples"][str(seed)] = row.measure(settings, seed)
                _kept(results, row, began, into)
                began = time.perf_counter()
        if known["baselines"] is None and row.baselines is not None:
            settings.say(f"{row.name}, baselines ...")
            known["baselines"] = row.baselines(settings)
    except Skipped as why:
        known["skipped"] = str(why)
    except Exception as wrong:  # noqa: BLE001 - the edge of a row: the others are measured all the same
        known["error"] = f"{type(wrong).__name__}: {wrong}"
        settings.say(traceback.format_exc())
    _kept(results, row, began, into)


def _kept(results: Results, row: Row, began: float, into: Path | None) -> None:
    """Work out the row's figures and write the file, whole or not at all."""
    known = results["rows"][row.name]
    known["seconds"] = round(known["seconds"] + time.perf_counter() - began, 2)
    is_full = known["seconds_scale"] >= 1 and known["size_scale"] >= 1
    known["figures"] = figures(row, known["samples"].values(), known["baselines"] or {}, is_full=is_full)
    if known["error"] or known["skipped"]:
        for figure in known["figures"]:
            figure["met"] = False if known["error"] and figure["goal"] is not None else None
    if into is not None:
        fresh = into.with_name(f".{into.name}.new")
        fresh.write_text(json.dumps(summed(results), indent=1) + "\n", encoding="utf-8")
        fresh.replace(into)


def summed(results: Results) -> Results:
    """With the verdict over all rows."""
    every = [(name, one) for name, row in results["rows"].items() for one in row.get("figures", [])]
    results["met"] = sum(one["met"] is True for _, one in every)
    results["missed"] = [f"{name}: {one['figure']}" for name, one in every if one["met"] is False]
    results["failed"] = {name: row["error"] for name, row in results["rows"].items() if row["error"]}
    results["skipped"] = {name: row["skipped"] for name, row in results["rows"].items() if row["skipped"]}
    results["stale"] = [name for name, row in results["rows"].items() if row["engine"] != engine_digest()]
    return results
