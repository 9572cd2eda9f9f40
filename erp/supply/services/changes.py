"""Changes of purchase orders: quantity, price, day, deliveries in parts.

Who waits for what is taken away is planned again: the pegs go to a planned order that says why.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import transaction

from erp.facts import PurchaseDateChanged
from erp.supply.models import Peg, PurchaseOrder, PurchaseOrderLine
from erp.supply.services.agreeing import keep_components
from erp.supply.services.notes import note
from erp.supply.services.pegs import another, open_pegs, plan_again, sales_order_of
from erp.supply.services.supplied import copy_components
from masterdata import facts, live
from masterdata.days import check_day_ahead
from masterdata.errors import InvalidInput, Refusal, StaleVersion
from masterdata.numbers import ZERO
from masterdata.units import check_quantity


class NothingToCome(Refusal):
    """Everything has come, or was cancelled before."""

    code = "nothing_to_come"


class PriceStands(Refusal):
    """Some of the line has been received at its price."""

    code = "price_stands"


def hold_order(order_id: int, expected_version: int | None) -> tuple[PurchaseOrder, dict[int, PurchaseOrderLine]]:
    """Lock a purchase order, then its lines by id. Raises StaleVersion, NothingToCome when it is cancelled."""
    order = (
        PurchaseOrder.objects.select_for_update(no_key=True, of=("self",))
        .select_related("plant__company", "supplier")
        .order_by("pk")
        .get(pk=order_id)
    )
    if expected_version is not None and order.version != expected_version:
        raise StaleVersion(
            f"{order.number} was changed meanwhile: look at it again, then change it.",
            purchase_order_id=order.pk,
            version=order.version,
        )
    lines = order.lines.select_related("material__unit").select_for_update(no_key=True, of=("self",))
    return order, {line.pk: line for line in lines.order_by("pk")}


@transaction.atomic
def change_purchase_line(
    *,
    line_id: int,
    now: dt.datetime,
    quantity: Decimal | None = None,
    unit_price: Decimal | None = None,
    due_at: dt.datetime | None = None,
    expected_version: int | None = None,
) -> PurchaseOrder:
    """Agree on another quantity, price or day (empty: it stays) for what has not come yet.

    Less than is wanted of it sends those who came last back to planning. Locks the purchase order and its lines.
    Raises NothingToCome, PriceStands, PartOfStep, InvalidInput, StaleVersion.
    """
    order_id = PurchaseOrderLine.objects.values_list("order_id", flat=True).get(pk=line_id)
    order, lines = hold_order(order_id, expected_version)
    line = lines[line_id]
    if quantity is not None and quantity != line.quantity:
        before = line.quantity
        _set_quantity(order, line, quantity, now)
        note(order, [line], "quantity", before, quantity)
    if unit_price is not None and unit_price != line.unit_price:
        note(order, [line], "price", line.unit_price, unit_price)
        _set_price(line, unit_price)
    if due_at is not None and due_at != line.due_at:
        _check_ahead(order, due_at, now, "due_at")
        note(order, [line], "day", line.confirmed_at or line.due_at, due_at)
        line.due_at, line.confirmed_at = due_at, None
        _tell(order, line, open_pegs([line.pk])[line.pk])
    line.save()
    keep_components(order=order, line_ids=[line.pk], now=now)
    return changed(order)


@transaction.atomic
def confirm_purchase_date(
    *,
    line_id: int,
    confirmed_at: dt.datetime,
    expected_version: int | None = None,
    now: dt.datetime | None = None,
) -> PurchaseOrderLine:
    """Note the date that the supplier confirmed; planning counts on it from now on. Locks the order and its lines.

    States PurchaseDateChanged when it is another than was counted on. Raises StaleVersion; DayPassed for a day before
    `now`, when that is given.
    """
    order_id = PurchaseOrderLine.objects.values_list("order_id", flat=True).get(pk=line_id)
    order, lines = hold_order(order_id, expected_version)
    line = lines[line_id]
    if now is not None:
        _check_ahead(order, confirmed_at, now, "confirmed_at")
    counted_on, line.confirmed_at = line.confirmed_at or line.due_at, confirmed_at
    note(order, [line], "confirmed", counted_on, confirmed_at)
    line.first_confirmed_at = line.first_confirmed_at or confirmed_at
    line.save(update_fields=["confirmed_at", "first_confirmed_at"])
    if confirmed_at != counted_on:
        _tell(order, line, open_pegs([line.pk])[line.pk])
    changed(order)
    return line


@transaction.atomic
def split_purchase_line(
    *,
    line_id: int,
    deliveries: Sequence[tuple[Decimal, dt.datetime]],
    now: dt.datetime,
    expected_version: int | None = None,
) -> PurchaseOrder:
    """The supplier delivers in parts: `deliveries` (base units, day that it confirmed) sum to what is still to come.

    The line keeps the first part, each other becomes a line of its own; who waits longest gets the earliest.
    Locks the purchase order and its lines.
    Raises NothingToCome, ComponentsFixed, PartOfStep, InvalidInput, StaleVersion.
    """
    order_id = PurchaseOrderLine.objects.values_list("order_id", flat=True).get(pk=line_id)
    order, lines = hold_order(order_id, expected_version)
    line = lines[line_id]
    left = line.quantity - line.received_qty
    if left <= 0:
        raise NothingToCome(f"Nothing more of line {line.line_no} of {order.number} is to come.", line_id=line.pk)
    parts = sorted(deliveries, key=lambda part: part[1])
    if len(parts) < 2 or sum((quantity for quantity, _ in parts), ZERO) != left:
        raise InvalidInput(
            f"Give two deliveries or more that sum to what is to come, {left.normalize() + ZERO:f}.", field="deliveries"
        )
    for index, (quantity, at) in enumerate(parts):
        check_quantity(material=line.material, quantity=quantity, field=f"deliveries.{index}.quantity")
        _check_ahead(order, at, now, f"deliveries.{index}.confirmed_at")
    counted_on = line.confirmed_at or line.due_at
    note(order, [line], "parts", left, len(parts))
    waiting = open_pegs([line.pk])[line.pk]
    rows = _split(order, line, parts, max(one.line_no for one in lines.values()))
    _deal(rows, waiting)
    keep_components(order=order, now=now)
    for row in rows:
        if (row.confirmed_at or row.due_at) != counted_on:
            _tell(order, row, open_pegs([row.pk])[row.pk])
    return changed(order)


def _check_ahead(order: PurchaseOrder, at: dt.datetime, now: dt.datetime, field: str) -> None:
    zone = order.plant.time_zone
    check_day_ahead(at.astimezone(ZoneInfo(zone)).date(), time_zone=zone, now=now, field=field)


def _split(
    order: PurchaseOrder, line: PurchaseOrderLine, parts: Sequence[tuple[Decimal, dt.datetime]], last_no: int
) -> list[PurchaseOrderLine]:
    (first, first_at), *others = parts
    line.quantity = line.received_qty + first
    line.confirmed_at, line.pegged_qty = first_at, ZERO
    line.first_confirmed_at = line.first_confirmed_at or first_at
    line.save()
    more = [
        PurchaseOrderLine(
            order=order,
            line_no=last_no + number,
            material_id=line.material_id,
            quantity=quantity,
            unit_price=line.unit_price,
            due_at=line.due_at,
            confirmed_at=comes_at,
            first_confirmed_at=comes_at,
            split_from=line,
        )
        for number, (quantity, comes_at) in enumerate(others, start=1)
    ]
    made = PurchaseOrderLine.objects.bulk_create(more)
    copy_components(line, made)
    return [line, *made]


def _deal(rows: Sequence[PurchaseOrderLine], waiting: Sequence[Peg]) -> None:
    """Give the pegs of the whole to its parts, first come first served."""
    queue = iter(rows)
    row = next(queue)
    room = row.quantity - row.received_qty
    for peg in waiting:
        is_first, left = True, peg.quantity - peg.received_qty
        while left > 0:
            if room <= 0:
                row = next(queue)
                room = row.quantity
            part = min(left, room)
            if is_first and row is rows[0]:
                peg.quantity = peg.received_qty + part
                peg.save(update_fields=["quantity"])
            elif is_first and not peg.received_qty:
                peg.quantity, peg.purchase_order_line = part, row
                peg.save(update_fields=["quantity", "purchase_order_line"])
            else:
                if is_first:
                    peg.quantity = peg.received_qty
                    peg.save(update_fields=["quantity"])
                another(peg, part, purchase_order_line=row).save()
            is_first = False
            row.pegged_qty += part
            left -= part
            room -= part
    PurchaseOrderLine.objects.bulk_update(rows, ["pegged_qty"])


def changed(order: PurchaseOrder) -> PurchaseOrder:
    """The order's next version, told to its pages."""
    order.version += 1
    order.save(update_fields=["version"])
    live.publish("purchase", order.pk, order.version, plant_id=order.plant_id)
    return order


