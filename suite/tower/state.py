"""The rest of the tower: machines and alarms now, money, what is short, load by work centre."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from erp import selectors as erp_now
from erp.models import SalesOrder
from erp.sales.selectors.listed import with_profit
from masterdata.models import Company, Machine, Plant
from masterdata.numbers import ZERO
from masterdata.worktime import expanded, patterns
from mes import selectors as mes_now

DAYS = 14
PRODUCING = {"producing", "setup", "running"}

_LOAD = """
    SELECT c.id, (greatest(o.planned_start_at, %s) AT TIME ZONE p.time_zone)::date,
        sum(CASE WHEN o.worked_min = 0 THEN o.setup_min ELSE 0 END
            + o.run_min_per_unit
              * greatest(coalesce(o.quantity, w.quantity) - o.good_qty - o.scrap_qty - o.rework_qty, 0) * 100
              / coalesce(m.speed_percent, 100))
    FROM erp_workorderoperation o
    JOIN erp_workorder w ON w.id = o.work_order_id AND w.state IN ('firm', 'released')
    JOIN masterdata_workcentre c ON c.id = o.work_centre_id
    JOIN masterdata_plant p ON p.id = c.plant_id
    LEFT JOIN masterdata_machine m ON m.id = o.planned_machine_id
    WHERE o.finished_at IS NULL AND o.planned_start_at < %s AND c.plant_id = ANY(%s)
    GROUP BY 1, 2
"""
_SHORT = """
    SELECT m.id, m.name, u.code, sum(g.quantity - g.received_qty), min(coalesce(l.confirmed_at, l.due_at)),
        count(DISTINCT w.id), bool_or(l.id IS NULL), min(l.order_id)
    FROM erp_peg g
    JOIN erp_workordermaterial n ON n.id = g.work_order_material_id
    JOIN erp_workorder w ON w.id = n.work_order_id AND w.state IN ('firm', 'released')
    JOIN masterdata_material m ON m.id = n.material_id
    JOIN masterdata_unit u ON u.id = m.unit_id
    LEFT JOIN erp_purchaseorderline l ON l.id = g.purchase_order_line_id
    WHERE g.received_qty < g.quantity AND g.work_order_id IS NULL AND w.plant_id = ANY(%s)
        AND (l.id IS NULL OR coalesce(l.confirmed_at, l.due_at) < %s)
    GROUP BY m.id, m.name, u.code ORDER BY bool_or(l.id IS NULL) DESC, min(coalesce(l.confirmed_at, l.due_at)) LIMIT 6
"""


@dataclass(frozen=True, slots=True)
class Hall:
    """One plant's machines."""

    plant: str
    machines: list[Any]

    @property
    def producing(self) -> int:
        return sum(machine.state in PRODUCING and not machine.is_down for machine in self.machines)


def halls(plants: Collection[Plant]) -> list[Hall]:
    """Every machine with what it does now, plant by plant."""
    names = {plant.code: plant.name for plant in plants}
    grouped: dict[str, list[Any]] = defaultdict(list)
    for machine in mes_now.machines_now(plant_ids=[plant.pk for plant in plants]):
        grouped[machine.plant].append(machine)
    return [Hall(names[code], machines) for code, machines in grouped.items()]


@dataclass(frozen=True, slots=True)
class Cash:
    """A company's money: in the bank, owed by customers, and overdue of it from so many customers."""

    currency: Any
    bank: Decimal
    receivable: Decimal
    overdue: Decimal
    late_customers: int


def cash(company: Company, invoices: Any) -> Cash:
    """`invoices` are those the user may see, with what is open of each."""
    late = erp_now.overdue_invoices(invoices.filter(company=company), timezone.localdate())
    sums = late.order_by().aggregate(total=Sum("overdue_own"))
    return Cash(
        currency=company.currency,
        bank=erp_now.account_balance(company, "bank"),
        receivable=erp_now.account_balance(company, "receivable"),
        overdue=sums["total"] or ZERO,
        late_customers=late.order_by().values("customer").distinct().count(),
    )


@dataclass(frozen=True, slots=True)
class Margin:
    """What the month's orders leave, and of all open ones which leaves least."""

    percent: Decimal | None
    revenue: Decimal
    margin: Decimal
    orders: int


