"""Goods of a pick line on their way between their place and the staging place, with what is reserved of them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import ClassVar

from django.db.models import F

from erp.fulfilment.models import PickLine, PickList
from erp.fulfilment.services.holding import hold_pick_list, shown
from erp.fulfilment.services.walking import staging_place
from erp.stock.book import Book
from erp.stock.intents import HeldBalance, Kind, MoveIntent
from erp.stock.models import Lot, Reservation
from masterdata import live
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import Location


class OverPick(Refusal):
    """More than the line still asks for, or more than can be put back."""

    code: ClassVar[str] = "over_pick"


def read_line(line_id: int) -> PickLine:
    related = "material__unit", "location", "lot", "order_line__order", "pick_list__plant__company__currency"
    return PickLine.objects.select_related(*related).get(pk=line_id)


def held_line(line_id: int) -> tuple[PickList, PickLine]:
    pick_list = hold_pick_list(PickLine.objects.values_list("pick_list_id", flat=True).get(pk=line_id))
    return pick_list, read_line(line_id)


def carry(
    line: PickLine, quantity: Decimal, *, now: dt.datetime, target: Location, lot: Lot | None = None, back: bool = False
) -> Reservation | None:
    """Move it between its place and the staging place, with what is reserved of it."""
    plant = line.pick_list.plant
    source = staging_place(plant) if back else line.location
    lot_id = line.lot_id if lot is None else lot.pk
    if source.pk == target.pk:
        raise InvalidInput(f"It lies in {target.name} already.", field="place")
    book = Book(
        plant_ids=[plant.pk],
        material_ids=[line.material_id],
        order_ids=[line.owner_id] if line.owner_id else [],
        places=[(plant.pk, line.material_id, target.pk, line.owner_id, lot_id)],
        decimals=plant.company.currency.decimals,
    )
    reservation = None
    if line.owner_id is None:
        reservation = _release(book, line, quantity, source, lot_id, back=back)
    book.move(
        MoveIntent(
            kind=Kind.TRANSFER,
            plant=plant,
            material_id=line.material_id,
            source_id=source.pk,
            target_id=target.pk,
            source_order_id=line.owner_id,
            target_order_id=line.owner_id,
            lot_id=lot_id,
            quantity=quantity,
            document=f"pick_list:{line.pick_list_id}",
            note=line.pick_list.number,
        )
    )
    kept = None
    if reservation is not None:
        there = _balance(book, line, target.pk, lot_id)
        there.reserved += quantity
        there.claimed += quantity
        kept = Reservation(
            balance_id=there.id,
            kind=Reservation.Kind.HARD,
            sales_order_line_id=line.order_line_id,
            quantity=quantity,
            priority=reservation.priority,
            made_at=reservation.made_at,
        )
    book.write(now=now)
    if kept is not None:
        kept.save()
    return kept


def _release(
    book: Book, line: PickLine, quantity: Decimal, source: Location, lot_id: int | None, *, back: bool
) -> Reservation:
    """What is carried is no longer reserved where it was. Raises OverPick when less is reserved than that."""
    if back:
        rows = Reservation.objects.filter(
            sales_order_line=line.order_line_id, balance__location=source, balance__lot=lot_id, quantity__gt=0
        )
    else:
        rows = Reservation.objects.filter(pk=line.reservation_id or 0)
    left = quantity
    last = None
    for row in rows.order_by("pk"):
        part = min(left, row.quantity)
        if part > 0:
            book.let_go(row.pk, row.balance_id, part)
            left -= part
            last = row
    if left or last is None:
        raise OverPick(
            f"{shown(left)} of {line.material.code} are no longer kept for this line: a count found less. "
            "Say that they are missing.",
            field="quantity", line_id=line.pk,
        )  # fmt: skip
    return last


def _balance(book: Book, line: PickLine, location_id: int, lot_id: int | None) -> HeldBalance:
    return next(
        row
        for row in book.balances.values()
        if (row.material_id, row.location_id, row.order_id, row.lot_id)
        == (line.material_id, location_id, line.owner_id, lot_id)
    )


def close_when_done(pick_list: PickList, now: dt.datetime) -> None:
    pick_list.version += 1
    if not pick_list.lines.filter(quantity__gt=F("picked_qty") + F("short_qty")).exists():
        pick_list.closed_at = now
    pick_list.save(update_fields=["closed_at", "version"])
    tell(pick_list)


def tell(pick_list: PickList) -> None:
    for order_id in set(pick_list.lines.values_list("order_line__order_id", flat=True)):
        live.publish("order", order_id)
    live.publish("stock", pick_list.plant_id)
