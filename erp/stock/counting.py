"""Counting: sheets are made, places are entered one by one, differences are posted when the sheet is done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import ClassVar

from django.db import transaction

from erp.stock.book import Book
from erp.stock.cuts import Cut, make_room
from erp.stock.intents import HeldBalance, Kind, MoveIntent
from erp.stock.models import CountLimit, CountLine, CountSheet, Lot, ReservationCut, StockBalance
from erp.stock.places import below, default_place
from erp.stock.plausible import implausible_find
from masterdata.errors import InvalidInput, Refusal, StaleVersion
from masterdata.models import Location, Material, Plant, User
from masterdata.numbering import next_numbers
from masterdata.numbers import ZERO, money
from masterdata.units import check_quantity

KEPT = [Location.Kind.STOCK, Location.Kind.QUARANTINE]


class SheetClosed(Refusal):
    """The sheet is posted or dropped."""

    code: ClassVar[str] = "count_sheet_closed"


class NothingToCount(Refusal):
    """Nothing lies where was to be counted, or nothing was counted yet."""

    code: ClassVar[str] = "nothing_to_count"


class NotCounted(Refusal):
    """Some places of the sheet are not counted yet."""

    code: ClassVar[str] = "not_counted"


class NeedsApproval(Refusal):
    """The differences are worth more than may be posted without approval, or look like a slip of the pen."""

    code: ClassVar[str] = "count_needs_approval"


@dataclass(slots=True)
class Posted:
    """The sheet as posted, and the reservations that lost by it."""

    sheet: CountSheet
    cuts: list[Cut] = field(default_factory=list)


@transaction.atomic
def make_count_sheet(
    *,
    plant: Plant,
    now: dt.datetime,
    location: Location | None = None,
    material: Material | None = None,
    is_blind: bool = True,
) -> CountSheet:
    """A sheet of everything that lies below a location, of a material, or of a material there.

    Raises InvalidInput without either, NothingToCount when nothing lies there.
    """
    if location is None and material is None:
        raise InvalidInput("Choose what to count: a location, a material, or both.", field="location")
    if location is not None and (location.plant_id != plant.pk or location.kind not in KEPT):
        raise InvalidInput(f"Choose a place of {plant.name} that holds stock.", field="location")
    rows = StockBalance.objects.filter(plant=plant, on_hand__gt=0, location__kind__in=KEPT)
    if location is not None:
        rows = rows.filter(location__in=below([location.pk]))
    if material is not None:
        rows = rows.filter(material=material)
    found = list(rows.order_by("location__code", "material__code", "id"))
    if not found:
        raise NothingToCount("Nothing lies there by the book. Count the place that you found it in.", field="location")
    sheet = CountSheet.objects.create(
        number=next_numbers(company=plant.company, kind="CS", year=now.year)[0],
        plant=plant,
        location=location,
        material=material,
        is_blind=is_blind,
        made_at=now,
    )
    CountLine.objects.bulk_create(
        CountLine(
            sheet=sheet,
            material_id=row.material_id,
            location_id=row.location_id,
            lot_id=row.lot_id,
            sales_order_id=row.sales_order_id,
        )
        for row in found
    )
    return sheet


@transaction.atomic
def enter_count(
    *, line_id: int, quantity: Decimal, by: User | None, now: dt.datetime, expected_version: int | None = None
) -> CountLine:
    """What was found in a place; the book's quantity of this moment is kept beside it. Entered again, the last counts.

    Locks the sheet, then the place's balance. Raises SheetClosed, StaleVersion, PartOfStep.
    """
    sheet_id = CountLine.objects.values_list("sheet_id", flat=True).get(pk=line_id)
    hold_sheet(sheet_id, expected_version)
    line = CountLine.objects.select_related("material__unit", "location").get(pk=line_id)
    _check_found(line.material, quantity)
    line.counted_qty, line.book_qty = quantity, _on_hand(line)
    line.counted_at, line.counted_by = now, by
    line.save(update_fields=["counted_qty", "book_qty", "counted_at", "counted_by"])
    return line


@transaction.atomic
def add_count_line(*, sheet_id: int, material: Material, location: Location, lot: Lot | None = None) -> CountLine:
    """A place where something was found that the sheet does not know. The same place again is the line that is there.

    Locks the sheet. Raises SheetClosed, InvalidInput for a place of another plant or a lot that is missing.
    """
    sheet = hold_sheet(sheet_id)
    if location.plant_id != sheet.plant_id or location.kind not in KEPT:
        raise InvalidInput(f"Choose a place of {sheet.plant.name} that holds stock.", field="location")
    if material.tracking != Material.Tracking.NONE and lot is None:
        raise InvalidInput(f"{material.code} has lots: name the one that you found.", field="lot")
    return CountLine.objects.get_or_create(
        sheet=sheet, material=material, location=location, lot=lot, sales_order=None
    )[0]


@transaction.atomic
def enter_found(
    *,
    sheet_id: int,
    material: Material,
    location: Location,
    quantity: Decimal,
    by: User | None,
    now: dt.datetime,
    lot: Lot | None = None,
) -> CountLine:
    """Something that the sheet does not know of, with what was found. Raises as `add_count_line`, `enter_count`."""
    line = add_count_line(sheet_id=sheet_id, material=material, location=location, lot=lot)
    return enter_count(line_id=line.pk, quantity=quantity, by=by, now=now)


@transaction.atomic
def drop_count_sheet(*, sheet_id: int, now: dt.datetime, expected_version: int | None = None) -> CountSheet:
    """Nothing of it is posted. Locks the sheet. Raises SheetClosed, StaleVersion."""
    sheet = hold_sheet(sheet_id, expected_version)
    sheet.dropped_at = now
    sheet.version += 1
    sheet.save(update_fields=["dropped_at", "version"])
    return sheet


@transaction.atomic
def post_differences(
    *, sheet_id: int, now: dt.datetime, by: User | None, may_approve: bool, expected_version: int | None = None
) -> Posted:
    """Adjust each place by what was found less the book's quantity when it was counted: moves since then stay, and what
    another count has corrected there since is not corrected again.

    No place goes below nothing. What is reserved beyond what is left loses it, the least important first. A gain is
    worth what stock is worth now, else the standard cost. Locks the sheet, then the balances of its materials.
    Raises SheetClosed, NotCounted, NeedsApproval, StaleVersion, PeriodClosed.
    """
    sheet = hold_sheet(sheet_id, expected_version)
    lines = list(sheet.lines.select_related("material").order_by("id"))
    waiting = [line for line in lines if line.counted_at is None]
    if waiting:
        raise NotCounted(f"{len(waiting)} places of {sheet.number} are not counted yet.", field="", left=len(waiting))
    book = _book(sheet, lines)
    places = {(row.material_id, row.location_id, row.order_id, row.lot_id): row for row in book.balances.values()}
    corrected = _corrected_since(sheet, lines) if lines else {}
    changed = []
    for line in lines:
        row = places[_place(line)]
        found = (line.counted_qty or ZERO) - (line.book_qty or ZERO) - corrected.get(line.pk, ZERO)
        line.difference = max(found, -row.on_hand)
        if line.difference:
            changed.append((line, row))
    _check_worth(sheet, changed, book, may_approve=may_approve)
    cuts = make_room(
        book=book,
        keep={row.id: row.on_hand + (line.difference or ZERO) for line, row in changed},
        cause=ReservationCut.Cause.COUNT,
        document=f"count_sheet:{sheet.pk}",
        now=now,
    )
    loss = default_place(sheet.plant, Location.Kind.LOSS)
    for line, row in changed:
        book.move(_adjustment(sheet, line, row, book, loss.pk))
    for (line, _), move in zip(changed, book.write(now=now), strict=True):
        line.move = move
    CountLine.objects.bulk_update(lines, ["difference", "move"])
    sheet.posted_at, sheet.posted_by = now, by
    sheet.version += 1
    sheet.save(update_fields=["posted_at", "posted_by", "version"])
    return Posted(sheet, cuts)


def _corrected_since(sheet: CountSheet, lines: Sequence[CountLine]) -> dict[int, Decimal]:
    """What other sheets that were posted after a place was counted have corrected there, by the line's id.

    Under the balances' locks. One query.
    """
    by_place = {_place(line): line for line in lines}
    others = CountLine.objects.filter(
        sheet__plant=sheet.plant_id, sheet__posted_at__gte=min(line.counted_at for line in lines if line.counted_at)
    ).exclude(sheet=sheet)
    found: dict[int, Decimal] = {}
    for other in others.filter(material__in={line.material_id for line in lines}).select_related("sheet"):
        line = by_place.get(_place(other))
        if line is not None and line.counted_at and other.sheet.posted_at and other.sheet.posted_at > line.counted_at:
            found[line.pk] = found.get(line.pk, ZERO) + (other.difference or ZERO)
    return found


def _place(line: CountLine) -> tuple[int, int, int | None, int | None]:
    return line.material_id, line.location_id, line.sales_order_id, line.lot_id


def hold_sheet(sheet_id: int, expected_version: int | None = None) -> CountSheet:
    """The sheet, locked and open. Raises SheetClosed, StaleVersion."""
    sheet = (
        CountSheet.objects.select_for_update(no_key=True, of=("self",))
        .select_related("plant__company__currency")
        .order_by("pk")
        .get(pk=sheet_id)
    )
    if not sheet.is_open:
        raise SheetClosed(f"{sheet.number} is posted or dropped: make a new sheet.", sheet_id=sheet_id)
    if expected_version is not None and expected_version != sheet.version:
        raise StaleVersion(f"{sheet.number} was changed meanwhile: look at it again.", version=sheet.version)
    return sheet


def _check_found(material: Material, quantity: Decimal) -> None:
    if quantity < 0:
        raise InvalidInput("Enter what is there: nothing, or more.", field="quantity")
    if quantity:
        check_quantity(material=material, quantity=quantity, field="quantity")
    if material.tracking == Material.Tracking.SERIAL and quantity > 1:
        raise InvalidInput("A serial number is one piece.", field="quantity")


def _on_hand(line: CountLine) -> Decimal:
    """By the book, under the balance's lock."""
    row = (
        StockBalance.objects.select_for_update(no_key=True)
        .filter(material=line.material_id, location=line.location_id, lot=line.lot_id, sales_order=line.sales_order_id)
        .order_by("pk")
        .first()
    )
    return row.on_hand if row else ZERO


