"""Parting a work order in two: operations, needs, and the cost of what was issued beyond the first one's share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pgtrigger
from django.db.models import Sum

from erp.cost.models import CostEntry, Element, OverheadRule
from erp.cost.services import CostTag, book_costs
from erp.ledger.models import Account, JournalEntry
from erp.ledger.services import EntryDraft, LedgerLine, write_entries
from erp.production.models import RATES, WorkOrder, WorkOrderMaterial, WorkOrderOperation
from erp.production.services.floor import Floor
from erp.stock.models import OwedIssue, StockMove
from masterdata.numbering import next_numbers
from masterdata.numbers import ZERO, money, round_up

_COPIED = (
    "sequence", "name", "work_centre_id", "setup_min", "run_min_per_unit", "setup_family", "is_splittable", "is_last",
    *RATES,
)  # fmt: skip
_STEP = Decimal("0.000001")


@dataclass(slots=True)
class PartedNeed:
    """A need of the first work order and its part in the second, with what moves there of what was issued."""

    first: WorkOrderMaterial
    second: WorkOrderMaterial
    moved_qty: Decimal = ZERO
    moved_value: Decimal = ZERO


def part_work_order(*, floor: Floor, quantity: Decimal, now: dt.datetime) -> tuple[WorkOrder, list[PartedNeed]]:
    """Take `quantity` pieces off the locked work order into a new one of the same state, plan and purpose.

    Operations are copied; each need is parted in proportion, the first's share rounded up to the unit's step, so that
    the parts sum to the whole. What was reported stays with the first, and what was issued up to its share; what was
    issued beyond goes with its cost to the second. The planned cost of a piece is the same in both. The second has the
    document number as the last lock. The caller checks, and moves what is kept and pegged.
    """
    order = floor.work_order
    whole, first = order.quantity, order.quantity - quantity
    needs = list(WorkOrderMaterial.objects.filter(work_order=order).select_related("unit").order_by("line_no"))
    second = _twin(order, quantity, now)
    operations = _operations(floor.operations, second)
    parted = [pair for need in needs if (pair := _part(need, second, first / whole)) is not None]
    _move_issued(order, parted)
    WorkOrderMaterial.objects.bulk_create(pair.second for pair in parted)
    with pgtrigger.ignore("erp.WorkOrderMaterial:released_work_keeps_needs"):
        WorkOrderMaterial.objects.bulk_update(
            [pair.first for pair in parted], ["quantity", "instead_qty", "issued_qty", "issued_value"]
        )
    WorkOrder.objects.filter(pk=second.pk).update(state=order.state)
    second.state = order.state
    order.quantity = first
    order.version += 1
    order.save(update_fields=["quantity", "version"])
    _move_cost(floor, second, operations, [pair for pair in parted if pair.moved_value], now)
    return second, parted


def _twin(order: WorkOrder, quantity: Decimal, now: dt.datetime) -> WorkOrder:
    """Firm until its rows are written; made when the first was, so that the same rates are its plan."""
    number = next_numbers(company=order.plant.company, kind="WO", year=now.year)[0]
    return WorkOrder.objects.create(
        number=number,
        plant=order.plant,
        material=order.material,
        bom_id=order.bom_id,
        routing_id=order.routing_id,
        sales_order_line_id=order.sales_order_line_id,
        path=order.path,
        state=WorkOrder.State.FIRM,
        quantity=quantity,
        planned_unit_cost=order.planned_unit_cost,
        needed_on=order.needed_on,
        start_by_on=order.start_by_on,
        released_at=order.released_at,
        short_reason=order.short_reason,
        made_at=order.made_at,
        split_from_id=order.split_from_id or order.pk,
    )


def _operations(rows: Sequence[WorkOrderOperation], second: WorkOrder) -> dict[int, WorkOrderOperation]:
    made = [WorkOrderOperation(work_order=second, **{name: getattr(one, name) for name in _COPIED}) for one in rows]
    return {one.sequence: one for one in WorkOrderOperation.objects.bulk_create(made)}


def _part(need: WorkOrderMaterial, second: WorkOrder, share: Decimal) -> PartedNeed | None:
    """Nothing when the first needs all of it: one sheet is not two halves."""
    mine = min(need.quantity, round_up(need.quantity * share, need.unit.rounding))
    rest = need.quantity - mine
    if not rest:
        return None
    other = WorkOrderMaterial(
        work_order=second,
        line_no=need.line_no,
        material_id=need.material_id,
        unit_id=need.unit_id,
        operation_sequence=need.operation_sequence,
        is_scanned=need.is_scanned,
        quantity=rest,
        instead_of_id=need.instead_of_id,
        choice=need.choice,
    )
    if need.instead_qty is not None:
        instead = (need.instead_qty * mine / need.quantity).quantize(_STEP, rounding=ROUND_HALF_UP)
        other.instead_qty, need.instead_qty = need.instead_qty - instead, instead
    need.quantity = mine
    return PartedNeed(need, other)


def _move_issued(order: WorkOrder, parted: Sequence[PartedNeed]) -> None:
    """What really lies there beyond the first's share, at its part of the value without subcontractors' fees."""
    owed = OwedIssue.objects.filter(work_order_material__work_order=order, settled_at=None)
    open_qty = {
        row["work_order_material"]: row["quantity"] - row["settled"]
        for row in owed.values("work_order_material").annotate(quantity=Sum("quantity"), settled=Sum("settled_qty"))
    }
    moves = StockMove.objects.filter(work_order=order, kind="issue", fee__gt=0)
    fees = dict(moves.values_list("material").annotate(Sum("fee")))
    for pair in parted:
        need = pair.first
        there = need.issued_qty - open_qty.get(need.pk, ZERO)
        moved = min(max(ZERO, need.issued_qty - need.quantity), there)
        if moved <= 0:
            continue
        value = max(ZERO, need.issued_value - fees.get(need.material_id, ZERO))
        pair.moved_qty = moved
        pair.moved_value = money(value * moved / need.issued_qty, order.plant.company.currency.decimals)
        need.issued_qty -= moved
        need.issued_value -= pair.moved_value
        pair.second.issued_qty, pair.second.issued_value = moved, pair.moved_value


def _move_cost(
    floor: Floor,
    second: WorkOrder,
    operations: dict[int, WorkOrderOperation],
    parted: Sequence[PartedNeed],
    now: dt.datetime,
) -> None:
    """From the one's work in progress to the other's, entry by entry: material, and the overhead that it took on."""
    order, plant = floor.work_order, floor.work_order.plant
    lines: list[LedgerLine] = []
    tags: list[CostTag] = []
    before = {one.sequence: one.pk for one in floor.operations}
    for pair in parted:
        sequence = pair.first.operation_sequence
        ends = (order, before.get(sequence), -1), (second, getattr(operations.get(sequence), "pk", None), 1)
        for amount, tag in _amounts(order, pair, before.get(sequence), plant.company.currency.decimals):
            for work, operation_id, sign in ends:
                lines.append(
                    LedgerLine(
                        role=Account.Role.WIP,
                        amount=sign * amount,
                        plant=plant,
                        sales_order_id=floor.sales_order_id,
                        work_order_id=work.pk,
                        material_id=tag.get("material_id"),
                    )
                )
                quantity = sign * tag["quantity"]
                tags.append(CostTag(**(tag | {"operation_id": operation_id, "quantity": quantity})))
    if not lines:
        return
    draft = EntryDraft(
        company_id=plant.company_id,
        kind=JournalEntry.Kind.ISSUE,
        source=f"work_order:{order.pk}",
        memo=f"Split: {second.number}",
        lines=lines,
    )
    posted = write_entries(drafts=[draft], now=now)[0]
    book_costs(postings=list(zip(posted.lines, tags, strict=True)), now=now)


def _amounts(
    order: WorkOrder, pair: PartedNeed, operation_id: int | None, decimals: int
) -> list[tuple[Decimal, dict[str, Any]]]:
    """What moves with a need: its material, in the kinds of cost that it was booked as, and its part of overhead."""
    booked = CostEntry.objects.filter(work_order=order, operation=operation_id)
    material = booked.filter(element=Element.MATERIAL, material=pair.first.material_id)
    kind = material.order_by("-id").values_list("kind", flat=True).first() or CostEntry.Kind.INCURRED
    tag: dict[str, Any] = {
        "kind": kind,
        "element": Element.MATERIAL,
        "quantity": pair.moved_qty,
        "material_id": pair.first.material_id,
    }
    found = [(pair.moved_value, tag)]
    on_top = booked.filter(element=Element.OVERHEAD, basis=OverheadRule.Basis.MATERIAL)
    if kind == CostEntry.Kind.INCURRED and (row := on_top.order_by("-id").first()) is not None:
        overhead = on_top.aggregate(sum=Sum("amount"))["sum"]
        base = booked.filter(element=Element.MATERIAL, kind=kind).aggregate(sum=Sum("amount"))["sum"]
        if base and (part := money(overhead * pair.moved_value / base, decimals)):
            found.append(
                (
                    part,
                    {
                        "kind": kind,
                        "element": Element.OVERHEAD,
                        "quantity": pair.moved_value,
                        "rate": row.rate,
                        "basis": row.basis,
                    },
                )
            )
    return found
