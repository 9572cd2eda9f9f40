"""`manage.py test`: pytest with services of its own."""

import os
import sys
from pathlib import Path
from typing import NoReturn

from suite.stack import places

# Tests that take long or need a browser; `--all` runs them too.
SLOW_MARKS = ("browser", "crash", "long")
# Two processes, each with a database, a broker and workers of its own: as many as the smallest machine has cores.
PROCESSES = ("-n", "2", "--dist", "worksteal")


def pytest_arguments(arguments: list[str]) -> list[str]:
    """What pytest is called with. `--all` adds the slow tests; without a path or `-n` two processes share the work."""
    chosen = [argument for argument in arguments if argument != "--all"]
    paths = [argument for argument in chosen if Path(argument.split("::")[0]).exists()]
    if not paths and not any(argument.startswith(("-n", "--numprocesses")) for argument in chosen):
        chosen = [*PROCESSES, *chosen]
    if "--all" not in arguments and not any(argument.startswith("-m") for argument in chosen):
        chosen = ["-m", " and ".join(f"not {mark}" for mark in SLOW_MARKS), *chosen]
    return chosen


def main(arguments: list[str]) -> NoReturn:
    """Replace this process by pytest."""
    os.chdir(places.ROOT)
    os.execv(sys.executable, [sys.executable, "-m", "pytest", *pytest_arguments(arguments)])
