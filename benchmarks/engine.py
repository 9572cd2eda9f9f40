"""The planning engine's figures against its goals, with CP-SAT alone and the best dispatch rule beside them.

`python3 manage.py bench engine` needs no database. Every row can be run by itself, and `--into FILE` gathers rows and
seeds over several runs: what the file holds already is not measured again.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks import (
    _engine_factory,
    _engine_offers,
    _engine_pictures,
    _engine_public,
    _engine_repair,
    _engine_results,
    _engine_search,
    _engine_table,
    _engine_threelevel,
)
from benchmarks._engine_row import SHARED, Row, Settings, keyed
from suite.stack import places

MODULES = (
    _engine_public, _engine_factory, _engine_search, _engine_offers, _engine_repair, _engine_threelevel,
)  # fmt: skip
QUICK_SECONDS, QUICK_SIZE = 0.02, 0.1
DOCUMENT, IMAGES = places.ROOT / "docs" / "engine.md", places.ROOT / "docs" / "images"


def rows() -> list[Row]:
    """All rows, in the order of the table."""
    return [row for module in MODULES for row in module.rows()]


def main(arguments: Sequence[str]) -> int:
    """Measure and print; 1 if a figure misses its goal or a row fails."""
    known = keyed(rows())
    chosen = _parser(list(known)).parse_args(arguments)
    if chosen.list:
        for row in known.values():
            print(f"{row.name:16} {row.title}; a seed {row.minutes:g} min, baselines {row.once:g} min")
        return 0
    settings = Settings(
        seconds_scale=chosen.seconds_scale,
        size_scale=chosen.size_scale,
        workers=chosen.workers,
        data=chosen.data,
        jsp=chosen.jsp or chosen.data / "jsp",
        say=_say,
    )
    if chosen.quick:
        settings = replace(settings, seconds_scale=QUICK_SECONDS, size_scale=QUICK_SIZE)
    wanted = [known[name] for name in chosen.rows or known]
    if not chosen.no_measuring:
        _compile()
        seeds = range(chosen.first_seed, chosen.first_seed + chosen.seeds)
        results = _engine_results.measured(wanted, seeds, settings, chosen.into, again=chosen.again)
    else:
        results = _engine_results.summed(_engine_results.begun(chosen.into))
    print(json.dumps(results) if chosen.json else _engine_table.table(results, known), flush=True)
    if chosen.pictures is not None:
        _say("drawn: " + ", ".join(_engine_pictures.draw(results, chosen.pictures)))
    if chosen.docs is not None:
        _engine_table.write_between(chosen.docs, _engine_table.markdown(results, known))
    return 1 if results["missed"] or results["failed"] else 0


def _parser(names: Sequence[str]) -> argparse.ArgumentParser:
    def some(text: str) -> list[str]:
        found = [one.strip() for one in text.split(",") if one.strip()]
        for one in found:
            if one not in names:
                raise argparse.ArgumentTypeError(f"no row {one}; there are: {', '.join(names)}")
        return found

    parser = argparse.ArgumentParser(prog="manage.py bench engine", description=__doc__)
    parser.add_argument("--rows", type=some, metavar="NAME,...", help="only these (default: all; see --list)")
    parser.add_argument("--list", action="store_true", help="name the rows and the minutes they take")
    parser.add_argument("--seeds", type=int, default=1, metavar="N", help="the median of so many (default 1)")
    parser.add_argument("--first-seed", type=int, default=1, metavar="N", help="the first of them (default 1)")
    parser.add_argument("--workers", type=int, default=2, help="for ours and for CP-SAT (default 2)")
    parser.add_argument("--seconds-scale", type=float, default=1.0, metavar="X", help="share of each budget")
    parser.add_argument("--size-scale", type=float, default=1.0, metavar="X", help="share of each factory's size")
    parser.add_argument("--quick", action="store_true", help="small sizes and short budgets: does everything work?")
    parser.add_argument("--data", type=Path, default=SHARED, metavar="DIR", help="with fjsp/, jsp/ and threelevel/")
    parser.add_argument("--jsp", type=Path, metavar="DIR", help=".jsp files with a bks.json (default: DATA/jsp)")
    parser.add_argument("--into", type=Path, metavar="FILE", help="gather results here; what it has is not done again")
    parser.add_argument("--again", action="store_true", help="measure the rows anew even if FILE has them")
    parser.add_argument("--no-measuring", action="store_true", help="only show or draw what FILE has")
    parser.add_argument("--pictures", type=Path, nargs="?", const=IMAGES, metavar="DIR", help="draw (docs/images)")
    parser.add_argument("--docs", type=Path, nargs="?", const=DOCUMENT, metavar="FILE", help="write the table there")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    return parser


def _compile() -> None:
    """Once per version of the engine; no figure waits for it."""
    from aps.engine import warm

    warm.warm_up()


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
