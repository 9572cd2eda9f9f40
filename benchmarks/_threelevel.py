"""The three-level workload: one made-to-order line confirmed through HTTP, and the same rows written by bare SQL."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from pathlib import Path

from django.utils import timezone

from benchmarks import Figure, _bare_sql, figure
from benchmarks._caller import Caller
from benchmarks._clock import cpu_of, milliseconds, percentile
from benchmarks._scratch import database, flows_are_done, workers
from erp import services as erp
from erp.models import SalesOrder, WorkOrder, WorkOrderMaterial, WorkOrderOperation
from masterdata.models import Location, Material, Partner, Plant
from suite.importing.load import load
from tests.crew import until

P50 = 100.0
EXPECTED = {WorkOrder: 16, WorkOrderOperation: 32, WorkOrderMaterial: 39}
WARM_UP = 3


def run(folder: Path, say: Callable[[str], None], *, orders: int) -> dict[str, Figure]:
    """Confirm so many orders of one line one after the other, workers planning meanwhile."""
    with database("bench_threelevel"):
        outcome = load(folder=folder, plant_code="MAIN", now=timezone.now())
        if outcome.faults:
            raise RuntimeError(f"threelevel has {len(outcome.faults)} faults: {outcome.faults[0]}")
        plant = Plant.objects.select_related("company__currency").get()
        _stock_raw_material(plant)
        drafts = [_draft(plant, number) for number in range(WARM_UP + orders)]
        with workers("threelevel") as crew:
            caller, path = Caller(crew.address, plant.company, "sales"), "erp/sales-orders/{0.pk}/confirm/".format
            for order in drafts[:WARM_UP]:
                caller.post(path(order))
            cpu = cpu_of(crew.pid("web"))
            took = [milliseconds(partial(caller.post, path(order))) for order in drafts[WARM_UP:]]
            cpu = (cpu_of(crew.pid("web")) - cpu) / orders * 1000
            _check_size(drafts[-1])
            until(flows_are_done, timeout=300, what="all flows are done")
        bare = _bare_sql.run(drafts[-1].pk, times=max(20, orders // 2))
    p50, p95 = percentile(took, 50), percentile(took, 95)
    say(f"threelevel confirm over HTTP: p50 {p50:.0f} ms, p95 {p95:.0f} ms; bare SQL {percentile(bare, 50):.1f} ms")
    return {
        "threelevel confirm over HTTP, p50": figure(p50, "ms", goal=P50, baseline=percentile(bare, 50)),
        "threelevel confirm over HTTP, p95": figure(p95, "ms", baseline=percentile(bare, 95)),
        "threelevel confirm over HTTP, CPU of the web server": figure(cpu, "ms"),
    }


def _stock_raw_material(plant: Plant) -> None:
    """Enough raw material in stock, so that each bought component is reserved and nothing is merged in purchases."""
    store = Location.objects.get(plant=plant, kind=Location.Kind.STOCK, is_default=True)
    raw = Material.objects.filter(supply=Material.Supply.BUY).order_by("pk")
    erp.receive_opening(
        rows=[erp.OpeningStock(material.pk, store.pk, Decimal(1_000_000), Decimal(1)) for material in raw],
        now=timezone.now(),
    )


def _draft(plant: Plant, number: int) -> SalesOrder:
    """One line of one piece; the finished products in turn."""
    return erp.create_order(
        company=plant.company,
        customer=Partner.objects.filter(is_customer=True).order_by("pk")[number % 50],
        currency=plant.company.currency,
        lines=[
            erp.OrderLineInput(
                plant_id=plant.pk,
                material_id=Material.objects.get(code=f"F{number % 100:03d}").pk,
                quantity=Decimal(1),
                unit_price=Decimal(180),
                wanted_on=timezone.localdate() + dt.timedelta(days=20 + number % 20),
            )
        ],
        now=timezone.now(),
    )


def _check_size(order: SalesOrder) -> None:
    """The work that was measured is the work that was meant."""
    made = WorkOrder.objects.filter(sales_order_line__order=order)
    found = {
        WorkOrder: made.count(),
        WorkOrderOperation: WorkOrderOperation.objects.filter(work_order__in=made).count(),
        WorkOrderMaterial: WorkOrderMaterial.objects.filter(work_order__in=made).count(),
    }
    if found != EXPECTED:
        raise RuntimeError(f"one line made {found}, not {EXPECTED}")
