"""A report is taken back whole; minutes are put right: linked reversals at the original value, in the open period."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, ClassVar

from django.db import transaction

from erp.cost.models import CostEntry, Element, VarianceEntry
from erp.cost.rates import RATES_HERE, Rates
from erp.cost.services import CostTag, book_costs
from erp.facts import ReportTakenBack
from erp.ledger.models import Account, JournalEntry
from erp.ledger.reversing import mirrored
from erp.ledger.services import EntryDraft, LedgerLine, write_entries
from erp.production.models import WorkOrder, WorkOrderMaterial, WorkOrderOperation, WorkReport
from erp.production.services.absorbing import absorption
from erp.production.services.floor import Floor, hold_floor
from erp.production.services.keeping import WorkOrderEnded, keep_again
from erp.stock.intents import Kind, MoveIntent
from erp.stock.models import OwedIssue, StockMove
from erp.stock.reversing import mirror_of
from erp.stock.services import post_moves
from masterdata import facts, live, statements
from masterdata.errors import InvalidInput, Refusal
from masterdata.numbers import ZERO

Role = Account.Role


class NotReported(Refusal):
    """No report has this key, or it was taken back before."""

    code: ClassVar[str] = "not_reported"


class PiecesWentOn(Refusal):
    """What the report made or used has gone on, so that it can't be as if it had never been."""

    code: ClassVar[str] = "pieces_went_on"


@transaction.atomic(savepoint=False)
def take_back_report(*, key: uuid.UUID, reason: str, now: dt.datetime, stays: Decimal = ZERO) -> WorkReport:
    """The report never was: its pieces and minutes come off, its moves and entries are reversed at their own values,
    operations that ended by it are open again, components lie where they lay and are reserved again.

    `stays`: so many good pieces of the operation the caller reports again at once, in the same transaction, so that the
    next operation may have had them.

    What was ordered again because of its scrap is withdrawn above it (`sales.services.take_back_report`). Locks sales
    order < work order < operations < balances < values. Raises NotReported, PiecesWentOn, WorkOrderEnded,
    NotEnoughStock, PeriodClosed. States ReportTakenBack.
    """
    found = WorkReport.objects.filter(key=key).first()
    if found is None:
        raise NotReported("There is no such report, so nothing can be taken back.")
    floor = hold_floor(found.operation_id)
    report = WorkReport.objects.select_for_update(no_key=True).order_by("pk").get(pk=found.pk)
    if report.taken_back_at is not None:
        raise NotReported("This report was taken back before.")
    _check(floor, report, stays)
    _reverse_moves(floor, report, reason, now)
    _reverse_entries(floor, report, reason, now)
    _give_back_owed(report)
    _uncount(floor, report)
    keep_again(floor.work_order, _needs(floor), now)
    report.taken_back_at = now
    report.save(update_fields=["taken_back_at"])
    order = floor.work_order
    facts.state(
        ReportTakenBack(
            operation_id=floor.worked.pk,
            work_order_id=order.pk,
            order_id=floor.sales_order_id,
            plant_id=order.plant_id,
            good_qty=report.good_qty,
            scrap_qty=report.scrap_qty,
        )
    )
    if floor.sales_order_id is not None:
        live.publish("order", floor.sales_order_id)
    return report


def _check(floor: Floor, report: WorkReport, stays: Decimal) -> None:
    order = floor.work_order
    if order.state == WorkOrder.State.CANCELLED:
        raise WorkOrderEnded(f"Work order {order.number} is cancelled: nothing of it is taken back.", state=order.state)
    if VarianceEntry.objects.filter(work_order=order).exists():
        raise PiecesWentOn(
            f"{order.number} has made its last piece and its variances are posted. Correct the stock by a count.",
            work_order_id=order.pk,
        )
    following = floor.operations[floor.place + 1] if floor.place + 1 < len(floor.operations) else None
    left = max(stays, floor.operation.good_qty - report.good_qty)
    if following is not None and following.reported_qty > left:
        raise PiecesWentOn(
            f"{following.name} has worked on {following.reported_qty.normalize():f} of these pieces. Take its report "
            "back first.",
            operation_id=following.pk,
        )
    if floor.operation.rework_qty < report.rework_qty and floor.step is None:
        raise PiecesWentOn("Pieces of it that were to be reworked have been reworked. Take that back first.")
    if OwedIssue.objects.filter(pk__in=report.owed_ids, settled_qty__gt=0).exists():
        raise PiecesWentOn(
            "Components that it owed have come and were used for it since. Correct the stock by a count.",
            work_order_id=order.pk,
        )


