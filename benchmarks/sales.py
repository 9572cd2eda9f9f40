"""Sales against its goals: live quotations and one click over HTTP, rush cards, promises after a replan.

Each part stands in a module of its own and works on a database of its own with real workers.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from benchmarks import _sales_quote

PARTS = {"_sales_rush": "rush cards over HTTP", "_sales_promises": "1,000 promises after one replan"}


def run(quick: bool, say: Callable[[str], None]) -> dict[str, Any]:
    """The figures of all parts. With `quick` small plants, and of the rest what fits into 45 seconds."""
    figures: dict[str, Any] = dict(_sales_quote.measure(quick, say))
    _tell(figures, say)
    left_out = []
    for name, title in PARTS.items():
        if find_spec(f"benchmarks.{name}") is None:
            left_out.append(title)
        elif quick:
            left_out.append(f"{title}: too long for --quick")
        else:
            found = import_module(f"benchmarks.{name}").measure(quick)
            _tell(found, say)
            figures |= found
    return figures | {"left_out": left_out}


def _tell(figures: dict[str, Any], say: Callable[[str], None]) -> None:
    """Each part's figures as soon as they are there: the whole takes long."""
    for name, one in figures.items():
        say(f"  {name}: {one['value']:.4g} {one['unit']}")
