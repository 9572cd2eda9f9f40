"""Tablets that empty their queues over HTTP: events that move nothing, reports that move stock, cost and ledger."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.utils import timezone

from benchmarks import Figure, figure
from benchmarks._caller import Caller
from benchmarks._clock import cpu_of, milliseconds, percentile
from benchmarks._scratch import database, workers
from erp.models import WorkOrderOperation
from tests.mes.hall import Hall, hall, step

BATCH, TABLETS = 100, 4
QUIET, MOVING, ONLINE = 900.0, 200.0, 150.0
"""Goals: events a second, reports a second, milliseconds."""


class Tablet:
    """One device with a job at a saw; it numbers what it says."""

    def __init__(self, shop: Hall, address: str, operation: WorkOrderOperation, machine: str) -> None:
        self.uid, self.number = str(uuid.uuid4()), 0
        self.plant, self.operation = shop.shop.plant.pk, operation.pk
        self.machine, self.operator = shop.machine(machine), shop.operator.pk
        self.caller = Caller(address, shop.shop.company, "integration")

    def event(self, kind: str, **more: Any) -> dict[str, Any]:
        self.number += 1
        return {
            "id": str(uuid.uuid4()),
            "seq": self.number,
            "kind": kind,
            "at": timezone.now().isoformat(),
            "operation": self.operation,
            "machine": self.machine,
            "operator": self.operator,
            **more,
        }

    def send(self, events: Sequence[dict[str, Any]]) -> None:
        """Raises when one of them was not applied: a figure of refusals would be none."""
        body = {"device": self.uid, "plant": self.plant, "sent_at": timezone.now().isoformat(), "events": list(events)}
        answers = self.caller.post("mes/sync/", body)[1]["answers"]
        if any(answer["status"] != "applied" for answer in answers):
            raise RuntimeError(f"not applied: {[answer for answer in answers if answer['status'] != 'applied'][:3]}")


def run(say: Callable[[str], None], *, events: int, reports: int) -> dict[str, Figure]:
    """Four tablets at once, a hundred events a POST; beside it the same one by one, and single reports online."""
    with database("bench_floor_sync"):
        shop = hall(boards=str(4 * TABLETS * (reports + events)))
        with workers("floor-sync") as crew:
            tablets = [
                Tablet(shop, crew.address, step(shop.shelves(str(reports * 4)), 10), f"SAW-{number % 2 + 1}")
                for number in range(TABLETS)
            ]
            for tablet in tablets:
                tablet.send([tablet.event("start")])
            web = crew.pid("web")
            single = _rate(tablets[:1], events // 10, 1, lambda tablet: tablet.event("note", payload={"text": "Done"}))
            before = cpu_of(web)
            quiet = _rate(tablets, events, BATCH, lambda tablet: tablet.event("note", payload={"text": "Done"}))
            cpu = (cpu_of(web) - before) * 1000 / events
            alone = _rate(tablets[:1], reports // 10, 1, lambda tablet: tablet.event("report", good="1"))
            before = cpu_of(web)
            moving = _rate(tablets, reports, BATCH, lambda tablet: tablet.event("report", good="1"))
            report_cpu = (cpu_of(web) - before) * 1000 / reports
            one = tablets[0]
            took = [
                milliseconds(lambda: one.send([one.event("report", good="1", is_online=True)]))
                for _ in range(max(20, reports // 10))
            ]
    p50, p95 = percentile(took, 50), percentile(took, 95)
    say(f"queues: {quiet:.0f} events/s that move nothing ({cpu:.1f} ms CPU each), {moving:.0f} reports/s")
    say(f"a report online: p50 {p50:.1f} ms, p95 {p95:.1f} ms")
    return {
        "queued events that move nothing, a second": figure(
            quiet, "1/s", goal=QUIET, baseline=single, more_is_better=True
        ),
        "a queued event that moves nothing, CPU of the web server": figure(cpu, "ms"),
        "queued reports with stock, cost and ledger, a second": figure(
            moving, "1/s", goal=MOVING, baseline=alone, more_is_better=True
        ),
        "a queued report, CPU of the web server": figure(report_cpu, "ms"),
        "report online, p50": figure(p50, "ms"),
        "report online, p95": figure(p95, "ms", goal=ONLINE),
    }


def _rate(tablets: Sequence[Tablet], total: int, batch: int, make: Callable[[Tablet], dict[str, Any]]) -> float:
    """Events a second over all tablets."""
    each = max(batch, total // len(tablets) // batch * batch)

    def drain(tablet: Tablet) -> None:
        for _ in range(each // batch):
            tablet.send([make(tablet) for _ in range(batch)])

    begun = time.monotonic()
    with ThreadPoolExecutor(len(tablets)) as pool:
        list(pool.map(drain, tablets))
    return each * len(tablets) / (time.monotonic() - begun)
