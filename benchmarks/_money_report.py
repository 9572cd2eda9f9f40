"""Reporting an operation done: stock, cost, ledger and order in one commit, in the service and over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from django.utils import timezone

from benchmarks import Figure, _breakdown, _money_bare, _threelevel, figure
from benchmarks._caller import Caller
from benchmarks._clock import cpu_of, measured, milliseconds, percentile
from benchmarks._scratch import backends_of, database, flows_are_done, workers
from erp import services as erp
from erp.models import WorkOrderOperation
from masterdata.models import Machine
from masterdata.numbers import ZERO
from tests.crew import until

WARM_UP = 20
SERVICE, HTTP = 15.0, 30.0
"""Goals for p50, in milliseconds. Open suites took 452 and 504 over HTTP on such a machine."""


def run(folder: Path, say: Callable[[str], None], *, reports: int) -> dict[str, Figure]:
    """Each report is the whole of an operation: components and minutes at a first one, output too at a last one."""
    figures: dict[str, Figure] = {}
    with database("bench_reports"):
        _orders(folder, reports)
        jobs = _jobs()
        for _, deed in zip(range(WARM_UP), jobs, strict=False):
            deed()
        with measured() as spent:
            took = [milliseconds(deed) for _, deed in zip(range(reports), jobs, strict=False)]
        bare = _money_bare.run(partial(next(jobs)), times=max(20, reports // 4))
        p50, p95, lowest = percentile(took, 50), percentile(took, 95), percentile(bare, 50)
        say(f"{len(took)} reports, service: p50 {p50:.1f} ms, p95 {p95:.1f}; bare SQL p50 {lowest:.1f} ms")
        figures |= {
            "report done, service, p50": figure(p50, "ms", goal=SERVICE, baseline=lowest),
            "report done, service, p95": figure(p95, "ms", baseline=percentile(bare, 95)),
            "report done, service, CPU in Python": figure(spent.cpu * 1000 / len(took), "ms"),
        }
        with workers("money-reports") as crew:
            until(flows_are_done, timeout=600, what="all flows of the orders are done")
            figures |= _over_http(crew, say, reports)
            until(flows_are_done, timeout=300, what="all flows after the reports are done")
    return figures


def _orders(folder: Path, reports: int) -> None:
    """So many confirmed orders that there is work for everybody: 32 operations each."""
    plant = _threelevel.loaded(folder)
    for order in _threelevel.drafts(plant, 2 + (2 * reports + 2 * WARM_UP) // 24):
        erp.confirm_order(order_id=order.pk, now=timezone.now())


def _open() -> Iterator[WorkOrderOperation]:
    """Operations as they can be done: what goes into a product before it, each first one first."""
    rows = WorkOrderOperation.objects.filter(finished_at=None).select_related("work_order", "work_centre")
    yield from rows.order_by("-work_order_id", "sequence").iterator()


def _machines() -> dict[int, Machine]:
    return {machine.work_centre_id: machine for machine in Machine.objects.order_by("-pk")}


def _jobs() -> Iterator[Callable[[], object]]:
    machines = _machines()
    for operation in _open():
        yield partial(
            erp.report_operation,
            operation_id=operation.pk,
            good_qty=operation.work_order.quantity,
            scrap_qty=ZERO,
            worked_min=operation.setup_min + operation.run_min_per_unit * operation.work_order.quantity,
            now=timezone.now(),
            machine_id=machines[operation.work_centre_id].pk,
            finish=True,
        )


def _over_http(crew: Any, say: Callable[[str], None], reports: int) -> dict[str, Figure]:
    """A gateway starts each operation and reports it whole; the reports count."""
    plant_company = WorkOrderOperation.objects.select_related("work_order__plant__company")[0].work_order.plant.company
    caller = Caller(crew.address, plant_company, "integration")
    machines, took = _machines(), []
    web, backends = crew.pid("web"), backends_of(crew.pid("web"))
    before = cpu_of(web), sum(map(cpu_of, backends))
    for number, operation in zip(range(WARM_UP + reports), _open(), strict=False):
        machine, address = machines[operation.work_centre_id], f"mes/operations/{operation.pk}"
        caller.post(f"{address}/start/", _event(machine))
        body = _event(machine) | {"good_qty": str(operation.work_order.quantity)}
        spent = milliseconds(partial(caller.post, f"{address}/finish/", body))
        if number >= WARM_UP:
            took.append(spent)
    each = 1000 / (len(took) + WARM_UP)
    web_cpu, database_cpu = cpu_of(web) - before[0], sum(map(cpu_of, backends)) - before[1]
    p50, p95 = percentile(took, 50), percentile(took, 95)
    say(f"{len(took)} reports over HTTP: p50 {p50:.1f} ms, p95 {p95:.1f} ms; CPU web {web_cpu * each:.1f} ms")
    return {
        "report done over HTTP, p50": figure(p50, "ms", goal=HTTP),
        "report done over HTTP, p95": figure(p95, "ms"),
        "start and report over HTTP, CPU of the web server": figure(web_cpu * each, "ms"),
        "start and report over HTTP, CPU of its database connections": figure(database_cpu * each, "ms"),
    }


def _event(machine: Machine) -> dict[str, object]:
    return {"event_id": _breakdown.fresh_id(), "machine": machine.pk, "happened_at": timezone.now().isoformat()}
