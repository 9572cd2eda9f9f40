"""One replan moves 1,000 order lines: every promise anew with its cause, how sure it is, and the customers' notices.

Each replan has all work end two days later, because one machine is down. Measured is what spreading a plan does of it,
`renew_promises`, one transaction. Beside it stands the same line by line, each line in a transaction of its own.
"""

from __future__ import annotations

import datetime as dt
import time
from decimal import Decimal

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from benchmarks import Figure, figure
from benchmarks._clock import cpu_of, measured
from benchmarks._scratch import database
from crm import services as crm
from crm.models import Notice, ObservedSpread, Promise
from erp.models import SalesOrder, SalesOrderLine, WorkOrder, WorkOrderOperation
from masterdata.causes import Cause
from masterdata.models import FactRecord, Partner, WorkCentre
from tests.aps.shop import Shop, build

LINES, QUICK_LINES = 1000, 100
STEPS = 10
CENTRES, MACHINES_EACH = 5, 8
CUSTOMERS = 200
LANGUAGES = ("de", "en", "fr")
REPLANS = 3
GOAL_S = 2.0
MOVE = dt.timedelta(days=2)


def measure(quick: bool) -> dict[str, Figure]:
    """Seconds of the slowest of three replans, what of them is CPU of Python and of the database."""
    lines, full = (QUICK_LINES, False) if quick else (LINES, True)
    with database("bench_sales_promises"):
        shop = _promised(lines)
        found, alone = _together(shop, lines), _alone(shop, lines)
    name = f"{lines:,} promises after one replan"
    wall, cpu, server = (max(one[n] for one in found) for n in range(3))
    return {
        name: figure(wall, "s", goal=GOAL_S, baseline=alone, full_size=full),
        f"{name}, CPU in Python": figure(cpu, "s"),
        f"{name}, CPU in the database": figure(server, "s"),
    }


def _together(shop: Shop, lines: int) -> list[tuple[float, float, float]]:
    """Of each replan: seconds, CPU seconds of Python, and of the database."""
    backend, found = _backend(), []
    for number in range(2, 2 + REPLANS):
        cause = _replan(shop)
        before = cpu_of(backend)
        with measured() as spent:
            _renew(shop, number, cause)
        found.append((spent.wall, spent.cpu, cpu_of(backend) - before))
        _prove(lines, number)
    return found


def _alone(shop: Shop, lines: int) -> float:
    """Seconds of one more replan, line by line."""
    cause = _replan(shop)
    ids = list(SalesOrderLine.objects.order_by("pk").values_list("pk", flat=True))
    began = time.perf_counter()
    for line_id in ids:
        _renew(shop, 2 + REPLANS, cause, line_id)
    alone = time.perf_counter() - began
    _prove(lines, 2 + REPLANS)
    return alone


def _renew(shop: Shop, plan_no: int, cause: Cause, line_id: int | None = None) -> None:
    with transaction.atomic():
        crm.renew_promises(
            plant_id=shop.plant.pk,
            plan_no=plan_no,
            cause=cause,
            line_ids=None if line_id is None else [line_id],
            now=timezone.now(),
        )


def _prove(lines: int, version_no: int) -> None:
    """Nothing was left out: a version in force and a waiting notice for each line, each with a figure of how sure."""
    in_force = Promise.objects.filter(closed_at=None, version_no=version_no, sure_percent__isnull=False).count()
    waiting = Notice.objects.filter(state__in=("drafted", "held")).count()
    if (in_force, waiting) != (lines, lines):
        raise RuntimeError(f"{in_force} promises and {waiting} notices of {lines}")


def _replan(shop: Shop) -> Cause:
    """What publishing a plan writes: everything ends later, since the first machine is down."""
    WorkOrderOperation.objects.update(
        planned_start_at=F("planned_start_at") + MOVE, planned_end_at=F("planned_end_at") + MOVE
    )
    SalesOrderLine.objects.update(expected_at=F("expected_at") + MOVE)
    machine = next(iter(shop.machines.values()))
    down = FactRecord.objects.create(kind="MachineDown", payload={"machine_id": machine.pk}, stated_at=timezone.now())
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return Cause("breakdown", f"Machine {machine.code} is down", down.pk)


