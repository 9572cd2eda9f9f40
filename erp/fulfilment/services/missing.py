"""Pieces that are not where the book has them: they are asked for elsewhere, and the place is to be counted."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from erp.fulfilment.models import PickLine, PickList
from erp.fulfilment.services.carrying import OverPick, close_when_done, held_line
from erp.fulfilment.services.walking import staging_place
from erp.stock.book import Book
from erp.stock.counting import NothingToCount, make_count_sheet
from erp.stock.models import CountSheet, Reservation
from masterdata.numbers import ZERO


@dataclass(frozen=True, slots=True)
class Short:
    """What became of missing pieces: asked for from other places, the rest waits for the count on `sheet`."""

    elsewhere: list[PickLine]
    missing: Decimal
    sheet: CountSheet | None


@transaction.atomic
def pick_short(*, line_id: int, now: dt.datetime) -> Short:
    """What the line still asks for is not there: it is asked for from other places, and the place is to be counted.

    What no other place has free stays reserved where the book says that it is, until the count decides. Locks as
    `confirm_pick`. Raises OverPick, PickListClosed.
    """
    pick_list, line = held_line(line_id)
    missing = line.quantity - line.picked_qty - line.short_qty
    if missing <= 0:
        raise OverPick("All of this line is picked already.", line_id=line.pk)
    line.short_qty += missing
    line.save(update_fields=["short_qty"])
    elsewhere = _ask_elsewhere(pick_list, line, missing)
    found = sum((one.quantity for one in elsewhere), ZERO)
    sheet = _count_task(line, now)
    close_when_done(pick_list, now)
    return Short(elsewhere, missing - found, sheet)


def _ask_elsewhere(pick_list: PickList, line: PickLine, missing: Decimal) -> list[PickLine]:
    """Free stock of other places, what expires first before the rest, is reserved instead, and stands on the list."""
    if line.reservation is None:
        return []
    book = Book(plant_ids=[pick_list.plant_id], material_ids=[line.material_id])
    staging = staging_place(pick_list.plant)
    here = line.reservation.balance_id
    rows = [row for row in book.of(line.material_id, None) if row.plant_id == pick_list.plant_id and row.free > 0]
    kept: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for row in rows:
        part = min(row.free, missing - sum(kept.values(), ZERO), _reserved(line))
        if part > 0 and row.id != here and row.location_id != staging.pk:
            kept[row.id] += part
            row.reserved += part
            row.claimed += part
            book.let_go(line.reservation.pk, here, part)
    if not kept:
        return []
    book.write(now=pick_list.made_at)
    found = []
    for balance_id, quantity in kept.items():
        reservation = Reservation.objects.create(
            balance_id=balance_id,
            kind=Reservation.Kind.HARD,
            sales_order_line_id=line.order_line_id,
            quantity=quantity,
            priority=line.reservation.priority,
            made_at=line.reservation.made_at,
        )
        balance = book.balances[balance_id]
        found.append(
            PickLine.objects.create(
                pick_list=pick_list,
                order_line=line.order_line,
                material=line.material,
                location_id=balance.location_id,
                lot_id=balance.lot_id,
                reservation=reservation,
                quantity=quantity,
            )
        )
    return found


def _reserved(line: PickLine) -> Decimal:
    return Reservation.objects.values_list("quantity", flat=True).get(pk=line.reservation_id or 0)


def _count_task(line: PickLine, now: dt.datetime) -> CountSheet | None:
    """A sheet for the goods in that place, unless one is open."""
    plant = line.pick_list.plant
    known = CountSheet.objects.filter(
        plant=plant, location=line.location, material=line.material, posted_at=None, dropped_at=None
    )
    if (sheet := known.order_by("-pk").first()) is not None:
        return sheet
    try:
        return make_count_sheet(plant=plant, location=line.location, material=line.material, now=now)
    except NothingToCount:
        return None
