"""`manage.py test`: pytest with services of its own."""

import os
import sys
from typing import NoReturn

from suite.stack import places

# Tests that take long or need a browser; `--all` runs them too.
SLOW_MARKS = ("browser", "crash", "long")


def main(arguments: list[str]) -> NoReturn:
    """Replace this process by pytest. `--all` adds the slow tests; everything else goes to pytest."""
    chosen = [argument for argument in arguments if argument != "--all"]
    if "--all" not in arguments and not any(argument.startswith("-m") for argument in chosen):
        chosen = ["-m", " and ".join(f"not {mark}" for mark in SLOW_MARKS), *chosen]
    os.chdir(places.ROOT)
    os.execv(sys.executable, [sys.executable, "-m", "pytest", *chosen])
