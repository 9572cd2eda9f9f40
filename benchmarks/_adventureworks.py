"""AdventureWorks: the import, and a hundred of its orders confirmed and planned."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

from aps.models import PlannedOperation, PlantPlanning
from benchmarks import Figure, figure
from benchmarks._clock import measured
from benchmarks._scratch import database, flows_are_done, workers
from erp import services as erp
from erp.models import SalesOrder, WorkOrderOperation
from suite.importing.load import load
from tests.crew import until

IMPORT, PLANNED = 30.0, 60.0
ORDERS = 100
FIRST_ORDER = dt.date(2011, 5, 25)


def run(folder: Path, say: Callable[[str], None]) -> dict[str, Figure]:
    """Due dates of 2011 are moved to the weeks ahead. Planned: a plan covers every wish and has been spread."""
    with database("bench_adventureworks"):
        now = dt.datetime.now(dt.UTC)
        with measured() as imported:
            outcome = load(folder=folder, plant_code="MAIN", now=now, shift_days=(now.date() - FIRST_ORDER).days)
        if outcome.faults:
            raise RuntimeError(f"AdventureWorks has {len(outcome.faults)} faults: {outcome.faults[0]}")
        say(f"AdventureWorks imported: {imported.wall:.1f} s, CPU {imported.cpu:.1f} s")
        with workers("adventureworks"):
            with measured() as confirmed:
                orders = SalesOrder.objects.order_by("ordered_on", "number")[:ORDERS]
                for order_id in orders.values_list("pk", flat=True):
                    erp.confirm_order(order_id=order_id, now=dt.datetime.now(dt.UTC))
                confirming = dt.datetime.now(dt.UTC)
                until(_all_planned, timeout=600, what="a plan for everything that is wanted")
            rest = (dt.datetime.now(dt.UTC) - confirming).total_seconds()
            done = f"{PlannedOperation.objects.count()} operations planned {rest:.1f} s later"
            say(f"{ORDERS} orders confirmed in {confirmed.wall - rest:.1f} s, {done}")
    return {
        "AdventureWorks import": figure(imported.wall, "s", goal=IMPORT),
        "AdventureWorks import, CPU": figure(imported.cpu, "s"),
        "AdventureWorks, 100 orders confirmed and planned": figure(confirmed.wall, "s", goal=PLANNED),
        "AdventureWorks, 100 orders confirmed": figure(confirmed.wall - rest, "s"),
        "AdventureWorks, 100 orders confirmed, CPU": figure(confirmed.cpu, "s"),
    }


def _all_planned() -> bool:
    planning = PlantPlanning.objects.filter(plan_no__gt=0).first()
    if planning is None or planning.planned_version != planning.wanted_version or not flows_are_done():
        return False
    return PlannedOperation.objects.count() == WorkOrderOperation.objects.filter(finished_at=None).count()
