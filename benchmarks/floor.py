"""The shop floor: taps on a tablet, queues that are emptied, reports online, genealogy."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import Any

from benchmarks import _floor_genealogy, _floor_sync, _floor_tablet


def run(quick: bool, say: Callable[[str], None]) -> dict[str, Any]:
    """Over HTTP, with real workers beside it; the tablet in headless Chromium."""
    figures: dict[str, Any] = {}
    figures |= _floor_sync.run(say, events=400 if quick else 8000, reports=80 if quick else 1200)
    if quick:
        return figures | {"left_out": ["the tablet in Chromium and 600,000 edges: too long for --quick"]}
    left_out = []
    if shutil.which("chromium") or shutil.which("google-chrome"):
        figures |= _floor_tablet.run(say)
    else:
        left_out.append("the tablet: no Chromium on the PATH")
    figures |= _floor_genealogy.run(say)
    return figures | {"left_out": left_out}
