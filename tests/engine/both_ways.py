"""The same script in processes of their own: compiled, and in plain Python."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def printed_both_ways(script: str) -> tuple[list[str], list[str]]:
    """The words that the script prints compiled and with THROUGHLINE_NO_NUMBA=1, each under another hash seed."""
    root = Path(__file__).parents[2]
    found = []
    for plain in ("0", "1"):
        place = {**os.environ, "THROUGHLINE_NO_NUMBA": plain, "PYTHONPATH": str(root), "PYTHONHASHSEED": plain}
        run = subprocess.run(
            [sys.executable, "-c", script], env=place, cwd=root, capture_output=True, text=True, check=True
        )
        found.append(run.stdout.split())
    return found[0], found[1]
