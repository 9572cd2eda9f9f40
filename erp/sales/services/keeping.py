"""Pieces kept by hand for an order line or a work order's material, let go again, or let go by the clock.

A draft order holds stock until a moment; confirming it takes over what it holds. Whoever is confirmed is covered
already: keeping stock for it frees what was on order for it, letting go has it supplied anew from elsewhere.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.db.models import F, Sum

from erp.production.models import WorkOrder, WorkOrderMaterial
from erp.sales.models import SalesOrder, SalesOrderLine
from erp.sales.services.resupply import OPEN, Losers, hold_demands, supply_again
from erp.stock.cuts import Cut
from erp.stock.intents import StockDemand
from erp.stock.locks import hold_balances
from erp.stock.models import Reservation, StockBalance
from erp.stock.services import reserve
from erp.supply.models import Peg, PurchaseOrderLine
from erp.supply.services.pegs import cut_surplus
from erp.supply.sources import hold_sources
from masterdata import live
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import Material, Plant
from masterdata.numbers import ZERO
from masterdata.units import check_quantity

Kind = Reservation.Kind


class NotEnoughFree(Refusal):
    """Fewer pieces are free than are to be kept."""

    code = "not_enough_free"


class NeedsNoMore(Refusal):
    """The line or work order lacks less than is to be kept for it."""

    code = "needs_no_more"


class NothingKept(Refusal):
    """All that the reservation kept was used or let go before."""

    code = "nothing_kept"


class DemandEnded(Refusal):
    """The order was cancelled, or the work order has ended: nothing is kept for it."""

    code = "demand_ended"


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Whose pieces: `lacks` is what it needs and does not have in hand."""

    plant: Plant
    material: Material
    lacks: Decimal
    is_covered: bool
    name: str
    order_id: int | None


@transaction.atomic
def keep_pieces(
    *,
    quantity: Decimal,
    now: dt.datetime,
    sales_order_line_id: int | None = None,
    work_order_material_id: int | None = None,
    kind: str = Kind.SOFT,
    priority: int | None = None,
    expires_at: dt.datetime | None = None,
) -> list[Reservation]:
    """Reserve so many free pieces for an order line or a work order's material, or none of them.

    What is kept for a confirmed demand is taken off what was on order for it, which is free for others then. Locks the
    order, the work order, open purchase lines pegged to it, balances. Raises NotEnoughFree with what is left,
    NeedsNoMore, DemandEnded, InvalidInput, PartOfStep.
    """
    if (sales_order_line_id is None) == (work_order_material_id is None):
        raise InvalidInput("Name an order line or a work order's material: one of them.", field="sales_order_line")
    if expires_at is not None and (kind == Kind.HARD or expires_at <= now):
        raise InvalidInput("Only a soft reservation ends by itself, and at a time to come.", field="expires_at")
    wanted = _hold_wanted(sales_order_line_id, work_order_material_id)
    check_quantity(material=wanted.material, quantity=quantity, field="quantity")
    if quantity > wanted.lacks:
        sentence = f"{wanted.name} lacks {_shown(wanted.lacks)}: keep at most that."
        if wanted.lacks <= 0:
            sentence = f"{wanted.name} has all that it needs: keep these pieces for another demand."
        raise NeedsNoMore(sentence, field="quantity", lacks=str(wanted.lacks))
    pegs = _hold_pegs(sales_order_line_id, work_order_material_id) if wanted.is_covered else []
    demand = StockDemand(
        plant_id=wanted.plant.pk,
        material_id=wanted.material.pk,
        quantity=quantity,
        sales_order_line_id=sales_order_line_id,
        work_order_material_id=work_order_material_id,
        kind=kind,
        priority=priority,
        expires_at=expires_at,
    )
    last = Reservation.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    granted = reserve(demands=[demand], now=now)[0]
    if granted < quantity:
        sentence = (
            f"Only {_shown(granted)} of {wanted.material.code} are free in {wanted.plant.name}: keep at most that."
        )
        if not granted:
            nothing = f"Nothing of {wanted.material.code} is free in {wanted.plant.name}"
            sentence = f"{nothing}: let another reservation go, or wait for what is on order."
        raise NotEnoughFree(
            sentence,
            field="quantity",
            material_id=wanted.material.pk,
            available=str(granted),
            asked=str(quantity),
        )
    cut_surplus(pegs, quantity - (wanted.lacks - sum((_open(peg) for peg in pegs), ZERO)))
    if wanted.order_id:
        live.publish("order", wanted.order_id)
    live.publish("stock", wanted.plant.pk)
    rows = Reservation.objects.filter(
        sales_order_line=sales_order_line_id, work_order_material=work_order_material_id, quantity__gt=0, pk__gt=last
    )
    return list(rows.select_related("balance__location").order_by("pk"))


