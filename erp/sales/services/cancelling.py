"""Orders and lines that a customer no longer wants: what was kept, planned and not begun for them is let go."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import ClassVar

from django.db import transaction
from django.db.models import F, Q

from erp import facts as erp_facts
from erp.planning.services import note_changes
from erp.production.models import WorkOrder, WorkOrderMaterial
from erp.production.services import estimate_orders
from erp.sales.models import LineChange, SalesOrder, SalesOrderLine
from erp.sales.selectors.ready import ready_lines
from erp.sales.services.changes import change_quantity
from erp.sales.services.letting_go import end_work, has_begun, unpeg, unreserve
from erp.sales.services.setting_free import free_order_stock
from erp.stock.models import Reservation
from erp.supply.models import Peg
from erp.supply.sources import hold_sources
from erp.supply.structure import read_structure
from masterdata import facts, live
from masterdata.causes import Cause
from masterdata.errors import InvalidInput, Refusal, StaleVersion
from masterdata.models import User
from masterdata.numbers import ZERO
from masterdata.units import check_quantity

State = WorkOrder.State


class NothingToCancel(Refusal):
    """All of it has left, is packed, or was cancelled before."""

    code: ClassVar[str] = "nothing_to_cancel"


class BeingPicked(Refusal):
    """The line stands on a pick list, or was picked and has not left."""

    code: ClassVar[str] = "being_picked"


class WorkHasBegun(Refusal):
    """Work for the line is released or has begun: somebody has to say that it goes on for stock."""

    code: ClassVar[str] = "work_has_begun"


class PartIsMade(Refusal):
    """A part of a line is to be cancelled, and the rest of its supply is work, which is whole."""

    code: ClassVar[str] = "part_is_made"


@transaction.atomic
def cancel_order(
    *,
    order_id: int,
    reason: str,
    now: dt.datetime,
    by: User | None = None,
    keep_work: bool = False,
    expected_version: int | None = None,
) -> SalesOrder:
    """Cancel what has not left of all lines; an order of which nothing left is cancelled itself.

    What is kept is free again, planned purchases that are only for it go, work that nobody began goes. What is ordered
    stays as free supply. Released work refuses it, unless `keep_work`: it goes on, and what it makes is set free.
    Invoices are left as they are. Locks the order, its work orders, purchase lines, balances.
    Raises NothingToCancel, WorkHasBegun, InvalidInput, StaleVersion.
    """
    order, lines = _held(order_id, reason, expected_version)
    _check_unpacked(lines)
    is_draft = order.confirmed_at is None
    still_open = [line for line in lines if line.quantity > line.shipped_qty]
    if order.cancelled_at is not None or not still_open:
        raise NothingToCancel(f"Nothing of {order.number} is left to cancel.", order_id=order_id)
    work = _held_work([line.pk for line in still_open])
    _check_work(work, keep_work=keep_work)
    for line in still_open:
        _let_go(
            line, line.quantity - line.shipped_qty, [one for one in work if one.sales_order_line_id == line.pk], now
        )
        if not is_draft:
            change_quantity(
                line=line, quantity=line.shipped_qty, cause=LineChange.Cause.CANCELLED, reason=reason, by=by, now=now
            )
    if is_draft or not any(line.shipped_qty for line in lines):
        order.cancelled_at = now
    if not has_begun(work):
        free_order_stock(order_id=order_id, now=now)
    _finish(order, still_open, reason, now)
    return order


@transaction.atomic
def cancel_line(
    *,
    line_id: int,
    reason: str,
    now: dt.datetime,
    by: User | None = None,
    quantity: Decimal | None = None,
    keep_work: bool = False,
    cause: str = LineChange.Cause.CANCELLED,
) -> SalesOrderLine:
    """Cancel what has not left of a line, or so much of it, as `cancel_order` does.

    A part comes off what is still to come first, then off what is kept; work is whole, so that it is refused when only
    work is left. Raises PartIsMade, NothingToCancel, WorkHasBegun, InvalidInput, PartOfStep.
    """
    order_id = SalesOrderLine.objects.values_list("order_id", flat=True).get(pk=line_id)
    order, lines = _held(order_id, reason, None)
    line = next(one for one in lines if one.pk == line_id)
    ready = next(one for one in ready_lines(order_id) if one.line_id == line_id)
    if order.cancelled_at is not None or ready.open <= 0:
        raise NothingToCancel(
            f"Nothing of line {line.line_no} is left to cancel: unpack what is packed, take back what has left.",
            line_id=line_id,
        )
    if order.confirmed_at is None:
        raise InvalidInput("A draft is not confirmed yet: cancel it whole and write another.", field="line")
    _check_unpicked([line])
    part = ready.open if quantity is None else quantity
    check_quantity(material=line.material, quantity=part, field="quantity", line_id=line_id)
    if part > ready.open:
        raise NothingToCancel(
            f"{ready.open.normalize() + ZERO:f} of line {line.line_no} can be cancelled: at most that.",
            field="quantity", line_id=line_id, open=str(ready.open),
        )  # fmt: skip
    is_whole = part == line.quantity - line.shipped_qty
    work = _held_work([line_id])
    if is_whole:
        _check_work(work, keep_work=keep_work)
    _let_go(line, part, work if is_whole else [], now)
    change_quantity(line=line, quantity=line.quantity - part, cause=cause, reason=reason, by=by, now=now)
    if not any(one.quantity for one in lines):
        order.cancelled_at = now
    _finish(order, [line], reason, now)
    return line


def _held(order_id: int, reason: str, expected_version: int | None) -> tuple[SalesOrder, list[SalesOrderLine]]:
    if not reason.strip():
        raise InvalidInput("Say why it is cancelled.", field="reason")
    rows = SalesOrder.objects.select_for_update(no_key=True, of=("self",)).order_by("pk")
    order = rows.select_related("company__currency").get(pk=order_id)
    if expected_version is not None and expected_version != order.version:
        raise StaleVersion(f"{order.number} was changed meanwhile: look at it again.", version=order.version)
    lines = list(order.lines.select_related("plant__company__currency", "material__unit", "order").order_by("line_no"))
    return order, lines


def _check_unpacked(lines: Sequence[SalesOrderLine]) -> None:
    _check_unpicked(lines)
    for line in lines:
        packed = line.shipment_lines.filter(shipment__shipped_at=None).select_related("shipment").first()
        if packed is not None:
            raise NothingToCancel(
                f"{packed.shipment.number} is packed: give it up or ship it first.", shipment_id=packed.shipment_id
            )


def _check_unpicked(lines: Sequence[SalesOrderLine]) -> None:
    """Fulfilment stands above sales; its rows are reached from the line."""
    for line in lines:
        still = Q(picked_qty__gt=F("gone_qty")) | Q(pick_list__closed_at=None)
        picked = line.pick_lines.filter(still).select_related("pick_list").first()
        if picked is not None:
            raise BeingPicked(
                f"Line {line.line_no} stands on {picked.pick_list.number}: close that list, put back what is picked.",
                line_id=line.pk,
                pick_list_id=picked.pick_list_id,
            )


def _held_work(line_ids: Collection[int]) -> list[WorkOrder]:
    """Open work of the lines, on all levels, locked by id."""
    rows = WorkOrder.objects.select_for_update(no_key=True).filter(
        sales_order_line__in=line_ids, state__in=[State.PROPOSED, State.FIRM, State.RELEASED]
    )
    return list(rows.order_by("pk"))


def _check_work(work: Collection[WorkOrder], *, keep_work: bool) -> None:
    begun = has_begun(work)
    if begun and not keep_work:
        numbers = sorted(one.number for one in work if one.pk in begun)
        raise WorkHasBegun(
            f"{', '.join(numbers)} {'are' if len(numbers) > 1 else 'is'} released or in work: say that it goes on for "
            "stock, or close it first.",
            field="keep_work", work_orders=numbers,
        )  # fmt: skip


def _let_go(line: SalesOrderLine, quantity: Decimal, work: Sequence[WorkOrder], now: dt.datetime) -> None:
    """So much of the line's supply: work that nobody began, what is to come, what is kept, what is made."""
    structure = read_structure(plant_ids=[line.plant_id], material_ids=[line.material_id])
    materials = set(structure.items) | set(
        WorkOrderMaterial.objects.filter(work_order__in=[one.pk for one in work]).values_list("material_id", flat=True)
    )
    hold_sources(plant_id=line.plant_id, material_ids=materials, order_id=line.order_id)
    begun = has_begun(work)
    end_work([one for one in work if one.pk not in begun], now)
    left = quantity
    pegs = Peg.objects.filter(sales_order_line=line)
    if quantity < line.quantity - line.shipped_qty:
        pegs = pegs.exclude(work_order__sales_order_line=line, work_order__isnull=False)
    left -= unpeg(pegs, left, now)
    left -= unreserve(Reservation.objects.filter(sales_order_line=line), left)
    if left > 0:
        left -= free_order_stock(
            order_id=line.order_id, now=now, material_id=line.material_id, most=left, line_id=line.pk
        )
    if left > 0 and quantity < line.quantity - line.shipped_qty:
        raise PartIsMade(
            f"{left.normalize() + ZERO:f} of line {line.line_no} are being made for it: cancel the line whole, or wait "
            "until they are made.",
            field="quantity", line_id=line.pk,
        )  # fmt: skip
    note_changes(plant_id=line.plant_id, material_ids=materials)


def _finish(order: SalesOrder, lines: Sequence[SalesOrderLine], reason: str, now: dt.datetime) -> None:
    order.version += 1
    order.save(update_fields=["cancelled_at", "version"])
    if order.confirmed_at is not None:
        estimate_orders(order_ids=[order.pk], cause=Cause("cancelled", reason.strip()[:120]), now=now)
        plants = tuple(sorted({line.plant_id for line in lines}))
        facts.state(erp_facts.OrderCancelled(order_id=order.pk, plant_ids=plants, reason=reason.strip()[:200]))
    live.publish("order", order.pk, order.version)
    for plant_id in {line.plant_id for line in lines}:
        live.publish("stock", plant_id)
