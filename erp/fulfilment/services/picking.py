"""Picking: a list is written, its goods are fetched to the staging place by scan, put back, or found short."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import ClassVar

from django.db import transaction
from django.db.models import F

from erp.fulfilment.models import PickLine, PickList
from erp.fulfilment.services.carrying import OverPick, carry, close_when_done, held_line, read_line, tell
from erp.fulfilment.services.holding import hold_order, hold_orders, hold_pick_list, shown
from erp.fulfilment.services.walking import fetches, staging_place
from erp.sales.services.credit import check_credit
from erp.stock.models import Lot, Reservation
from masterdata import live
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import Location, Plant, User
from masterdata.numbering import next_numbers
from masterdata.numbers import ZERO
from masterdata.units import check_quantity

MOST_ORDERS = 200


class NothingToPick(Refusal):
    """Nothing of these orders is in hand and on no list yet."""

    code: ClassVar[str] = "nothing_to_pick"


class WrongGoods(Refusal):
    """What was scanned is not what the line asks for."""

    code: ClassVar[str] = "wrong_goods"


@transaction.atomic
def make_pick_list(*, order_ids: Sequence[int], plant: Plant, now: dt.datetime, picker: User | None = None) -> PickList:
    """One walk for what is in hand of these orders in the plant; what it asks for is reserved hard.

    Lines stand in the sequence of places. Locks the orders, then the balances. Raises NothingToPick, CreditHold,
    InvalidInput.
    """
    if not order_ids or len(order_ids) > MOST_ORDERS:
        raise InvalidInput(f"Choose between one and {MOST_ORDERS} orders.", field="orders")
    orders = hold_orders(order_ids)
    if any(order.company_id != plant.company_id for order in orders):
        raise InvalidInput(f"Choose orders of {plant.company.name}.", field="orders")
    orders = [order for order in orders if order.confirmed_at and not order.cancelled_at]
    if orders:
        check_credit(orders=orders, now=now)
    found = fetches(order_ids=[order.pk for order in orders], plant=plant)
    if not found:
        raise NothingToPick(
            f"Nothing of this can be picked in {plant.name}: it is on a list already, or has not been made or come.",
            field="orders",
        )
    hard = {one.reservation.pk for one in found if one.reservation is not None}
    Reservation.objects.filter(pk__in=hard).update(kind=Reservation.Kind.HARD, expires_at=None)
    pick_list = PickList.objects.create(
        number=next_numbers(company=plant.company, kind="PK", year=now.year)[0],
        plant=plant,
        is_wave=len({one.line.order_id for one in found}) > 1,
        picker=picker,
        made_at=now,
    )
    codes = dict(Location.objects.filter(pk__in={one.balance.location_id for one in found}).values_list("pk", "code"))
    found.sort(key=lambda one: (codes[one.balance.location_id], one.line.material.code, one.line.order_id))
    PickLine.objects.bulk_create(
        PickLine(
            pick_list=pick_list,
            order_line=one.line,
            material_id=one.line.material_id,
            location_id=one.balance.location_id,
            lot_id=one.balance.lot_id,
            owner_id=one.balance.order_id,
            reservation=one.reservation,
            quantity=one.quantity,
        )
        for one in found
    )
    tell(pick_list)
    return pick_list


@transaction.atomic
def confirm_pick(
    *,
    line_id: int,
    quantity: Decimal,
    now: dt.datetime,
    place: str = "",
    goods: str = "",
    lot: str = "",
) -> PickLine:
    """So much of the line was fetched: it lies in the staging place now, reserved hard for its order line.

    `place` and `goods` are what was scanned (a place's code; a material's code or a lot's number) and have to be those
    of the line; empty: not scanned. `lot` may be another one that lies in the same place and is free: it is taken
    instead. Locks the orders of the list, the list, balances. Raises WrongGoods, OverPick, PickListClosed,
    NotEnoughStock, PartOfStep.
    """
    pick_list, line = held_line(line_id)
    chosen = _scanned(line, place.strip(), goods.strip(), lot.strip())
    left = line.quantity - line.picked_qty - line.short_qty
    if quantity != left:
        check_quantity(material=line.material, quantity=quantity, field="quantity", line_id=line.pk)
    if quantity > left:
        raise OverPick(
            f"{shown(left)} of {line.material.code} are still asked for: take at most that.",
            field="quantity", line_id=line.pk, left=str(left),
        )  # fmt: skip
    carry(line, quantity, now=now, target=staging_place(pick_list.plant), lot=chosen)
    line.picked_qty += quantity
    line.picked_at = now
    if chosen is not None and chosen.pk != line.lot_id:
        line = _other_lot(line, quantity, chosen)
    else:
        line.save(update_fields=["picked_qty", "picked_at"])
    close_when_done(pick_list, now)
    return line


@transaction.atomic
def unpick(*, line_id: int, quantity: Decimal, now: dt.datetime) -> PickLine:
    """Bring picked goods back to their place; they stay reserved for the order line. What is packed is unpacked first.

    Locks as `confirm_pick`, also of a closed list. Raises OverPick, PartOfStep.
    """
    line = PickLine.objects.select_related("order_line").get(pk=line_id)
    hold_order(line.order_line.order_id)
    line = read_line(line_id)
    packed = line.order_line.shipment_lines.filter(shipment__shipped_at=None).values_list("quantity", flat=True)
    here = line.picked_qty - line.gone_qty
    of_all = PickLine.objects.filter(order_line=line.order_line).values_list("picked_qty", "gone_qty")
    free = sum((picked - gone for picked, gone in of_all), ZERO) - sum(packed, ZERO)
    if quantity != here:
        check_quantity(material=line.material, quantity=quantity, field="quantity", line_id=line.pk)
    if quantity > min(here, free):
        raise OverPick(
            f"{shown(max(ZERO, min(here, free)))} can be put back: take the rest out of its package first.",
            field="quantity", line_id=line.pk,
        )  # fmt: skip
    kept = carry(line, quantity, now=now, target=line.location, back=True)
    line.picked_qty -= quantity
    line.quantity -= quantity
    if line.quantity > 0:
        line.save(update_fields=["picked_qty", "quantity"])
    else:
        line.delete()
    if kept is not None:
        live.publish("stock", line.pick_list.plant_id)
    tell(line.pick_list)
    return line


@transaction.atomic
def close_pick_list(*, list_id: int, now: dt.datetime, expected_version: int | None = None) -> PickList:
    """What is not picked yet is let go: it stays reserved, and may stand on another list. Raises PickListClosed."""
    pick_list = hold_pick_list(list_id, expected_version)
    pick_list.lines.filter(picked_qty=0, short_qty=0).delete()
    pick_list.lines.update(quantity=F("picked_qty") + F("short_qty"))
    pick_list.closed_at = now
    pick_list.version += 1
    pick_list.save(update_fields=["closed_at", "version"])
    tell(pick_list)
    return pick_list


def _scanned(line: PickLine, place: str, goods: str, lot: str) -> Lot | None:
    """The lot that is taken. Raises WrongGoods."""
    if place and place.casefold() != line.location.code.casefold():
        raise WrongGoods(
            f"This is {place}: the goods lie in {line.location.code} ({line.location.name}).", field="place"
        )
    number = line.lot.number if line.lot else ""
    if goods and goods.casefold() not in {line.material.code.casefold(), number.casefold()} - {""}:
        other = Lot.objects.filter(material=line.material, number__iexact=goods).first()
        if other is None:
            raise WrongGoods(f"This is {goods}: {line.material.code} is asked for.", field="goods")
        lot = lot or goods
    if not lot:
        return line.lot
    found = Lot.objects.filter(material=line.material, number__iexact=lot).first()
    if found is None:
        raise WrongGoods(f"There is no lot {lot} of {line.material.code}.", field="lot")
    return found


def _other_lot(line: PickLine, quantity: Decimal, lot: Lot) -> PickLine:
    """The part that was taken of another lot is a line of its own; the line asks for that much less."""
    line.picked_qty -= quantity
    line.quantity -= quantity
    values = {
        "pick_list": line.pick_list,
        "order_line": line.order_line,
        "material": line.material,
        "location": line.location,
        "owner_id": line.owner_id,
        "reservation": line.reservation,
    }
    picked = PickLine.objects.create(
        **values, lot=lot, quantity=quantity, picked_qty=quantity, picked_at=line.picked_at
    )
    if line.quantity > 0:
        line.save(update_fields=["picked_qty", "quantity"])
    else:
        line.delete()
    return picked