def _set_quantity(order: PurchaseOrder, line: PurchaseOrderLine, quantity: Decimal, now: dt.datetime) -> None:
    if line.received_qty >= line.quantity:
        raise NothingToCome(f"Nothing more of line {line.line_no} is to come: order it anew.", line_id=line.pk)
    check_quantity(material=line.material, quantity=quantity, field="quantity")
    if quantity < line.received_qty:
        raise InvalidInput(
            f"{line.received_qty.normalize() + ZERO:f} have come already: order at least that, or send some back.",
            field="quantity",
            received=str(line.received_qty),
        )
    if quantity < line.quantity:
        line.cancelled_qty += line.quantity - quantity
    line.quantity = quantity
    give_back(order, line, open_pegs([line.pk])[line.pk], quantity - line.received_qty, "was reduced")


def _set_price(line: PurchaseOrderLine, unit_price: Decimal) -> None:
    if line.received_qty or line.returned_qty:
        raise PriceStands(
            f"Some of line {line.line_no} came at its price already: the supplier's invoice says what differs.",
            field="unit_price",
            line_id=line.pk,
        )
    if unit_price < 0:
        raise InvalidInput("A price can't be below zero.", field="unit_price")
    line.unit_price = unit_price


def give_back(order: PurchaseOrder, line: PurchaseOrderLine, pegs: Sequence[Peg], stays: Decimal, why: str) -> None:
    """Plan again what the line's pegs want beyond what `stays`, the youngest first."""
    too_much = sum((peg.quantity - peg.received_qty for peg in pegs), ZERO) - stays
    parts = []
    for peg in reversed(pegs):
        part = min(peg.quantity - peg.received_qty, too_much)
        if part > 0:
            parts.append((peg, part))
            too_much -= part
    if parts:
        line.pegged_qty -= sum((part for _, part in parts), ZERO)
        problem = f"{order.number} line {line.line_no} {why}: order it again"
        plan_again(line=line, parts=parts, plant_id=order.plant_id, problem=problem)
        _tell(order, line, [peg for peg, _ in parts])


def _tell(order: PurchaseOrder, line: PurchaseOrderLine, pegs: Sequence[Peg]) -> None:
    """Those who wait hear of it, orders and work for stock."""
    order_ids = {order_id for peg in pegs if (order_id := sales_order_of(peg)) is not None}
    if pegs:
        facts.state(
            PurchaseDateChanged(
                line_id=line.pk,
                purchase_order_id=order.pk,
                plant_id=order.plant_id,
                order_ids=tuple(sorted(order_ids)),
            )
        )