@transaction.atomic
def let_pieces_go(*, reservation_id: int, now: dt.datetime, quantity: Decimal | None = None) -> Reservation:
    """Give back what a reservation keeps (all of it, or `quantity`).

    A confirmed demand is supplied anew, and not from these pieces: they are free for others. Locks the order, the work
    order, open purchase lines, balances. Raises NothingKept, InvalidInput, PartOfStep.
    """
    row = Reservation.objects.select_related("balance__plant__company", "balance__material").get(pk=reservation_id)
    if row.supplied_component_id is not None:
        raise InvalidInput("It is kept for what a supplier makes of it: change his purchase order.", field="quantity")
    losers = hold_demands(
        plant=row.balance.plant,
        need_ids=[row.work_order_material_id] if row.work_order_material_id else [],
        line_ids=[row.sales_order_line_id] if row.sales_order_line_id else [],
    )
    hold_balances(plant_ids=[row.balance.plant_id], material_ids=[row.balance.material_id])
    left = Reservation.objects.values_list("quantity", flat=True).get(pk=reservation_id)
    if not left:
        raise NothingKept("Nothing of it is kept any more: it was used, or let go before.", reservation_id=row.pk)
    part = left if quantity is None else quantity
    if part != left:
        check_quantity(material=row.balance.material, quantity=part, field="quantity")
    if part <= 0 or part > left:
        raise InvalidInput(f"{_shown(left)} are kept: let at most that go.", field="quantity", kept=str(left))
    _give_back(losers, [(row, part)], now)
    row.refresh_from_db()
    return row