def margin(orders: Any, since: dt.date) -> Margin:
    """Of the orders confirmed from a day on, as expected now."""
    from django.db.models import Count

    rows = with_profit(orders.filter(ordered_on__gte=since, confirmed_at__isnull=False, cancelled_at=None))
    sums = rows.order_by().aggregate(revenue_sum=Sum("revenue"), margin_sum=Sum("margin"), orders=Count("pk"))
    revenue, left = sums["revenue_sum"] or ZERO, sums["margin_sum"] or ZERO
    return Margin(100 * left / revenue if revenue else None, revenue, left, sums["orders"])


@dataclass(frozen=True, slots=True)
class Short:
    """A material that work orders lack: overdue, or not ordered by anybody."""

    material_id: int
    name: str
    unit: str
    quantity: Decimal
    arrives_at: dt.datetime | None
    work_orders: int
    is_unordered: bool
    purchase_order_id: int | None


def shortages(plant_ids: Collection[int], now: dt.datetime) -> list[Short]:
    """The worst six."""
    with connection.cursor() as cursor:
        cursor.execute(_SHORT, [list(plant_ids), now])
        return [Short(*row) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class Cell:
    """A work centre's day: planned minutes in percent of what its machines can work; none: no shift."""

    percent: int | None
    minutes: int

    @property
    def css(self) -> str:
        if self.percent is None:
            return "no-data"
        for limit, css in ((100, "over"), (90, "tight"), (75, "h3"), (50, "h2"), (1, "h1")):
            if self.percent > limit or (limit == 1 and self.percent >= 1):
                return css
        return "h0"


@dataclass(frozen=True, slots=True)
class LoadRow:
    plant: str
    name: str
    pk: int
    cells: list[Cell]
    free_hours: int


def load(plants: Sequence[Plant], now: dt.datetime) -> tuple[list[dt.date], list[LoadRow]]:
    """The next fourteen days of every work centre; an operation counts on the day it starts."""
    if not plants:
        return [], []
    days = [timezone.localdate(now) + dt.timedelta(days=n) for n in range(DAYS)]
    end = now + dt.timedelta(days=DAYS + 1)
    planned: dict[tuple[int, dt.date], Decimal] = {}
    with connection.cursor() as cursor:
        cursor.execute(_LOAD, [now, end, [plant.pk for plant in plants]])
        planned = {(row[0], row[1]): row[2] for row in cursor.fetchall()}
    machines = Machine.objects.filter(work_centre__plant__in=plants, is_active=True).select_related(
        "work_centre__plant"
    )
    calendars: dict[int, Counter[int]] = defaultdict(Counter)
    centres = {}
    for machine in machines.select_related("work_centre__plant").order_by(
        "work_centre__plant__code", "work_centre__code", "code"
    ):
        centres[machine.work_centre_id] = machine.work_centre
        calendars[machine.work_centre_id][machine.calendar_id or machine.work_centre.calendar_id] += 1
    known = patterns({pk for counter in calendars.values() for pk in counter})
    rows = []
    for pk, centre in centres.items():
        can = _capacity(calendars[pk], known, days, ZoneInfo(centre.plant.time_zone))
        cells = [_cell(planned.get((pk, day), ZERO), can[day]) for day in days]
        free = sum(can[day] for day in days) - sum(cell.minutes for cell in cells)
        rows.append(LoadRow(centre.plant.code, centre.name, pk, cells, round(free / 60)))
    return days, rows


def _capacity(calendars: Counter[int], known: Any, days: Sequence[dt.date], zone: ZoneInfo) -> dict[dt.date, int]:
    """Working minutes of a day: whole machines, from the day's midnight to the next."""
    found = dict.fromkeys(days, 0)
    edges = [dt.datetime.combine(day, dt.time(), tzinfo=zone).astimezone(dt.UTC) for day in days]
    last = edges[-1] + dt.timedelta(days=1)
    for calendar_id, count in calendars.items():
        for start, stop in expanded(known[calendar_id], edges[0], last):
            for day, edge in zip(days, edges, strict=True):
                inside = min(stop, edge + dt.timedelta(days=1)) - max(start, edge)
                if inside > dt.timedelta(0):
                    found[day] += count * int(inside.total_seconds() // 60)
    return found


def _cell(planned: Decimal, can: int) -> Cell:
    return Cell(int(100 * planned / can) if can else None, int(planned))


def orders_of(plants: Sequence[Plant], orders: Any) -> Any:
    """The orders with a line in one of the plants."""
    lines = SalesOrder.objects.filter(lines__plant__in=plants).order_by().values("pk")
    return orders.filter(pk__in=lines)
