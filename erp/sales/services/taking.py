"""Confirming an order with material of another: it is let go of there, taken here, and ordered anew for the other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.db.models import F

from erp.production.models import WorkOrder, WorkOrderMaterial
from erp.production.services import estimate_orders
from erp.sales.models import SalesOrder, SalesOrderLine
from erp.sales.services.confirmation import Quoted, confirm_order
from erp.sales.services.credit import hold_limits
from erp.sales.services.writing import write_netting
from erp.stock.models import Reservation, StockBalance
from erp.supply.models import Peg
from erp.supply.needs import Need
from erp.supply.netting import cover
from erp.supply.services.pegs import cut_pegs
from erp.supply.sources import hold_sources, read_sources
from erp.supply.structure import read_structure
from masterdata import live
from masterdata.causes import Cause
from masterdata.errors import Refusal
from masterdata.numbers import ZERO


class MaterialGone(Refusal):
    """What was to be taken is not there any more: issued, released to the floor, or taken by another."""

    code = "material_gone"


@dataclass(frozen=True, slots=True)
class Take:
    """`quantity` base units of what a work order's need (`need_id`) holds: stock first, then what comes first."""

    need_id: int
    quantity: Decimal


@transaction.atomic
def confirm_with_material(
    *, order_id: int, takes: Sequence[Take], now: dt.datetime, quoted: Quoted | None = None
) -> SalesOrder:
    """Confirm the order with material that others hold; theirs is netted anew, behind it, in the same transaction.

    Locks the orders and work orders that give, then all that netting needs of the whole tree, then as `confirm_order`.
    Raises MaterialGone when a need no longer holds enough of it untouched, and as `confirm_order` does.
    """
    needs = _hold_givers([take.need_id for take in takes])
    hold_limits([SalesOrder.objects.get(pk=order_id)])
    wanted = list(SalesOrderLine.objects.filter(order_id=order_id).order_by("line_no"))
    if not wanted:
        raise MaterialGone("The order has no lines: nothing can be taken for it.", order_id=order_id)
    line = wanted[0]
    structure = read_structure(plant_ids=[line.plant_id], material_ids=[one.material_id for one in wanted])
    materials = {*structure.items, *(need.material_id for need in needs.values())}
    lines = hold_sources(plant_id=line.plant_id, material_ids=materials, order_id=order_id)
    for take in takes:
        _let_go(needs[take.need_id], take.quantity, lines)
    order = confirm_order(order_id=order_id, now=now, quoted=quoted)
    _supply_again(needs, takes, order, now)
    return order


def _hold_givers(need_ids: Sequence[int]) -> dict[int, WorkOrderMaterial]:
    """Orders, then work orders, by id; the needs as they stand under these locks."""
    needs = WorkOrderMaterial.objects.filter(pk__in=need_ids)
    orders = SalesOrder.objects.filter(lines__work_orders__materials__in=needs.values("pk")).values("pk")
    list(SalesOrder.objects.select_for_update(no_key=True).filter(pk__in=orders).order_by("pk"))
    list(WorkOrder.objects.select_for_update(no_key=True).filter(pk__in=needs.values("work_order_id")).order_by("pk"))
    related = "work_order__plant__company", "work_order__sales_order_line", "material"
    return {need.pk: need for need in needs.select_related(*related)}


def _let_go(need: WorkOrderMaterial, quantity: Decimal, line_ids: frozenset[int]) -> None:
    """Off the need's soft reservations first, then off its pegs, the earliest first. Balances and lines are locked."""
    left = quantity
    if need.work_order.state == WorkOrder.State.FIRM:
        left -= _unreserve(need, left)
        left -= _unpeg(need, left, line_ids)
    if left > 0:
        raise MaterialGone(
            f"{need.material.code} of {need.work_order.number} can't be taken any more: ask again.",
            work_order_id=need.work_order_id,
        )


def _unreserve(need: WorkOrderMaterial, wanted: Decimal) -> Decimal:
    given = ZERO
    soft = Reservation.objects.filter(work_order_material=need, kind=Reservation.Kind.SOFT, quantity__gt=0)
    for row in soft.order_by("id"):
        part = min(row.quantity, wanted - given)
        if part > 0:
            Reservation.objects.filter(pk=row.pk).update(quantity=F("quantity") - part)
            StockBalance.objects.filter(pk=row.balance_id).update(reserved=F("reserved") - part)
            given += part
    return given


def _unpeg(need: WorkOrderMaterial, wanted: Decimal, line_ids: frozenset[int]) -> Decimal:
    given, cut = ZERO, []
    pegs = Peg.objects.filter(
        work_order_material=need, purchase_order_line__in=line_ids, quantity__gt=F("received_qty")
    )
    pegs = pegs.select_related("purchase_order_line")
    for peg in sorted(pegs, key=_comes_at):
        part = min(peg.quantity - peg.received_qty, wanted - given)
        if part > 0:
            cut.append((peg, part))
            given += part
    cut_pegs(cut)
    return given


def _comes_at(peg: Peg) -> tuple[dt.datetime, int]:
    line = peg.purchase_order_line
    assert line is not None
    return line.confirmed_at or line.due_at, peg.pk


def _supply_again(
    needs: dict[int, WorkOrderMaterial], takes: Sequence[Take], order: SalesOrder, now: dt.datetime
) -> None:
    """Net what was taken, for those who gave it, from what is left."""
    plant = next(iter(needs.values())).work_order.plant
    again = {
        Need(
            plant.pk,
            row.material_id,
            row.unit_id,
            row.line_no,
            take.quantity,
            operation_sequence=row.operation_sequence,
        ): row
        for take in takes
        for row in [needs[take.need_id]]
    }
    materials = {row.material_id for row in needs.values()}
    structure = read_structure(plant_ids=[plant.pk], material_ids=materials)
    sources = read_sources(plant_ids=[plant.pk], structure=structure, lock=True, now=now)
    netting = cover(needs=list(again), structure=structure, sources=sources, now=now, may_refuse=False)
    write_netting(netting=netting, plants={plant.pk: plant}, company=plant.company, now=now, waiting=again)
    giving = sorted(
        {row.work_order.sales_order_line.order_id for row in needs.values() if row.work_order.sales_order_line}
    )
    estimate_orders(order_ids=giving, cause=Cause("material", f"Material went to {order.number}"), now=now)
    for order_id in giving:
        live.publish("order", order_id)