def _promised(lines: int) -> Shop:
    """A plant whose lines are planned and promised for when the plan has them."""
    names = [f"W{centre}-{number}" for centre in range(1, CENTRES + 1) for number in range(1, MACHINES_EACH + 1)]
    shop = build(names)
    _plan(shop, _orders(shop, lines))
    _observe(shop)
    first = Cause("order", "First plan")
    crm.renew_promises(plant_id=shop.plant.pk, plan_no=1, cause=first, now=timezone.now())
    _loads_code(shop)
    return shop


def _loads_code(shop: Shop) -> None:
    """Whoever renews promises in earnest is warm: words, rules and queries are loaded."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    with transaction.atomic():
        _renew(shop, 2, _replan(shop), SalesOrderLine.objects.order_by("pk").values_list("pk", flat=True)[0])
        transaction.set_rollback(True)


def _orders(shop: Shop, count: int) -> list[SalesOrderLine]:
    """An order of one line each, of customers who read three languages."""
    today = timezone.localdate()
    customers = Partner.objects.bulk_create(
        Partner(
            code=f"C{number}", name=f"Customer {number}", is_customer=True, email=f"c{number}@customers.example",
            currency=shop.plant.company.currency, language=LANGUAGES[number % len(LANGUAGES)],
        )
        for number in range(CUSTOMERS)
    )  # fmt: skip
    orders = SalesOrder.objects.bulk_create(
        SalesOrder(
            number=f"SO-{number}", company=shop.plant.company, customer=customers[number % CUSTOMERS],
            currency=shop.plant.company.currency, ordered_on=today, confirmed_at=timezone.now(),
        )
        for number in range(count)
    )  # fmt: skip
    return SalesOrderLine.objects.bulk_create(
        SalesOrderLine(
            order=order, line_no=10, plant=shop.plant, material=shop.material, quantity=1 + number % 4,
            unit_price=100, net_amount=100 * (1 + number % 4), wanted_on=today - dt.timedelta(days=1),
            expected_at=timezone.now() + dt.timedelta(days=3, minutes=30 * number),
        )
        for number, order in enumerate(orders)
    )  # fmt: skip


def _plan(shop: Shop, lines: list[SalesOrderLine]) -> None:
    """One work order a line, ten operations on machines in turn, the last of them ends when the line is expected."""
    centres = list(WorkCentre.objects.filter(plant=shop.plant).order_by("code"))
    machines = list(shop.machines.values())
    made = WorkOrder.objects.bulk_create(
        WorkOrder(
            number=f"WO-{at}", plant=shop.plant, material=shop.material, sales_order_line=line, path="1",
            state=WorkOrder.State.FIRM, quantity=line.quantity,
        )
        for at, line in enumerate(lines)
    )  # fmt: skip
    rows = []
    for at, (order, line) in enumerate(zip(made, lines, strict=True)):
        for step in range(1, STEPS + 1):
            centre = (at + step) % CENTRES
            assert line.expected_at is not None
            ends_at = line.expected_at - dt.timedelta(hours=2 * (STEPS - step))
            rows.append(
                WorkOrderOperation(
                    work_order=order, sequence=10 * step, name=f"Step {step}", work_centre=centres[centre],
                    setup_min=10, run_min_per_unit=Decimal(15), is_last=step == STEPS,
                    planned_machine=machines[centre * MACHINES_EACH + at % MACHINES_EACH],
                    planned_start_at=ends_at - dt.timedelta(hours=1), planned_end_at=ends_at,
                )
            )  # fmt: skip
    WorkOrderOperation.objects.bulk_create(rows, batch_size=2000)


def _observe(shop: Shop) -> None:
    """Work there has taken from 0.8 to 1.6 of what was planned, 120 times at each work centre."""
    now = timezone.now()
    levels = {0: "0.8", 5: "0.85", 10: "0.9", 25: "0.95", 50: "1", 75: "1.1", 90: "1.25", 95: "1.4", 100: "1.6"}
    quantiles = {f"p{level}": Decimal(value) for level, value in levels.items()}
    ObservedSpread.objects.bulk_create(
        ObservedSpread(
            kind="work", plant=shop.plant, work_centre=centre, samples=120, mean_min=Decimal(40),
            seen_from=now - dt.timedelta(days=90), seen_until=now, gathered_at=now, **quantiles,
        )
        for centre in WorkCentre.objects.filter(plant=shop.plant)
    )  # fmt: skip


def _backend() -> int:
    """The database's process that serves this one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])
