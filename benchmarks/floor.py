"""The shop floor: tablets that empty their queues, reports online."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks import _floor_sync


def run(quick: bool, say: Callable[[str], None]) -> dict[str, Any]:
    """Over HTTP, with real workers beside it."""
    return dict(_floor_sync.run(say, events=400 if quick else 8000, reports=80 if quick else 1200))
