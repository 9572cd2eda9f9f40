"""Confirming made-to-order lines over HTTP, all supply written: one line, and three."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import _bare_sql, _threelevel, figure
from benchmarks._clock import percentile
from benchmarks._scratch import database, flows_are_done, workers
from tests.crew import until

GOALS = {1: (45.0, 70.0), 3: (75.0, None)}
"""Lines of an order -> p50 and p95 in milliseconds."""


def run(folder: Path, say: Callable[[str], None], *, orders: int) -> dict[str, Any]:
    """The web server and all workers as in `up`, planning meanwhile; one client, an order after the other.

    The baseline is the same rows, written by bare SQL in one commit.
    """
    figures: dict[str, Any] = {}
    for lines, (p50_goal, p95_goal) in GOALS.items():
        with database(f"bench_confirm_{lines}"):
            plant = _threelevel.loaded(folder)
            found = _threelevel.drafts(plant, _threelevel.WARM_UP + orders, lines=lines)
            with workers(f"material-confirm-{lines}") as crew:
                confirmed = _threelevel.confirm(crew, plant, found)
                until(flows_are_done, timeout=300, what="all flows are done")
            bare = _bare_sql.run(found[-1].pk, times=max(20, orders // 2))
        p50, p95 = percentile(confirmed.took, 50), percentile(confirmed.took, 95)
        name = f"confirm {lines} made-to-order line{'s' if lines > 1 else ''} over HTTP"
        figures |= {
            f"{name}, p50": figure(p50, "ms", goal=p50_goal, baseline=percentile(bare, 50)),
            f"{name}, p95": figure(p95, "ms", goal=p95_goal, baseline=percentile(bare, 95)),
            f"{name}, CPU of the web server": figure(confirmed.web_cpu, "ms"),
            f"{name}, CPU of its database connections": figure(confirmed.database_cpu, "ms"),
        }
        say(
            f"{name}: p50 {p50:.0f} ms, p95 {p95:.0f} ms; CPU web {confirmed.web_cpu:.0f} ms, "
            f"database {confirmed.database_cpu:.0f} ms; bare SQL p50 {percentile(bare, 50):.1f} ms"
        )
    return figures
