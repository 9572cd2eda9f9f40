"""Lots: found or made by their number, cut to remnants, told apart by tracking."""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_DOWN, Decimal
from typing import ClassVar

from django.db import transaction

from erp.stock.book import Book
from erp.stock.intents import Kind, MoveIntent
from erp.stock.models import Lot, StockBalance, StockMove
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import Material

MM_PER_M = Decimal(1000)


class TrackingStands(Refusal):
    """Whether a material has lots only changes while none of it is on hand."""

    code: ClassVar[str] = "tracking_stands"


@transaction.atomic
def ensure_lot(
    *,
    material: Material,
    number: str,
    now: dt.datetime,
    expires_on: dt.date | None = None,
    supplier_lot: str = "",
    length_mm: int | None = None,
    width_mm: int | None = None,
) -> Lot:
    """The material's lot of this number, made when it is new: blocked when its last day (in UTC) has passed.

    Raises InvalidInput when the material has no lots.
    """
    number = number.strip()
    if material.tracking == Material.Tracking.NONE:
        raise InvalidInput(f"{material.code} is kept by quantity: it has no lots.", field="lot")
    if not number:
        raise InvalidInput("Give the lot its number.", field="lot")
    if material.is_dimensioned and not (length_mm and width_mm):
        known = Lot.objects.filter(material=material, number=number).first()
        if known is None:
            raise InvalidInput(f"Give length and width of {number}: {material.code} has dimensions.", field="length_mm")
        return known
    is_expired = expires_on is not None and expires_on < now.date()
    kind = Lot.Kind.SERIAL if material.tracking == Material.Tracking.SERIAL else Lot.Kind.LOT
    return Lot.objects.get_or_create(
        material=material,
        number=number,
        defaults={
            "kind": kind,
            "expires_on": expires_on,
            "supplier_lot": supplier_lot,
            "length_mm": length_mm,
            "width_mm": width_mm,
            "created_at": now,
            "is_blocked": is_expired,
            "blocked_because": f"Expired on {expires_on}" if is_expired else "",
        },
    )[0]


@transaction.atomic
def set_tracking(*, material_id: int, tracking: str, is_dimensioned: bool = False) -> Material:
    """Keep the material by quantity, lot or serial number. Locks the material, then its balances.

    Raises TrackingStands while any of it is on hand, InvalidInput for dimensions without lots.
    """
    material = Material.objects.select_for_update(of=("self",)).order_by("pk").get(pk=material_id)
    if is_dimensioned and tracking != Material.Tracking.LOT:
        raise InvalidInput("Only what is kept by lot has dimensions.", field="is_dimensioned")
    balances = StockBalance.objects.select_for_update(no_key=True).filter(material=material).order_by("pk")
    if tracking != material.tracking and any(row.on_hand for row in balances):
        raise TrackingStands(
            f"There is stock of {material.code}: use it up or write it off, then change how it is kept.",
            field="tracking",
            material_id=material_id,
        )
    material.tracking, material.is_dimensioned = tracking, is_dimensioned
    material.version += 1
    material.save(update_fields=["tracking", "is_dimensioned", "version"])
    return material


@transaction.atomic
def cut_remnant(
    *, balance_id: int, number: str, length_mm: int, width_mm: int, pieces: int = 1, now: dt.datetime
) -> StockMove:
    """Keep what is left of a cut as a smaller lot in the same place; the value stays in its area.

    The remnant's quantity is its size: in square metres or metres when the material is counted so, else its share of
    one piece of the lot, rounded down to the unit's step. Locks the material's balances. Raises InvalidInput when it
    does not fit into the lot or the unit can't hold a part; NotEnoughStock when so much of it is not free.
    """
    row = StockBalance.objects.select_related("material__unit", "lot", "plant__company__currency").get(pk=balance_id)
    lot, material = row.lot, row.material
    if lot is None or not (lot.length_mm and lot.width_mm):
        raise InvalidInput("Only a lot with length and width leaves a remnant.", field="lot")
    if sorted((length_mm, width_mm)) > sorted((lot.length_mm, lot.width_mm)) or (
        max(length_mm, width_mm) > max(lot.length_mm, lot.width_mm)
        or min(length_mm, width_mm) > min(lot.length_mm, lot.width_mm)
    ):
        raise InvalidInput(
            f"A remnant of {lot.number} is at most {lot.length_mm} x {lot.width_mm} mm.", field="length_mm"
        )
    quantity = _size(material, lot, length_mm, width_mm) * pieces
    if quantity <= 0:
        raise InvalidInput(
            f"{material.unit.name} counts whole pieces: keep remnants in a unit that can be divided.", field="length_mm"
        )
    remnant, is_new = Lot.objects.get_or_create(
        material=material,
        number=number.strip(),
        defaults={
            "length_mm": length_mm,
            "width_mm": width_mm,
            "cut_from": lot,
            "expires_on": lot.expires_on,
            "supplier_lot": lot.supplier_lot,
            "created_at": now,
        },
    )
    if not is_new or not remnant.number:
        raise InvalidInput(
            f"There is a lot {remnant.number or 'without number'} already. Give a new one.", field="number"
        )
    book = Book(
        plant_ids=[row.plant_id],
        material_ids=[material.pk],
        order_ids=[row.sales_order_id] if row.sales_order_id else [],
        places=[(row.plant_id, material.pk, row.location_id, row.sales_order_id, remnant.pk)],
        decimals=row.plant.company.currency.decimals,
    )
    book.move(
        MoveIntent(
            kind=Kind.CUT,
            plant=row.plant,
            material_id=material.pk,
            source_id=row.location_id,
            target_id=row.location_id,
            source_order_id=row.sales_order_id,
            target_order_id=row.sales_order_id,
            lot_id=lot.pk,
            target_lot_id=remnant.pk,
            quantity=quantity,
            document=f"lot:{remnant.pk}",
        )
    )
    return book.write(now=now)[0]


def _size(material: Material, lot: Lot, length_mm: int, width_mm: int) -> Decimal:
    """Of one remnant, in base units, rounded down to the unit's step."""
    code, step = material.unit.code.upper(), material.unit.rounding
    if code in ("M2", "SQM"):
        size = length_mm / MM_PER_M * (width_mm / MM_PER_M)
    elif code == "M":
        size = length_mm / MM_PER_M
    else:
        size = Decimal(length_mm * width_mm) / ((lot.length_mm or 1) * (lot.width_mm or 1))
    return (size / step).quantize(Decimal(1), rounding=ROUND_DOWN) * step