def _book(sheet: CountSheet, lines: Sequence[CountLine]) -> Book:
    return Book(
        plant_ids=[sheet.plant_id],
        material_ids={line.material_id for line in lines},
        order_ids={line.sales_order_id for line in lines if line.sales_order_id},
        places=[
            (sheet.plant_id, line.material_id, line.location_id, line.sales_order_id, line.lot_id) for line in lines
        ],
        decimals=sheet.plant.company.currency.decimals,
    )


def _unit_value(sheet: CountSheet, line: CountLine, book: Book) -> Decimal:
    value = book.unit_value(sheet.plant_id, line.material_id, line.sales_order_id)
    return line.material.standard_cost if value is None else value


def _check_worth(
    sheet: CountSheet, changed: Sequence[tuple[CountLine, HeldBalance]], book: Book, *, may_approve: bool
) -> None:
    if may_approve:
        return
    if slip := implausible_find(changed, book.balances.values()):
        line, known = slip
        raise NeedsApproval(
            f"{sheet.number} finds {(line.counted_qty or ZERO).normalize() + ZERO:f} of {line.material.code} where the "
            f"book knows {known.normalize() + ZERO:f} in the whole plant: count again, or let somebody who may approve "
            "differences post the sheet.",
            sheet_id=sheet.pk,
            line_id=line.pk,
        )
    limit = CountLimit.objects.filter(plant=sheet.plant_id).values_list("amount", flat=True).first()
    if limit is None:
        return
    worth = sum((abs(line.difference or ZERO) * _unit_value(sheet, line, book) for line, _ in changed), ZERO)
    if worth > limit:
        currency = sheet.plant.company.currency
        raise NeedsApproval(
            f"The differences of {sheet.number} are worth {money(worth, currency.decimals)} {currency.code}: "
            f"above {limit.normalize():f} somebody who may approve them posts the sheet.",
            sheet_id=sheet.pk,
        )


