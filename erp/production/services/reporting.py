"""Reporting an operation: pieces, components, minutes, output, cost and ledger in one transaction."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from erp.facts import OperationReported
from erp.production.models import WorkOrder
from erp.production.services.floor import Floor, check_report, finish_what_is_done, hold_floor
from erp.production.services.posting import Posting
from erp.production.services.release import release_held
from erp.stock.models import OwedIssue
from masterdata import facts, live
from masterdata.numbers import ZERO


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """What a report did. `remaining_qty` can still be reported here; `owed_material_ids` were used but not booked."""

    operation_id: int
    work_order_id: int
    good_qty: Decimal
    scrap_qty: Decimal
    remaining_qty: Decimal
    is_finished: bool
    is_closed: bool
    output_value: Decimal = ZERO
    owed_material_ids: tuple[int, ...] = ()


@transaction.atomic(savepoint=False)
def report_operation(
    *,
    operation_id: int,
    good_qty: Decimal,
    scrap_qty: Decimal,
    worked_min: Decimal,
    now: dt.datetime,
    finish: bool = False,
    machine_id: int | None = None,
    scrap_reason_id: int | None = None,
    loses_pieces: bool = False,
    lot_number: str = "",
    worker_id: int | None = None,
    floor: Floor | None = None,
) -> Report:
    """Book pieces really made, and everything that follows from them, in one commit.

    Components of the operation are taken in proportion (the last report takes the rest); what is missing becomes an
    owed issue. Minutes cost labour (of the `worker_id`'s grade), machine and overhead at the rates of the day. Good
    pieces of the last operation go into order stock (free stock without an order) at min(WIP, planned unit cost x
    pieces); the last output takes all. What
    is left in WIP after the last piece goes to the order's cost of goods, to production variance when there is no
    order. What has lots or serial numbers goes into the work order's own, or into `lot_number` (`output_lots`).
    `scrap_reason_id` belongs to the floor's own record of the report and changes nothing here. What an order
    loses by the report is made again by sales, which stands above (`sales.services.reporting`) and says so by
    `loses_pieces`, for the fact. `floor`: what the caller has locked by `hold_floor` in this transaction.

    Locks sales order < work order < operations < balances < values. Raises OverReport, OperationFinished,
    WorkOrderEnded, EarlierOperationOpen, WrongMachine, InvalidInput, PeriodClosed. States OperationReported.
    """
    floor = floor or hold_floor(operation_id)
    check_report(
        floor, good_qty=good_qty, scrap_qty=scrap_qty, worked_min=worked_min, finish=finish, machine_id=machine_id
    )
    release_held(floor.work_order, now)
    _count(floor, good_qty, scrap_qty, worked_min, machine_id, now)
    ended = finish_what_is_done(floor, finish=finish, now=now)
    posting = Posting(floor, good_qty, worked_min, now, lot_number, worker_id)
    posting.post()
    for row in {floor.operation, *ended}:
        row.save(update_fields=["good_qty", "scrap_qty", "worked_min", "machine", "started_at", "finished_at"])
    _save_order(floor, good_qty, scrap_qty, now)
    posting.settle()
    report = Report(
        operation_id=operation_id,
        work_order_id=floor.work_order.pk,
        good_qty=good_qty,
        scrap_qty=scrap_qty,
        remaining_qty=floor.remaining_qty,
        is_finished=floor.operation.finished_at is not None,
        is_closed=floor.work_order.state == WorkOrder.State.CLOSED,
        output_value=posting.output_value,
        owed_material_ids=posting.owed_material_ids,
    )
    facts.state(
        OperationReported(
            operation_id=operation_id,
            work_order_id=floor.work_order.pk,
            order_id=floor.sales_order_id,
            plant_id=floor.work_order.plant_id,
            good_qty=good_qty,
            scrap_qty=scrap_qty,
            is_finished=report.is_finished,
            loses_pieces=loses_pieces,
        )
    )
    if floor.sales_order_id is not None:
        live.publish("order", floor.sales_order_id)
    return report


def _count(
    floor: Floor,
    good_qty: Decimal,
    scrap_qty: Decimal,
    worked_min: Decimal,
    machine_id: int | None,
    now: dt.datetime,
) -> None:
    operation = floor.operation
    operation.good_qty += good_qty
    operation.scrap_qty += scrap_qty
    operation.worked_min += worked_min
    operation.machine_id = machine_id or operation.machine_id
    operation.started_at = operation.started_at or now


def _save_order(floor: Floor, good_qty: Decimal, scrap_qty: Decimal, now: dt.datetime) -> None:
    """Pieces of the last operation count for the work order; it closes when all is made and nothing owed."""
    order = floor.work_order
    if floor.operation.is_last:
        order.good_qty += good_qty
        order.scrap_qty += scrap_qty
    if floor.is_done and not OwedIssue.objects.filter(work_order_material__work_order=order, settled_at=None).exists():
        order.state = WorkOrder.State.CLOSED
        order.closed_at = now
    if floor.operation.is_last or floor.is_done:
        order.version += 1
        order.save(update_fields=["good_qty", "scrap_qty", "state", "closed_at", "version"])
