"""The tablet in a real Chromium: a tap until it is saved, and a queue of 500 until the server has it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from django.utils import timezone

from benchmarks import Figure, figure
from benchmarks._scratch import database, workers
from mes import services as mes
from tests.mes.hall import hall, step

SAVED_MS, DRAINED_S = 50.0, 5.0
"""Goals: p95 of a tap saved on the tablet, and 500 events drained."""


def run(say: Callable[[str], None]) -> dict[str, Figure]:
    """An operator with one job on the list; needs Chromium and the packages of the tests."""
    from tests.browser import tapped

    with database("bench_floor_tablet"):
        shop = hall()
        saw = step(shop.shelves(), 10)
        now = timezone.now()
        shop.tell((saw, "SAW-1", 0, 60))
        mes.start(event=replace(shop.event(saw, "SAW-1", 0), happened_at=now), now=now)
        person = shop.person("operator")
        shop.operator.user = person
        shop.operator.save()
        with workers("floor-tablet") as crew:
            found = tapped.figures(crew.address, (person.username, "a-long-password"), "SAW-1")
    say(f"a tap saved: p95 {found.saved_ms_p95:.1f} ms; {found.queue} drained in {found.drained_s:.1f} s")
    return {
        "tap saved on the tablet, p50": figure(found.saved_ms_p50, "ms"),
        "tap saved on the tablet, p95": figure(found.saved_ms_p95, "ms", goal=SAVED_MS),
        "tap shown, p95": figure(found.shown_ms_p95, "ms"),
        f"{found.queue} queued events drained": figure(found.drained_s, "s", goal=DRAINED_S),
    }