def _adjustment(sheet: CountSheet, line: CountLine, row: HeldBalance, book: Book, loss_id: int) -> MoveIntent:
    difference = line.difference or ZERO
    is_gain = difference > 0
    value = None
    if is_gain:
        value = money(difference * _unit_value(sheet, line, book), sheet.plant.company.currency.decimals)
    return MoveIntent(
        kind=Kind.ADJUSTMENT,
        plant=sheet.plant,
        material_id=line.material_id,
        source_id=loss_id if is_gain else row.location_id,
        target_id=row.location_id if is_gain else loss_id,
        source_order_id=None if is_gain else row.order_id,
        target_order_id=row.order_id if is_gain else None,
        sales_order_id=row.order_id,
        lot_id=row.lot_id,
        quantity=abs(difference),
        value=value,
        document=f"count_sheet:{sheet.pk}",
        memo=f"{sheet.number} counted",
    )


@transaction.atomic
def set_count_limit(*, plant: Plant, amount: Decimal | None) -> None:
    """From which value on differences need approval; None: never. Raises InvalidInput below zero."""
    if amount is None:
        CountLimit.objects.filter(plant=plant).delete()
        return
    if amount < 0:
        raise InvalidInput("Give an amount of zero or more.", field="amount")
    CountLimit.objects.update_or_create(plant=plant, defaults={"amount": amount})
