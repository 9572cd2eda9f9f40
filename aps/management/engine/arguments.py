"""What can be typed behind `manage.py aps`."""

from __future__ import annotations

import argparse
import math
from pathlib import Path

ABOUT = "The planning engine without database: solve, validate, bench, generate, offer, repair, explain."
FORMATS = ("auto", "fjs", "jsp", "json")
OBJECTIVES = ("makespan", "tardiness")
SECONDS, REPAIR_SECONDS = 30.0, 2.0


def parser() -> argparse.ArgumentParser:
    """The parser of the whole command; wrong arguments end with status 2."""
    made = argparse.ArgumentParser(prog="manage.py aps", description=ABOUT, allow_abbrev=False)
    declare(made)
    return made


def declare(parser: argparse.ArgumentParser) -> None:
    """Add the parts to a parser; the chosen one is `part`."""
    parts = parser.add_subparsers(dest="part", metavar="PART", required=True)
    _solve(parts.add_parser("solve", help="make a plan", allow_abbrev=False))
    _validate(parts.add_parser("validate", help="judge a plan", allow_abbrev=False))
    _bench(parts.add_parser("bench", help="solve every public instance of a folder", allow_abbrev=False))
    _generate(parts.add_parser("generate", help="make a furniture factory", allow_abbrev=False))
    _offer(parts.add_parser("offer", help="when could an order that is not in the plan be done?", allow_abbrev=False))
    _repair(parts.add_parser("repair", help="a plan after something happened", allow_abbrev=False))
    _explain(parts.add_parser("explain", help="why something is not earlier", allow_abbrev=False))


def _solve(part: argparse.ArgumentParser) -> None:
    part.add_argument("file", type=Path, metavar="FILE", help="a problem: .fjs, .jsp or our JSON")
    part.add_argument("--format", choices=FORMATS, default="auto")
    part.add_argument(
        "--objective", choices=OBJECTIVES, help="default: makespan for .fjs and .jsp, the weights of JSON"
    )
    _budget(part, SECONDS)
    _search(part)
    _results(part, "plan.json")


def _validate(part: argparse.ArgumentParser) -> None:
    part.add_argument("file", type=Path, metavar="FILE", help="the problem")
    part.add_argument("plan", type=Path, metavar="plan.json", help="a plan of it, by whichever tool")
    part.add_argument("--format", choices=FORMATS, default="auto")
    part.add_argument("--json", action="store_true", help="print one JSON object")


def _bench(part: argparse.ArgumentParser) -> None:
    part.add_argument("folder", type=Path, metavar="DIR", help="with .fjs and .jsp files")
    part.add_argument("--bks", type=Path, metavar="bks.json", help="best known values (default: DIR/bks.json if any)")
    _budget(part, SECONDS)
    _search(part)
    part.add_argument("--json", action="store_true", help="print one JSON object")


def _generate(part: argparse.ArgumentParser) -> None:
    part.add_argument("--operations", type=_positive, required=True, metavar="N")
    part.add_argument("--seed", type=int, default=1)
    part.add_argument("--tightness", type=_seconds, default=1.0, help="of the due dates; 2: twice as tight (default 1)")
    part.add_argument("--out", type=Path, metavar="factory.json", help="default: print it")


def _offer(part: argparse.ArgumentParser) -> None:
    part.add_argument("file", type=Path, metavar="factory.json")
    part.add_argument("plan", type=Path, metavar="plan.json")
    part.add_argument("order", type=Path, metavar="order.json", help="the order and its operations")
    part.add_argument("--json", action="store_true", help="print one JSON object")


def _repair(part: argparse.ArgumentParser) -> None:
    part.add_argument("file", type=Path, metavar="factory.json")
    part.add_argument("plan", type=Path, metavar="plan.json")
    part.add_argument("event", type=Path, metavar="event.json", help="what happened")
    part.add_argument("--frontier", action="store_true", help="a few plans, from the calmest to the freest")
    _budget(part, REPAIR_SECONDS)
    _search(part)
    _results(part, "plan.json")


def _explain(part: argparse.ArgumentParser) -> None:
    part.add_argument("file", type=Path, metavar="FILE", help="the problem")
    part.add_argument("plan", type=Path, metavar="plan.json", help="a plan of it")
    what = part.add_mutually_exclusive_group(required=True)
    what.add_argument("--operation", metavar="K", help="why it starts when it does")
    what.add_argument("--order", metavar="K", help="why it ends when it does")
    part.add_argument("--json", action="store_true", help="print one JSON object")


def _budget(part: argparse.ArgumentParser, seconds: float) -> None:
    part.add_argument("--seconds", type=_seconds, help=f"the budget (default {seconds:g}; none with --moves)")
    part.add_argument("--moves", type=_moves, metavar="N", help="a budget that gives the same plan on any machine")
    part.set_defaults(usual_seconds=seconds)


def _search(part: argparse.ArgumentParser) -> None:
    part.add_argument("--workers", type=_positive, default=2, help="for searches that have rounds (default 2)")
    part.add_argument("--seed", type=int, default=1)


def _results(part: argparse.ArgumentParser, name: str) -> None:
    part.add_argument("--out", type=Path, metavar=name, help="write the plan to this file")
    part.add_argument("--json", action="store_true", help="print one JSON object")


def _seconds(text: str) -> float:
    number = float(text)
    if not 0 < number < math.inf:
        raise ValueError(text)
    return number


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def _moves(text: str) -> int:
    number = int(text)
    if number < 0:
        raise ValueError(text)
    return number


_seconds.__name__, _positive.__name__, _moves.__name__ = "number above 0", "number above 0", "number of moves"


def budget(chosen: argparse.Namespace) -> tuple[float | None, int | None]:
    """Seconds and moves: the usual seconds only when neither is given."""
    seconds = chosen.seconds
    if seconds is None and chosen.moves is None:
        seconds = chosen.usual_seconds
    return seconds, chosen.moves
