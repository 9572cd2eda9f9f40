"""Reporting an operation: pieces, components, minutes, output, cost and ledger in one transaction."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from erp.cost.rates import Labour
from erp.facts import OperationReported
from erp.production.models import WorkOrder, WorkOrderOperation, WorkReport
from erp.production.services.floor import Floor, check_report, finish_what_is_done, hold_floor
from erp.production.services.keeping import keep_for_release
from erp.production.services.posting import Posting
from erp.production.services.scanned_parts import Consumed
from masterdata import facts, live, statements
from masterdata.numbers import ZERO

_SAVE_OPERATIONS = """
    UPDATE erp_workorderoperation o SET good_qty = c.good, scrap_qty = c.scrap, rework_qty = c.rework,
        worked_min = c.worked, machine_id = c.machine, started_at = c.started, finished_at = c.finished
    FROM unnest(%s::bigint[], %s::numeric[], %s::numeric[], %s::numeric[], %s::numeric[], %s::bigint[],
        %s::timestamptz[], %s::timestamptz[]) AS c(id, good, scrap, rework, worked, machine, started, finished)
    WHERE o.id = c.id
"""
_SAVE_ORDER = """
    UPDATE erp_workorder SET good_qty = %s::numeric, scrap_qty = %s::numeric, over_qty = %s::numeric, state = %s::text,
        released_at = %s::timestamptz, short_reason = %s::text, closed_at = %s::timestamptz, version = %s WHERE id = %s
"""
_REMEMBER = """
    INSERT INTO erp_workreport (key, operation_id, reported_at, good_qty, scrap_qty, rework_qty, over_qty, worked_min,
        move_ids, entry_ids, owed_ids, ended_ids, replacement_ids)
    VALUES (%s::uuid, %s, %s::timestamptz, %s::numeric, %s::numeric, %s::numeric, %s::numeric, %s::numeric,
        %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], '{}')
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """What a report did. `remaining_qty` can still be reported here; `owed_material_ids` were used but not booked.

    `in_rework_qty` pieces of the operation (the one that is mended, for a rework step) are not back yet;
    `is_all_reported`: nothing more will come to it but these. `ends_something`: this operation, or one after it.
    `booked_labour`: whose work was booked; what costs less than the smallest coin is not, and belongs into the next
    report.
    """

    operation_id: int
    work_order_id: int
    good_qty: Decimal
    scrap_qty: Decimal
    remaining_qty: Decimal
    is_finished: bool
    is_closed: bool
    output_value: Decimal = ZERO
    owed_material_ids: tuple[int, ...] = ()
    rework_qty: Decimal = ZERO
    in_rework_qty: Decimal = ZERO
    is_all_reported: bool = False
    ends_something: bool = False
    booked_labour: tuple[Labour, ...] = ()
    finished_at: dt.datetime | None = None


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
    rework_qty: Decimal = ZERO,
    labour: Sequence[Labour] | None = None,
    floor: Floor | None = None,
    key: uuid.UUID | None = None,
    accepts_over: bool = False,
    consumed: Sequence[Consumed] = (),
    serials: Sequence[str] = (),
) -> Report:
    """Book pieces really made, and everything that follows from them, in one commit.

    Components of the operation are taken in proportion (the last report takes the rest); what is missing becomes an
    owed issue. Minutes cost labour (of the `worker_id`'s grade), machine and overhead at the rates of the day; with
    `labour` the people named cost what they worked, apart from the machine, each by the hour or by the piece. Good
    pieces of the last operation go into order stock (free stock without an order) at min(WIP, planned unit cost x
    pieces); the last output takes all. What
    is left in WIP after the last piece goes to the order's cost of goods, to production variance when there is no
    order. What has lots or serial numbers goes into the work order's own, or into `lot_number` (`output_lots`).
    `scrap_reason_id` belongs to the floor's own record of the report and changes nothing here. What an order
    loses by the report is made again by sales, which stands above (`sales.services.reporting`) and says so by
    `loses_pieces`, for the fact. `floor`: what the caller has locked by `hold_floor` in this transaction.

    The first operation may report more than the quantity, as far as planning's parameters let work orders exceed it:
    such pieces use their share of components more, and are the work order's `over_qty`. `accepts_over`: a shift lead
    has seen more than that. `key`: the event, by which the report can be taken back. Minutes may be below zero when
    earlier reports had said too many.

    `rework_qty` pieces have used their components and are neither good nor lost. A rework step reports what became of
    the pieces that it mends: good ones are good at the mended operation and go on, scrap is its scrap, `rework_qty`
    goes to another step; all that is worked there costs as rework.

    `consumed` are parts that were scanned: they come out of just these lots, the rest as always. `serials` are the
    numbers of the good pieces, one for each.

    Locks sales order < work order < operations < balances < values. Raises OverReport, OperationFinished,
    WorkOrderEnded, EarlierOperationOpen, StillInRework, WrongMachine, WrongMaterial, LotUnusable, InvalidInput,
    PeriodClosed. States OperationReported.
    """
    floor = floor or hold_floor(operation_id)
    over_qty = floor.work_order.over_qty
    check_report(
        floor,
        good_qty=good_qty,
        scrap_qty=scrap_qty,
        rework_qty=rework_qty,
        worked_min=worked_min,
        finish=finish,
        machine_id=machine_id,
        accepts_over=accepts_over,
    )
    is_released_now = floor.work_order.state != WorkOrder.State.RELEASED
    if is_released_now:
        keep_for_release(floor.work_order, floor.needs, now)
    _count(floor, good_qty, scrap_qty, rework_qty)
    _work(floor, worked_min, machine_id, now)
    ended = finish_what_is_done(floor, finish=finish, now=now)
    posting = Posting(floor, good_qty, worked_min, now, lot_number, worker_id, consumed, serials, labour)
    posting.post()
    accepted = floor.work_order.over_qty != over_qty
    counts = _count_order(floor, good_qty, scrap_qty, accepted=accepted, owes=posting.owes, now=now)
    _save(floor, {floor.operation, floor.worked, *ended}, with_order=counts or is_released_now)
    if key is not None:
        pieces = {"good_qty": good_qty, "scrap_qty": scrap_qty, "rework_qty": rework_qty, "worked_min": worked_min}
        over = floor.work_order.over_qty - over_qty
        rows = {"move_ids": posting.move_ids, "entry_ids": posting.entry_ids, "owed_ids": posting.owed_ids}
        rows["ended_ids"] = [one.pk for one in ended]
        _remember(WorkReport(key=key, operation_id=operation_id, over_qty=over, reported_at=now, **pieces, **rows))
    posting.settle()
    report = Report(
        operation_id=operation_id,
        work_order_id=floor.work_order.pk,
        good_qty=good_qty,
        scrap_qty=scrap_qty,
        rework_qty=rework_qty,
        remaining_qty=floor.remaining_qty,
        in_rework_qty=floor.operation.rework_qty,
        is_all_reported=floor.is_all_reported,
        ends_something=bool(ended),
        is_finished=floor.worked.finished_at is not None,
        finished_at=floor.worked.finished_at,
        is_closed=floor.work_order.state == WorkOrder.State.CLOSED,
        output_value=posting.output_value,
        owed_material_ids=posting.owed_material_ids,
        booked_labour=posting.booked_labour,
    )
    facts.state(
        OperationReported(
            operation_id=operation_id,
            work_order_id=floor.work_order.pk,
            order_id=floor.sales_order_id,
            plant_id=floor.work_order.plant_id,
            good_qty=good_qty,
            scrap_qty=scrap_qty,
            rework_qty=rework_qty,
            is_finished=report.is_finished,
            loses_pieces=loses_pieces,
        )
    )
    if floor.sales_order_id is not None:
        live.publish("order", floor.sales_order_id)
    return report


