"""The demo factory: loading it, asking for offers, reporting on the floor, and a machine that breaks down."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial

from django.utils import timezone

from benchmarks import Figure, _breakdown, figure
from benchmarks._caller import Caller, until_answered
from benchmarks._clock import cpu_of, measured, milliseconds, percentile
from benchmarks._scratch import database, flows_are_done, workers
from erp.models import WorkOrder, WorkOrderOperation
from masterdata.models import Company, Machine, Material, Plant
from mes.models import Downtime, OperationRun
from suite.demo.load import load
from tests.crew import Crew, until

LOAD, OFFER, REPORT, DISPATCH = 20.0, 1000.0, 300.0, 5.0
OFFERS, JOBS, BREAKDOWNS = 50, 25, 12
Say = Callable[[str], None]


def run(say: Say) -> dict[str, Figure]:
    """Each part on the state that the one before has left, workers planning meanwhile."""
    with database("bench_demo"):
        with measured() as loaded:
            load(timezone.now())
        say(f"demo loaded: {loaded.wall:.1f} s, CPU {loaded.cpu:.1f} s")
        figures = {
            "demo load": figure(loaded.wall, "s", goal=LOAD),
            "demo load, CPU": figure(loaded.cpu, "s"),
        }
        with workers("demo") as crew:
            until(flows_are_done, timeout=120, what="all flows of the demo are done")
            figures |= _offers(crew, say)
            figures |= _reports(crew, say)
            until(flows_are_done, timeout=120, what="all flows after the reports are done")
            figures |= _breakdowns(crew, say)
    return figures


def _offers(crew: Crew, say: Say) -> dict[str, Figure]:
    """Questions for all products in turn, from the question to the answer, however often it must be fetched."""
    caller = Caller(crew.address, Company.objects.get(), "sales")
    plants = {plant.code: plant for plant in Plant.objects.all()}
    products = list(Material.objects.filter(is_sellable=True, supply=Material.Supply.MAKE).order_by("code"))
    questions = []
    for number in range(OFFERS):
        product = products[number % len(products)]
        questions.append(
            {
                "plant": _plant_of(product, plants).pk,
                "material": product.pk,
                "quantity": str(1 + number % 12),
                "wanted_on": (timezone.localdate() + dt.timedelta(days=10 + number % 14)).isoformat(),
            }
        )
    until_answered(caller, "aps/offers/", questions[0])
    took = [milliseconds(partial(until_answered, caller, "aps/offers/", body)) for body in questions]
    p50, p95 = percentile(took, 50), percentile(took, 95)
    say(f"offers over HTTP: p50 {p50:.0f} ms, p95 {p95:.0f} ms")
    return {
        "demo, offer over HTTP, p95": figure(p95, "ms", goal=OFFER),
        "demo, offer over HTTP, p50": figure(p50, "ms"),
    }


def _plant_of(product: Material, plants: dict[str, Plant]) -> Plant:
    """The plant that has a routing for the product."""
    return next(plant for plant in plants.values() if product.routings.filter(plant=plant, state="frozen").exists())


def _reports(crew: Crew, say: Say) -> dict[str, Figure]:
    """Jobs that may begin: started, one piece reported, the rest reported with the end. Both reports count."""
    caller = Caller(crew.address, Company.objects.get(), "integration")
    took: list[float] = []
    began = cpu_of(crew.pid("web"))
    for job in _jobs():
        machine = _idle_machine(job)
        if machine is None:
            continue
        address = f"mes/operations/{job.pk}"
        caller.post(f"{address}/start/", _event(machine))
        left = job.work_order.quantity - 1
        pieces = [("report", "1"), ("finish", str(left))] if left > 0 else [("finish", "1")]
        for deed, good in pieces:
            report = partial(caller.post, f"{address}/{deed}/", _event(machine) | {"good_qty": good})
            took.append(milliseconds(report))
    cpu = (cpu_of(crew.pid("web")) - began) / max(1, len(took)) * 1000
    p50, p95 = percentile(took, 50), percentile(took, 95)
    say(f"{len(took)} reports over HTTP: p50 {p50:.0f} ms, p95 {p95:.0f} ms")
    return {
        "demo, report over HTTP, p95": figure(p95, "ms", goal=REPORT, full_size=len(took) >= JOBS),
        "demo, report over HTTP, p50": figure(p50, "ms"),
        "demo, report over HTTP with its share of starts, CPU of the web server": figure(cpu, "ms"),
    }


def _jobs() -> list[WorkOrderOperation]:
    """First operations of firm work orders that nobody has begun."""
    first = WorkOrderOperation.objects.filter(
        work_order__state=WorkOrder.State.FIRM, sequence=10, started_at=None, finished_at=None
    )
    return list(first.select_related("work_order").order_by("planned_start_at", "pk")[:JOBS])


def _idle_machine(job: WorkOrderOperation) -> Machine | None:
    busy = OperationRun.objects.filter(state=OperationRun.State.RUNNING).values("machine")
    down = Downtime.objects.filter(until_at=None).values("machine")
    machines = Machine.objects.filter(work_centre=job.work_centre_id, is_active=True)
    return machines.exclude(pk__in=busy).exclude(pk__in=down).order_by("pk").first()


def _event(machine: Machine) -> dict[str, object]:
    return {"event_id": _breakdown.fresh_id(), "machine": machine.pk, "happened_at": timezone.now().isoformat()}


def _breakdowns(crew: Crew, say: Say) -> dict[str, Figure]:
    took = _breakdown.run(crew.address, BREAKDOWNS, say)
    p50, p95 = percentile(took, 50), percentile(took, 95)
    say(f"{len(took)} machines down, new dispatch on the tablet: p50 {p50:.2f} s, p95 {p95:.2f} s")
    return {
        "demo, machine down to new dispatch on the tablet, p95": figure(
            p95, "s", goal=DISPATCH, full_size=len(took) >= BREAKDOWNS // 2
        ),
        "demo, machine down to new dispatch on the tablet, p50": figure(p50, "s"),
    }
