"""The scheduling board: data, canvas beside vis-timeline with the same plan, effect of a drag, the page itself."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Browser

from benchmarks import _board_frames, _board_vis, figure
from benchmarks._board_browser import browser, chromium
from tests.board.made_plan import plan

SMALL, LARGE, MACHINES, PLANTS = 5_000, 20_000, 200, 2
FRAMES, QUICK_FRAMES, VIS_FRAMES = 240, 40, 40
SERVER = ("data", "effect", "page")
"""Benchmarks of the server's side."""
PARTS = ("canvas", *SERVER)


def run(quick: bool, say: Callable[[str], None], only: str = "") -> dict[str, Any]:
    """Frames in headless Chromium without a GPU; `quick` leaves the server's side and the library out."""
    figures: dict[str, Any] = {}
    left_out: list[str] = []
    is_there = chromium() is not None
    if only in ("", "canvas"):
        if is_there:
            with browser() as made:
                figures |= _canvas(made, quick, say, left_out)
        else:
            left_out.append("the canvas: no Chromium on the PATH")
    if quick and not only:
        return figures | {
            "left_out": [*left_out, "5,000 operations, data, effect and vis-timeline: too long for --quick"]
        }
    for name in SERVER if is_there else SERVER[:2]:
        if only in ("", name):
            figures |= importlib.import_module(f"benchmarks._board_{name}").run(quick, say)
    return figures | {"left_out": left_out}


def _canvas(made: Browser, quick: bool, say: Callable[[str], None], left_out: list[str]) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    has_vis = not quick and _board_vis.fetched()
    if not quick and not has_vis:
        left_out.append("vis-timeline: no npm on the PATH")
    for operations in (LARGE,) if quick else (SMALL, LARGE):
        data = plan(operations, MACHINES, PLANTS)
        is_large = operations == LARGE
        ours = _board_frames.run(made, data, QUICK_FRAMES if quick else FRAMES, say, has_goal=is_large, is_quick=quick)
        if has_vis:
            _beside(ours, f"{operations:,}", _board_vis.run(made, data, VIS_FRAMES, say))
        figures |= ours
    load, _, _ = os.getloadavg()
    figures["meanwhile: processes that wanted a core"] = figure(load, "")
    figures["meanwhile: cores"] = figure(os.cpu_count() or 1, "")
    return figures


def _beside(ours: dict[str, Any], size: str, theirs: Any) -> None:
    """The library's figures, as the baseline of ours."""
    loaded, motions, heap = theirs
    named = {"load to the first picture": loaded["ms"], "load, CPU": loaded["cpu"], "heap": heap}
    for motion, shown in motions.items():
        named |= {f"{motion}, frames > 34 ms": shown.long, f"{motion}, CPU of the page a frame": shown.cpu}
        name = f"{size}: vis-timeline {_board_vis.version()}, frames a second while {motion}"
        ours[name] = figure(shown.per_second, "")
    for name, value in named.items():
        ours[f"{size}: {name}"]["baseline"] = value