def _reverse_moves(floor: Floor, report: WorkReport, reason: str, now: dt.datetime) -> None:
    """Each move the other way, at its own value; what an issue took comes off its need."""
    moves = list(
        StockMove.objects.filter(pk__in=report.move_ids, reversed_by=None)
        .select_related("plant__company__currency", "source", "target")
        .order_by("-pk")
    )
    post_moves(moves=[_mirror(move, floor, reason) for move in moves], now=now)
    for move in moves:
        if move.kind == Kind.ISSUE:
            _take_off_need(floor, move.material_id, move.quantity, move.value - move.difference)


def _mirror(move: StockMove, floor: Floor, reason: str) -> MoveIntent:
    if move.kind == Kind.ISSUE:
        kind = CostEntry.Kind.TRANSFER if move.source_order_id else CostEntry.Kind.INCURRED
    elif move.kind == Kind.BYPRODUCT or floor.work_order.is_rework:
        kind = CostEntry.Kind.INCURRED
    else:
        kind = CostEntry.Kind.TRANSFER
    tag = CostTag(
        kind=kind,
        element=Element.MATERIAL,
        quantity=-move.quantity,
        operation_id=floor.worked.pk,
        material_id=move.material_id,
    )
    return mirror_of(
        move,
        cost=tag,
        sales_order_id=floor.sales_order_id,
        document=f"operation:{floor.worked.pk}",
        memo=reason.strip()[:200],
    )


def _take_off_need(floor: Floor, material_id: int, quantity: Decimal, value: Decimal) -> None:
    """The need has that much less; where several need the material, from those that have it, the last first."""
    for need in reversed(floor.needs):
        part = min(quantity, need.issued_qty) if need.material_id == material_id else ZERO
        if part <= 0:
            continue
        share = value if part == quantity else value * part / quantity
        need.issued_qty -= part
        need.issued_value -= share
        quantity, value = quantity - part, value - share
    WorkOrderMaterial.objects.bulk_update(floor.needs, ["issued_qty", "issued_value"])


def _reverse_entries(floor: Floor, report: WorkReport, reason: str, now: dt.datetime) -> None:
    """What was posted beside moves (minutes, overhead, what the last piece could not take, owed components)."""
    with_moves = StockMove.objects.filter(pk__in=report.move_ids).exclude(entry=None).values_list("entry", flat=True)
    entries = JournalEntry.objects.filter(pk__in=report.entry_ids, reversed_by=None).exclude(pk__in=list(with_moves))
    drafts, tags = [], []
    for entry in entries.order_by("pk"):
        lines = list(entry.lines.select_related("plant", "partner", "cost_entry").order_by("pk"))
        drafts.append(
            EntryDraft(
                company_id=entry.company_id,
                kind=JournalEntry.Kind.REVERSAL,
                source=entry.source,
                memo=reason.strip()[:200],
                reverses_id=entry.pk,
                lines=[mirrored(line) for line in lines],
            )
        )
        tags.append([_tag(getattr(line, "cost_entry", None)) for line in lines])
    posted = write_entries(drafts=drafts, now=now)
    pairs = [pair for item, row in zip(posted, tags, strict=True) for pair in zip(item.lines, row, strict=True)]
    book_costs(postings=[(line, tag) for line, tag in pairs if tag is not None], now=now)


def _tag(entry: CostEntry | None) -> CostTag | None:
    if entry is None:
        return None
    return CostTag(
        kind=entry.kind,
        element=entry.element,
        quantity=None if entry.quantity is None else -entry.quantity,
        operation_id=entry.operation_id,
        material_id=entry.material_id,
        machine_id=entry.machine_id,
        rate=entry.rate,
        basis=entry.basis,
        grade_id=entry.grade_id,
        person_id=entry.person_id,
        pieces=None if entry.pieces is None else -entry.pieces,
    )


def _give_back_owed(report: WorkReport) -> None:
    """What it owed is owed no more; its needs are open for it again."""
    for owed in OwedIssue.objects.filter(pk__in=report.owed_ids).select_related("work_order_material").order_by("pk"):
        need = WorkOrderMaterial.objects.get(pk=owed.work_order_material_id)
        need.issued_qty -= owed.quantity
        need.issued_value -= owed.value
        need.save(update_fields=["issued_qty", "issued_value"])
        owed.delete()


