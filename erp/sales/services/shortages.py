"""Stock that is gone although somebody counted on it: a count, scrap, quarantine, a blocked place or lot.

Who loses is decided in stock (`erp.stock.cuts`); here the losers are supplied anew in the same transaction, with the
netting that confirmation uses, and `StockShort` tells planning.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from decimal import Decimal

from django.db import transaction

from erp.sales.services.resupply import hold_losers, supply_again
from erp.stock import counting, places, transferring
from erp.stock.book import Book
from erp.stock.cuts import Cut, make_room
from erp.stock.models import CountLine, CountSheet, Lot, ReservationCut, StockBalance, StockMove
from masterdata import live
from masterdata.errors import Refusal
from masterdata.models import Location, Plant, User
from masterdata.numbers import ZERO

TRIES = 5


class StockMovedOn(Refusal):
    """Others reserve and move this stock so fast that it could not be held."""

    code = "stock_moved_on"


class _Again(Exception):
    """Somebody who was not locked lost: once more, with them."""


@transaction.atomic
def post_count(
    *, sheet_id: int, now: dt.datetime, by: User | None, may_approve: bool = True, expected_version: int | None = None
) -> CountSheet:
    """Post the sheet's differences; orders and work orders that lose their pieces by it are supplied again.

    A count below what is reserved is never refused: the least important soft reservations go first, hard ones last.
    Locks the losers' orders and work orders, then open purchase lines, balances, values. Raises as
    `stock.post_differences` does.
    """
    sheet = CountSheet.objects.select_related("plant__company").get(pk=sheet_id)
    lines = CountLine.objects.filter(sheet=sheet_id, counted_at__isnull=False)
    less = [
        row.pk
        for line in lines
        if (line.counted_qty or ZERO) < (line.book_qty or ZERO)
        for row in StockBalance.objects.filter(
            material=line.material_id, location=line.location_id, lot=line.lot_id, sales_order=None
        )
    ]
    _take_away(
        plant=sheet.plant,
        balance_ids=less,
        text=f"Count {sheet.number}",
        now=now,
        act=lambda: (
            counting.post_differences(
                sheet_id=sheet_id, now=now, by=by, may_approve=may_approve, expected_version=expected_version
            ).cuts
        ),
    )
    live.publish("stock", sheet.plant_id)
    return CountSheet.objects.get(pk=sheet_id)


@transaction.atomic
def quarantine_stock(
    *, balance_id: int, quantity: Decimal, reason_id: int, now: dt.datetime, note: str = ""
) -> StockMove:
    """Put stock apart; who had it reserved is supplied again. Locks and raises as `post_count`, NotEnoughStock."""
    return _one(
        balance_id,
        "Quarantine",
        now,
        lambda: transferring.quarantine(
            balance_id=balance_id, quantity=quantity, reason_id=reason_id, now=now, note=note
        ),
    )


@transaction.atomic
def scrap_stock(*, balance_id: int, quantity: Decimal, reason_id: int, now: dt.datetime, note: str = "") -> StockMove:
    """Write stock off; who had it reserved is supplied again. Locks and raises as `post_count`, NotEnoughStock."""
    return _one(
        balance_id,
        "Scrap",
        now,
        lambda: transferring.scrap(balance_id=balance_id, quantity=quantity, reason_id=reason_id, now=now, note=note),
    )


@transaction.atomic
def block_location(*, location_id: int, because: str, now: dt.datetime) -> Location:
    """Nothing there is offered or taken until it is opened (empty `because`); what was reserved is supplied again."""
    location = Location.objects.select_related("plant__company").get(pk=location_id)
    rows = StockBalance.objects.filter(location=location, reserved__gt=0)

    def act() -> list[Cut]:
        places.set_location_blocked(location_id=location_id, because=because)
        cause = f"location:{location_id}"
        return _empty(location.plant, StockBalance.objects.filter(location=location, reserved__gt=0), cause, now)

    if not because:
        return places.set_location_blocked(location_id=location_id, because="")
    ids = list(rows.values_list("pk", flat=True))
    _take_away(plant=location.plant, balance_ids=ids, text=f"{location.name} blocked", now=now, act=act)
    live.publish("stock", location.plant_id)
    return Location.objects.get(pk=location_id)


@transaction.atomic
def block_lot(*, lot_id: int, because: str, now: dt.datetime) -> Lot:
    """Nothing of the lot is offered or taken until it is opened (empty `because`): expired, recalled, in doubt."""
    if not because:
        return places.set_lot_blocked(lot_id=lot_id, because="")
    lot = places.set_lot_blocked(lot_id=lot_id, because=because)
    rows = StockBalance.objects.filter(lot=lot, reserved__gt=0)
    plants = Plant.objects.select_related("company").filter(pk__in=rows.values("plant")).order_by("pk")
    for plant in plants:
        here = rows.filter(plant=plant)
        _take_away(
            plant=plant,
            balance_ids=list(here.values_list("pk", flat=True)),
            text=f"Lot {lot.number} blocked",
            now=now,
            act=lambda plant=plant, here=here: _empty(plant, here, f"lot:{lot.pk}", now),  # type: ignore[misc]
        )
        live.publish("stock", plant.pk)
    return lot


def block_expired_lots(*, now: dt.datetime) -> int:
    """Clockwork: lots past their last day (in UTC) are blocked, one transaction each; how many."""
    expired = Lot.objects.filter(expires_on__lt=now.date(), is_blocked=False, balances__on_hand__gt=0).distinct()
    ids = list(expired.order_by("pk").values_list("pk", "expires_on"))
    for lot_id, expires_on in ids:
        block_lot(lot_id=lot_id, because=f"Expired on {expires_on}", now=now)
    return len(ids)


def _one(balance_id: int, text: str, now: dt.datetime, act: Callable[[], tuple[StockMove, list[Cut]]]) -> StockMove:
    row = StockBalance.objects.select_related("plant__company", "material").get(pk=balance_id)
    moves: list[StockMove] = []

    def take() -> list[Cut]:
        move, cuts = act()
        moves.append(move)
        return cuts

    _take_away(plant=row.plant, balance_ids=[balance_id], text=f"{text} of {row.material.code}", now=now, act=take)
    live.publish("stock", row.plant_id)
    return moves[-1]


def _empty(plant: Plant, rows: Collection[StockBalance], document: str, now: dt.datetime) -> list[Cut]:
    """Nothing stays reserved in these balances."""
    found = list(rows)
    if not found:
        return []
    book = Book(
        plant_ids=[plant.pk],
        material_ids={row.material_id for row in found},
        decimals=plant.company.currency.decimals,
    )
    keep = {row.pk: ZERO for row in found if row.pk in book.balances}
    cuts = make_room(book=book, keep=keep, cause=ReservationCut.Cause.BLOCKED, document=document, now=now)
    book.write(now=now)
    return cuts


def _take_away(
    *, plant: Plant, balance_ids: Sequence[int], text: str, now: dt.datetime, act: Callable[[], list[Cut]]
) -> None:
    """Do it with all locked who may lose by it, in the house's order; supply those who did."""
    for _ in range(TRIES):
        try:
            with transaction.atomic():
                losers = hold_losers(plant=plant, balance_ids=balance_ids)
                cuts = act()
                if not losers.know(cuts):
                    raise _Again
                supply_again(losers=losers, cuts=cuts, text=text, now=now)
                return
        except _Again:
            continue
    raise StockMovedOn("Others are taking this stock right now. Try again in a moment.")
