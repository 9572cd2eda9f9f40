"""The three-level workload: one made-to-order line confirmed through HTTP, and the same rows written by bare SQL."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from pathlib import Path

from django.utils import timezone

from benchmarks import Figure, _bare_sql, figure
from benchmarks._caller import Caller
from benchmarks._clock import cpu_of, milliseconds, percentile
from benchmarks._scratch import backends_of, database, flows_are_done, workers
from erp import services as erp
from erp.models import SalesOrder, WorkOrder, WorkOrderMaterial, WorkOrderOperation
from masterdata.models import Location, Material, Partner, Plant
from suite.importing.load import load
from tests.crew import Crew, until

P50 = 100.0
PER_LINE = {WorkOrder: 16, WorkOrderOperation: 32, WorkOrderMaterial: 39}
WARM_UP = 8
PRODUCTS = 100


@dataclass(frozen=True)
class Confirmed:
    """Milliseconds of each confirmation over HTTP, and CPU milliseconds of one, of the web server and its database."""

    took: list[float]
    web_cpu: float
    database_cpu: float


def run(folder: Path, say: Callable[[str], None], *, orders: int) -> dict[str, Figure]:
    """Confirm so many orders of one line one after the other, workers planning meanwhile."""
    with database("bench_threelevel"):
        plant = loaded(folder)
        found = drafts(plant, WARM_UP + orders)
        with workers("threelevel") as crew:
            confirmed = confirm(crew, plant, found)
            until(flows_are_done, timeout=300, what="all flows are done")
        bare = _bare_sql.run(found[-1].pk, times=max(20, orders // 2))
    p50, p95 = percentile(confirmed.took, 50), percentile(confirmed.took, 95)
    say(f"threelevel confirm over HTTP: p50 {p50:.0f} ms, p95 {p95:.0f} ms; bare SQL {percentile(bare, 50):.1f} ms")
    return {
        "threelevel confirm over HTTP, p50": figure(p50, "ms", goal=P50, baseline=percentile(bare, 50)),
        "threelevel confirm over HTTP, p95": figure(p95, "ms", baseline=percentile(bare, 95)),
        "threelevel confirm over HTTP, CPU of the web server": figure(confirmed.web_cpu, "ms"),
    }


def loaded(folder: Path) -> Plant:
    """The plant with its data, and raw material that never ends."""
    outcome = load(folder=folder, plant_code="MAIN", now=timezone.now())
    if outcome.faults:
        raise RuntimeError(f"threelevel has {len(outcome.faults)} faults: {outcome.faults[0]}")
    plant = Plant.objects.select_related("company__currency").get()
    _stock_raw_material(plant)
    return plant


def drafts(plant: Plant, count: int, *, lines: int = 1, of_one: bool = False) -> list[SalesOrder]:
    """So many orders of so many lines of one piece; the finished products in turn, or all `of_one`."""
    return [_draft(plant, PRODUCTS * number if of_one else number, lines) for number in range(count)]


def confirm(crew: Crew, plant: Plant, found: list[SalesOrder]) -> Confirmed:
    """Confirm the drafts one after the other by one client; the first ones only warm up."""
    caller, path = Caller(crew.address, plant.company, "sales"), "erp/sales-orders/{0.pk}/confirm/".format
    for order in found[:WARM_UP]:
        caller.post(path(order))
    web, backends = crew.pid("web"), backends_of(crew.pid("web"))
    web_before, database_before = cpu_of(web), sum(map(cpu_of, backends))
    took = [milliseconds(partial(caller.post, path(order))) for order in found[WARM_UP:]]
    web_cpu, database_cpu = cpu_of(web) - web_before, sum(map(cpu_of, backends)) - database_before
    _check_size(found[-1])
    each = 1000 / len(took)
    return Confirmed(took, web_cpu * each, database_cpu * each)


def _stock_raw_material(plant: Plant) -> None:
    """Enough raw material in stock, so that each bought component is reserved and nothing is merged in purchases."""
    store = Location.objects.get(plant=plant, kind=Location.Kind.STOCK, is_default=True)
    raw = Material.objects.filter(supply=Material.Supply.BUY).order_by("pk")
    erp.receive_opening(
        rows=[erp.OpeningStock(material.pk, store.pk, Decimal(1_000_000), Decimal(1)) for material in raw],
        now=timezone.now(),
    )


def _draft(plant: Plant, number: int, lines: int) -> SalesOrder:
    wanted_on = timezone.localdate() + dt.timedelta(days=20 + number % 20)
    codes = [f"F{(number * lines + at) % PRODUCTS:03d}" for at in range(lines)]
    return erp.create_order(
        company=plant.company,
        customer=Partner.objects.filter(is_customer=True).order_by("pk")[number % 50],
        currency=plant.company.currency,
        lines=[
            erp.OrderLineInput(
                plant_id=plant.pk,
                material_id=Material.objects.get(code=code).pk,
                quantity=Decimal(1),
                unit_price=Decimal(180),
                wanted_on=wanted_on,
            )
            for code in codes
        ],
        now=timezone.now(),
    )


def _check_size(order: SalesOrder) -> None:
    """The work that was measured is the work that was meant: everything of every line, all raw material reserved."""
    made = WorkOrder.objects.filter(sales_order_line__order=order)
    needs = WorkOrderMaterial.objects.filter(work_order__in=made)
    found = {
        WorkOrder: made.count(),
        WorkOrderOperation: WorkOrderOperation.objects.filter(work_order__in=made).count(),
        WorkOrderMaterial: needs.count(),
    }
    lines = order.lines.count()
    if found != {model: count * lines for model, count in PER_LINE.items()}:
        raise RuntimeError(f"{lines} lines made {found}, not {PER_LINE} each")
    bare = needs.filter(reservations=None, pegs=None).count()
    if bare:
        raise RuntimeError(f"{bare} needs have neither stock nor supply")
