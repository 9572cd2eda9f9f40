"""`manage.py bench`: one module of benchmarks/ on scratch services, its figures as a table or as JSON."""

import argparse
import importlib
import json
import os
import sys
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any

from benchmarks import WITHOUT_SERVICES
from suite.stack import places, processes, services

COLUMNS = ("value", "unit", "goal", "baseline", "met")


def main(arguments: list[str]) -> int:
    """Run one benchmark; 1 if a figure misses its goal."""
    if arguments and arguments[0] in WITHOUT_SERVICES:
        code: int = importlib.import_module(f"benchmarks.{arguments[0]}").main(arguments[1:])
        return code
    parser = argparse.ArgumentParser(prog="manage.py bench", description=__doc__)
    parser.add_argument("name", help="a module of benchmarks/")
    parser.add_argument("--quick", action="store_true", help="end within 45 s, leave out what takes longer")
    parser.add_argument("--only", default="", help="one part of it; a name that there is none of lists them")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    options = parser.parse_args(arguments)
    known = sorted(path.stem for path in (places.ROOT / "benchmarks").glob("*.py") if not path.stem.startswith("_"))
    if options.name not in known:
        processes.refuse(f"There is no benchmark {options.name}. There are: {', '.join(known) or 'none yet'}.")
    figures = _run(options.name, quick=options.quick, only=options.only)
    left_out = figures.pop("left_out", [])
    if options.json:
        print(json.dumps(figures | ({"left_out": left_out} if left_out else {}), indent=2))
    else:
        _table(figures, left_out)
    return 1 if any(figure.get("met") is False for figure in figures.values()) else 0


def _run(name: str, *, quick: bool, only: str) -> dict[str, Any]:
    places.var_dir().mkdir(parents=True, exist_ok=True)
    for variable in ("DATABASE_URL", "REDIS_URL"):  # a benchmark never touches somebody's data
        os.environ.pop(variable, None)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=places.var_dir(), ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)  # PostgreSQL's account must get in
        os.environ["THROUGHLINE_VAR"] = folder
        with services.owned(Path(folder), who=f"bench {name}"):
            import django
            from django.core.management import call_command
            from django.db import connections

            django.setup()
            call_command("migrate", verbosity=0, interactive=False)
            try:
                benchmark = importlib.import_module(f"benchmarks.{name}")
                figures: dict[str, Any] = benchmark.run(quick, _say, **_part_of(benchmark, only))
            finally:
                connections.close_all()
    return figures


def _part_of(benchmark: ModuleType, only: str) -> dict[str, str]:
    if not only:
        return {}
    parts = getattr(benchmark, "PARTS", ())
    if only not in parts:
        processes.refuse(f"There is no part {only}. There are: {', '.join(parts) or 'none'}.")
    return {"only": only}


def _table(figures: dict[str, Any], left_out: list[str]) -> None:
    rows: list[tuple[str, ...]] = [("figure", *COLUMNS)]
    rows += [(name, *(_shown(figure.get(column)) for column in COLUMNS)) for name, figure in figures.items()]
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    if left_out:
        print(f"left out: {', '.join(left_out)}")


def _shown(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return (
        f"{value:.3g}"
        if isinstance(value, float) and value < 1000
        else f"{value:,.0f}"
        if isinstance(value, float)
        else str(value)
    )


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
