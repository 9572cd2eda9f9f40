"""From a command line to its exit status: 0 done, 1 no legal plan, 2 what was given cannot be read."""

from __future__ import annotations

import argparse
import importlib
import os
import sys

from aps.engine.formats.errors import FormatError
from aps.engine.problem import ProblemError
from aps.management.engine import arguments
from aps.management.engine.files import UnwritableError
from aps.management.engine.watching import Stop, note

MODULES = {
    "solve": "solving",
    "validate": "judging",
    "bench": "benching",
    "generate": "generating",
    "offer": "offering",
    "repair": "repairing",
    "explain": "explaining",
}
"""Each has `run(chosen, stop)`, which returns the exit status."""


def main(argv: list[str]) -> int:
    """Run one part. Wrong arguments end in SystemExit with status 2."""
    chosen = arguments.parser().parse_args(argv)
    stop = Stop()
    stop.listen()
    return run(chosen, stop)


def run(chosen: argparse.Namespace, stop: Stop) -> int:
    """Run the chosen part; what people can cause is one line on stderr."""
    part = importlib.import_module(f"aps.management.engine.{MODULES[chosen.part]}")
    try:
        status: int = part.run(chosen, stop)
        sys.stdout.flush()
    except (FormatError, UnwritableError) as wrong:
        note(str(wrong))
        return 2
    except ProblemError as wrong:
        what = chosen.folder if chosen.part == "bench" else chosen.file
        note(" ".join(f"{what}: {wrong}".split()))
        return 1
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return status