def _remember(report: WorkReport) -> None:
    names = ("move_ids", "entry_ids", "owed_ids", "ended_ids")
    pieces = report.good_qty, report.scrap_qty, report.rework_qty, report.over_qty, report.worked_min
    ids = [statements.array(getattr(report, name)) for name in names]
    statements.run(_REMEMBER, [str(report.key), report.operation_id, report.reported_at, *pieces, *ids])


def _count(floor: Floor, good_qty: Decimal, scrap_qty: Decimal, rework_qty: Decimal) -> None:
    """The pieces of the operation; what a rework step has done comes back from rework there."""
    for one in {floor.operation, floor.worked}:
        one.good_qty += good_qty
        one.scrap_qty += scrap_qty
    floor.worked.rework_qty += rework_qty
    if floor.step is not None:
        floor.operation.rework_qty -= good_qty + scrap_qty


def _work(floor: Floor, worked_min: Decimal, machine_id: int | None, now: dt.datetime) -> None:
    operation = floor.worked
    operation.worked_min += worked_min
    operation.machine_id = machine_id or operation.machine_id
    operation.started_at = operation.started_at or now


def _count_order(
    floor: Floor, good_qty: Decimal, scrap_qty: Decimal, *, accepted: bool, owes: bool, now: dt.datetime
) -> bool:
    """Pieces of the last operation count for the work order; it closes when all is made and nothing owed. Whether
    anything of it has changed.
    """
    order = floor.work_order
    if floor.operation.is_last:
        order.good_qty += good_qty
        order.scrap_qty += scrap_qty
    if floor.is_done and not owes:
        order.state = WorkOrder.State.CLOSED
        order.closed_at = now
    if not (floor.operation.is_last or floor.is_done or accepted):
        return False
    order.version += 1
    return True


def _save(floor: Floor, operations: Collection[WorkOrderOperation], *, with_order: bool) -> None:
    """The operations and the work order, in one round trip."""
    rows = [
        (
            *(one.pk, one.good_qty, one.scrap_qty, one.rework_qty, one.worked_min),
            *(one.machine_id, one.started_at, one.finished_at),
        )
        for one in operations
    ]
    wanted: list[statements.Statement] = [(_SAVE_OPERATIONS, statements.columns(rows))]
    if with_order:
        one = floor.work_order
        pieces = one.good_qty, one.scrap_qty, one.over_qty
        state = str(one.state), one.released_at, one.short_reason, one.closed_at, one.version
        wanted.append((_SAVE_ORDER, [*pieces, *state, one.pk]))
    statements.together(*wanted)
