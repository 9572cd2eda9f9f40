"""Open work of a plant, read from ERP's rows."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from erp.models import SalesOrderLine, WorkOrder, WorkOrderOperation
from masterdata.worktime import end_of_day


@dataclass(frozen=True)
class OpenOperation:
    id: int
    work_order_id: int
    work_order: str
    path: str
    sequence: int
    name: str
    work_centre_id: int
    setup_min: Decimal
    run_min_per_unit: Decimal
    remaining_qty: Decimal
    reported_qty: Decimal
    family: str
    is_splittable: bool
    predecessor_ids: tuple[int, ...]
    ready_at: dt.datetime | None
    line_id: int | None
    started_at: dt.datetime | None
    machine_id: int | None


@dataclass(frozen=True)
class OpenLine:
    id: int
    order_id: int
    order_number: str
    line_no: int
    due_at: dt.datetime
    weight: int


@dataclass(frozen=True)
class OpenWork:
    operations: list[OpenOperation]
    lines: list[OpenLine]


def open_operations(plant_id: int, now: dt.datetime) -> OpenWork:
    rows = list(
        WorkOrderOperation.objects.filter(
            work_order__plant_id=plant_id,
            work_order__state__in=[WorkOrder.State.FIRM, WorkOrder.State.RELEASED],
            finished_at__isnull=True,
        )
        .select_related("work_order__plant")
        .order_by("work_order_id", "sequence")
    )
    last: dict[tuple[int | None, str], int] = {}
    for row in rows:
        last[row.work_order.sales_order_line_id, row.work_order.path] = row.pk
    first_of: dict[int, int] = {}
    previous: dict[int, int] = {}
    before: dict[int, list[int]] = {}
    for row in rows:
        first_of.setdefault(row.work_order_id, row.pk)
        if row.work_order_id in previous:
            before.setdefault(row.pk, []).append(previous[row.work_order_id])
        previous[row.work_order_id] = row.pk
    for row in rows:
        if first_of[row.work_order_id] == row.pk and row.work_order.path:
            line, path = row.work_order.sales_order_line_id, row.work_order.path
            before.setdefault(row.pk, []).extend(
                pk for (other, child), pk in last.items() if other == line and child.rpartition(".")[0] == path
            )
    lines = SalesOrderLine.objects.filter(pk__in={row.work_order.sales_order_line_id for row in rows}).select_related(
        "order", "plant"
    )
    return OpenWork(
        [
            OpenOperation(
                row.pk,
                row.work_order_id,
                row.work_order.number,
                row.work_order.path,
                row.sequence,
                row.name,
                row.work_centre_id,
                row.setup_min,
                row.run_min_per_unit,
                row.work_order.quantity - row.good_qty - row.scrap_qty,
                row.good_qty + row.scrap_qty,
                row.setup_family,
                row.is_splittable,
                tuple(before.get(row.pk, ())),
                None,
                row.work_order.sales_order_line_id,
                row.started_at,
                row.machine_id,
            )
            for row in rows
        ],
        [
            OpenLine(
                line.pk,
                line.order_id,
                line.order.number,
                line.line_no,
                line.promised_at or end_of_day(line.wanted_on, line.plant.time_zone),
                line.weight,
            )
            for line in lines
        ],
    )