def _uncount(floor: Floor, report: WorkReport) -> None:
    """Pieces, minutes and ends, of the operation (for a rework step: of the one that it mends too) and the order."""
    operation, worked, order = floor.operation, floor.worked, floor.work_order
    for one in {operation, worked}:
        one.good_qty -= report.good_qty
        one.scrap_qty -= report.scrap_qty
    worked.rework_qty -= report.rework_qty
    if floor.step is not None:
        operation.rework_qty += report.good_qty + report.scrap_qty
    worked.worked_min -= report.worked_min
    for one in (*floor.operations, *floor.steps):
        if one.pk in report.ended_ids:
            one.finished_at = None
    rows = [*floor.operations, *floor.steps]
    WorkOrderOperation.objects.bulk_update(rows, ["good_qty", "scrap_qty", "rework_qty", "worked_min", "finished_at"])
    if operation.is_last:
        order.good_qty -= report.good_qty
        order.scrap_qty -= report.scrap_qty
    order.over_qty -= report.over_qty
    if order.state == WorkOrder.State.CLOSED:
        order.state, order.closed_at = WorkOrder.State.RELEASED, None
    order.version += 1
    order.save(update_fields=["good_qty", "scrap_qty", "over_qty", "state", "closed_at", "version"])


def _needs(floor: Floor) -> list[WorkOrderMaterial]:
    rows = WorkOrderMaterial.objects.filter(work_order=floor.work_order).select_related("material", "unit")
    return list(rows.order_by("line_no"))


@transaction.atomic(savepoint=False)
def correct_minutes(
    *,
    operation_id: int,
    machine_id: int,
    minutes: Decimal,
    now: dt.datetime,
    worker_id: int | None = None,
    machine_only: bool = False,
) -> None:
    """Minutes of work that reports did not say (or, below zero, said too much) cost labour, machine and overhead;
    `machine_only`: what people worked there is booked by `book_labour`.

    When the work order has made its last piece they go on to the order's cost of goods, or to production variance.
    Locks sales order < work order < operations. Raises InvalidInput when less than none would be left.
    """
    floor = hold_floor(operation_id)
    operation, plant = floor.worked, floor.work_order.plant
    if operation.worked_min + minutes < 0:
        raise InvalidInput("An operation can't have less than no minutes.", field="minutes", minutes=str(minutes))
    values = [worker_id, machine_id, now, operation.work_centre_id]
    *figures, grade_id = statements.run(RATES_HERE, values)[0]
    dimensions: dict[str, Any] = {
        "plant": plant,
        "sales_order_id": floor.sales_order_id,
        "work_order_id": floor.work_order.pk,
    }
    found = Rates(*figures).absorbed(
        minutes=minutes, material=ZERO, decimals=plant.company.currency.decimals,
        people=[] if machine_only else None,
    )  # fmt: skip
    element = Element.REWORK if floor.step or floor.work_order.is_rework else ""
    lines, tags = absorption(
        found, dimensions, operation_id=operation.pk, machine_id=machine_id, grade_id=grade_id, element=element
    )
    if floor.is_done:
        lines, tags = _goes_on(floor, lines, tags, dimensions)
    if lines:
        draft = EntryDraft(
            company_id=plant.company_id, kind=JournalEntry.Kind.LABOUR, source=f"operation:{operation.pk}", lines=lines
        )
        posted = write_entries(drafts=[draft], now=now)[0]
        pairs = [(line, tag) for line, tag in zip(posted.lines, tags, strict=True) if tag is not None]
        book_costs(postings=pairs, now=now, worker_id=worker_id)
    operation.worked_min += minutes
    operation.save(update_fields=["worked_min"])
    if floor.sales_order_id is not None:
        live.publish("order", floor.sales_order_id)


def _goes_on(
    floor: Floor, lines: Sequence[LedgerLine], tags: Sequence[CostTag | None], dimensions: dict[str, Any]
) -> tuple[list[LedgerLine], list[CostTag | None]]:
    """What comes into work that is done leaves it at once."""
    amount = sum((line.amount for line in lines if line.role == Role.WIP), ZERO)
    role = Role.COGS if floor.sales_order_id else Role.PRODUCTION_VARIANCE
    out = LedgerLine(role=Role.WIP, amount=-amount, **dimensions)
    tag = CostTag(
        kind=CostEntry.Kind.TRANSFER,
        element=Element.MATERIAL,
        operation_id=floor.worked.pk,
        material_id=floor.work_order.material_id,
    )
    return [*lines, replace(out, role=role, amount=amount), out], [*tags, None, tag]
