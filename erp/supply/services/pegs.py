"""Pegs: whom they are for, and those that no longer hold because nothing comes or nobody will use it any more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal

from django.db import transaction
from django.db.models import F, Q

from erp.supply.models import Peg, PlannedOrder, PurchaseOrderLine
from masterdata.numbers import ZERO


@transaction.atomic(savepoint=False)
def cut_pegs(parts: Iterable[tuple[Peg, Decimal]]) -> None:
    """Take these parts off their pegs; a peg of nothing goes. Purchase lines must be locked by the caller.

    What planning has pegged to planned orders its runs change beside the caller: of those what is left is taken.
    """
    for peg, part in parts:
        if peg.is_planned and peg.planned_order_id is not None:
            _cut_planned(peg, part)
            continue
        peg.quantity -= part
        if peg.quantity > 0:
            peg.save(update_fields=["quantity"])
        else:
            peg.delete()
        if peg.purchase_order_line_id is not None:
            lines = PurchaseOrderLine.objects.filter(pk=peg.purchase_order_line_id)
            lines.update(pegged_qty=F("pegged_qty") - part)


def _cut_planned(peg: Peg, part: Decimal) -> None:
    found = Peg.objects.select_for_update(no_key=True).filter(pk=peg.pk, planned_order=peg.planned_order_id)
    for fresh in found.order_by("pk"):
        if part < fresh.quantity:
            fresh.quantity -= part
            fresh.save(update_fields=["quantity"])
        else:
            fresh.delete()


def cut_surplus(pegs: Iterable[Peg], surplus: Decimal) -> None:
    """Take so much off what is still to come of these pegs, in their order. Locks as for `cut_pegs`."""
    parts = []
    for peg in pegs:
        part = min(peg.quantity - peg.received_qty, surplus)
        if part > ZERO:
            surplus -= part
            parts.append((peg, part))
    cut_pegs(parts)


@transaction.atomic(savepoint=False)
def plan_again(
    *, line: PurchaseOrderLine, parts: Sequence[tuple[Peg, Decimal]], plant_id: int, problem: str
) -> PlannedOrder | None:
    """What these parts of the line's pegs wait for becomes a planned order: no demand loses its supply in silence.

    What material planning had pegged it supplies again by itself. The line must be locked by the caller, whose
    `pegged_qty` falls by what is still to come of the parts.
    """
    parts = [(peg, part) for peg, part in parts if part > 0]
    for peg, part in parts:
        if peg.is_planned:
            _shrink(peg, part)
    parts = [(peg, part) for peg, part in parts if not peg.is_planned]
    if not parts:
        return None
    planned = PlannedOrder.objects.create(
        plant_id=plant_id,
        material_id=line.material_id,
        quantity=sum((part for _, part in parts), ZERO),
        due_at=line.confirmed_at or line.due_at,
        problem=problem[:200],
    )
    for peg, part in parts:
        if part == peg.quantity:
            peg.purchase_order_line, peg.planned_order, peg.received_qty = None, planned, ZERO
            peg.save(update_fields=["purchase_order_line", "planned_order", "received_qty"])
            continue
        _shrink(peg, part)
        another(peg, part, planned_order=planned).save()
    return planned


def _shrink(peg: Peg, part: Decimal) -> None:
    peg.quantity -= part
    peg.received_qty = min(peg.received_qty, peg.quantity)
    if peg.quantity > 0:
        peg.save(update_fields=["quantity", "received_qty"])
    else:
        peg.delete()


def another(peg: Peg, quantity: Decimal, **supply: object) -> Peg:
    """An unsaved peg for the same demand to another supply."""
    return Peg(
        work_order_material_id=peg.work_order_material_id,
        sales_order_line_id=peg.sales_order_line_id,
        transfer_id=peg.transfer_id,
        requisition_line_id=peg.requisition_line_id,
        supplied_component_id=peg.supplied_component_id,
        is_planned=peg.is_planned,
        quantity=quantity,
        **supply,
    )


def open_pegs(line_ids: Collection[int]) -> dict[int, list[Peg]]:
    """The pegs that wait for each purchase order line, the oldest first, with the orders behind them."""
    found: dict[int, list[Peg]] = defaultdict(list)
    rows = Peg.objects.filter(purchase_order_line__in=list(line_ids), received_qty__lt=F("quantity"))
    related = "work_order_material__work_order__sales_order_line", "sales_order_line"
    for peg in rows.select_related(*related).order_by("id"):
        found[peg.purchase_order_line_id or 0].append(peg)
    return found


@transaction.atomic(savepoint=False)
def let_go_of_unused(*, unused: dict[int, Decimal], line_ids: Collection[int]) -> None:
    """Give back what is still pegged for needs (work order material -> quantity) of a work order that has ended.

    Only of the purchase lines that the caller has locked.
    """
    left = dict(unused)
    parts = []
    for peg in Peg.objects.filter(work_order_material__in=list(unused)).order_by("-id"):
        if peg.purchase_order_line_id is not None and peg.purchase_order_line_id not in line_ids:
            continue
        need_id = peg.work_order_material_id or 0
        part = min(peg.quantity - peg.received_qty, left[need_id])
        if part > ZERO:
            left[need_id] -= part
            parts.append((peg, part))
    cut_pegs(parts)


@transaction.atomic(savepoint=False)
def forget_lost(*, need_ids: Collection[int], line_ids: Collection[int]) -> None:
    """What came for these demands, was lost and is supplied again is no longer told by its old pegs.

    What pegs say beyond the demand comes off the received parts of purchase pegs, oldest first; then off what material
    planning has pegged and its next run would take away. The demands' orders, work orders and open purchase lines must
    be locked by the caller.
    """
    pegs = Peg.objects.filter(Q(work_order_material__in=need_ids) | Q(sales_order_line__in=line_ids))
    by_demand: dict[tuple[int | None, int | None], list[Peg]] = defaultdict(list)
    for peg in pegs.select_related("work_order_material", "sales_order_line").order_by("id"):
        by_demand[peg.work_order_material_id, peg.sales_order_line_id].append(peg)
    for found in by_demand.values():
        demand = found[0].work_order_material or found[0].sales_order_line
        assert demand is not None
        planned = [peg for peg in found if peg.is_planned]
        firm = [peg for peg in found if not peg.is_planned]
        said = sum((peg.quantity for peg in firm), ZERO) + sum(
            (peg.quantity - peg.received_qty for peg in planned), ZERO
        )
        excess = said - demand.quantity
        for peg in firm:
            part = min(excess, peg.received_qty)
            if part > ZERO:
                excess -= part
                _shorten(peg, part)
        cut_surplus(reversed(planned), excess)


def _shorten(peg: Peg, part: Decimal) -> None:
    peg.quantity -= part
    peg.received_qty -= part
    if peg.quantity > ZERO:
        peg.save(update_fields=["quantity", "received_qty"])
    else:
        peg.delete()


def sales_order_of(peg: Peg) -> int | None:
    """The sales order that the peg's supply is for, if it is for one."""
    line = peg.sales_order_line or (peg.work_order_material and peg.work_order_material.work_order.sales_order_line)
    return line.order_id if line else None