def expire_reservations(*, now: dt.datetime) -> int:
    """Clockwork: soft reservations whose time is over are let go, one transaction each; how many."""
    over = Reservation.objects.filter(expires_at__lte=now, quantity__gt=0, kind=Kind.SOFT)
    done = 0
    for pk in list(over.order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic():
            row = Reservation.objects.filter(pk=pk, quantity__gt=0, expires_at__lte=now).first()
            if row is not None:
                let_pieces_go(reservation_id=pk, now=now)
                done += 1
    return done


@transaction.atomic(savepoint=False)
def release_holds(*, lines: Sequence[SalesOrderLine]) -> None:
    """What a draft order's lines hold is free again, for the confirmation that nets them in this transaction.

    Locks, when there is anything, open purchase lines and balances of the materials, plant by plant.
    """
    held = Reservation.objects.filter(sales_order_line__in=lines, quantity__gt=0)
    if not held.exists():
        return
    for plant_id in sorted({line.plant_id for line in lines}):
        materials = {line.material_id for line in lines if line.plant_id == plant_id}
        hold_sources(plant_id=plant_id, material_ids=materials, order_id=lines[0].order_id)
    rows = list(held.select_related("balance"))
    _unreserve([(row, row.quantity) for row in rows])


def _give_back(losers: Losers, parts: Sequence[tuple[Reservation, Decimal]], now: dt.datetime) -> None:
    free: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for row, part in parts:
        free[row.balance_id] += part
    _unreserve(parts)
    cuts = [
        Cut(row.pk, row.balance_id, part, row.kind == Kind.HARD, row.work_order_material_id, row.sales_order_line_id)
        for row, part in parts
    ]
    supply_again(losers=losers, cuts=cuts, text="Pieces let go", now=now, without=free)
    live.publish("stock", losers.plant.pk)


def _unreserve(parts: Sequence[tuple[Reservation, Decimal]]) -> None:
    """Balances are locked by the caller."""
    for row, part in parts:
        Reservation.objects.filter(pk=row.pk).update(quantity=F("quantity") - part)
        StockBalance.objects.filter(pk=row.balance_id).update(reserved=F("reserved") - part)


def _hold_wanted(line_id: int | None, need_id: int | None) -> _Wanted:
    """Lock the order, then the work order; what the demand lacks in hand."""
    related = "plant__company", "material__unit", "order"
    if line_id is not None:
        order_id = SalesOrderLine.objects.values_list("order_id", flat=True).get(pk=line_id)
        SalesOrder.objects.select_for_update(no_key=True).order_by("pk").get(pk=order_id)
        line = SalesOrderLine.objects.select_related(*related).get(pk=line_id)
        if line.order.cancelled_at is not None:
            raise DemandEnded(f"{line.order.number} is cancelled.", order_id=order_id)
        made = WorkOrder.objects.filter(sales_order_line=line).exclude(path__contains=".").exclude(state="cancelled")
        coming = made.aggregate(total=Sum("quantity"))["total"] or ZERO
        lacks = line.quantity - line.shipped_qty - coming - _kept(sales_order_line=line_id)
        name = f"Line {line.line_no} of {line.order.number}"
        is_covered = line.order.confirmed_at is not None
        return _Wanted(line.plant, line.material, max(ZERO, lacks), is_covered, name, order_id)
    return _hold_need(need_id or 0)


def _hold_need(need_id: int) -> _Wanted:
    need = WorkOrderMaterial.objects.select_related("work_order__sales_order_line").get(pk=need_id)
    owner = need.work_order.sales_order_line
    if owner is not None:
        SalesOrder.objects.select_for_update(no_key=True).order_by("pk").get(pk=owner.order_id)
    WorkOrder.objects.select_for_update(no_key=True).order_by("pk").get(pk=need.work_order_id)
    need = WorkOrderMaterial.objects.select_related("work_order__plant__company", "material__unit").get(pk=need_id)
    work = need.work_order
    if work.state not in OPEN:
        raise DemandEnded(f"{work.number} is {work.get_state_display().lower()}.", work_order_id=work.pk)
    own = Peg.objects.filter(work_order_material=need, work_order__isnull=False).aggregate(total=Sum("quantity"))
    lacks = need.quantity - need.issued_qty - (own["total"] or ZERO) - _kept(work_order_material=need_id)
    name = f"{need.material.code} of {work.number}"
    return _Wanted(work.plant, need.material, max(ZERO, lacks), True, name, owner.order_id if owner else None)


def _kept(**demand: int | None) -> Decimal:
    return Reservation.objects.filter(**demand).aggregate(total=Sum("quantity"))["total"] or ZERO


def _hold_pegs(line_id: int | None, need_id: int | None) -> list[Peg]:
    """What is on order for the demand and has not come, the latest first; their purchase lines are locked."""
    pegs = Peg.objects.filter(
        sales_order_line=line_id, work_order_material=need_id, work_order=None, quantity__gt=F("received_qty")
    )
    lines = pegs.exclude(purchase_order_line=None).values("purchase_order_line")
    list(PurchaseOrderLine.objects.select_for_update(no_key=True).filter(pk__in=lines).order_by("pk"))
    return list(pegs.order_by("-pk"))


def _open(peg: Peg) -> Decimal:
    return peg.quantity - peg.received_qty


def _shown(quantity: Decimal) -> str:
    return f"{quantity.normalize() + ZERO:f}"
