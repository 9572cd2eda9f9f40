"""What a count sheet says: its places, what was found there, differences and their worth, and who lost by it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet

from erp.stock.models import CountLimit, CountLine, CountSheet, ReservationCut
from erp.stock.selectors import unit_values
from masterdata.access import may, visible_to
from masterdata.numbers import ZERO, money

SEE, APPROVE = "erp.view_stock", "erp.approve_count"


def sheets(user: Any) -> QuerySet[Any]:
    """Count sheets that the user may see, with how many places each has and how many are counted."""
    rows = CountSheet.objects.select_related("plant__company__currency", "location", "material")
    counted = Count("lines", filter=Q(lines__counted_at__isnull=False))
    return visible_to(user, rows.annotate(line_count=Count("lines"), counted=counted), SEE)


def stage(sheet: Any) -> tuple[str, str]:
    """The sheet's state as a chip names it, and its kind of colour."""
    if sheet.posted_at is not None:
        return "done", "posted"
    if sheet.dropped_at is not None:
        return "cancelled", "dropped"
    if sheet.counted < sheet.line_count:
        return "planned" if not sheet.counted else "running", "counting"
    return "risk", "review"


def lines(sheet: CountSheet, user: Any) -> list[Any]:
    """The places in the order in which one walks. `gap` and `worth` (company currency) where the user may see them.

    Before a blind sheet is posted only those who may approve it see what the book says. A worth is what the move was
    worth once it is posted, else the gap at what one is worth now (without any on hand: the standard cost).
    """
    rows: list[Any] = list(
        CountLine.objects.filter(sheet=sheet)
        .select_related("material__unit", "location", "lot", "sales_order", "move", "counted_by")
        .order_by("location__code", "material__code", "lot__number", "id")
    )
    sees = sheet.posted_at is not None or not sheet.is_blind or may(user, APPROVE)
    values = unit_values(sheet.plant_id, {row.material_id for row in rows}) if sees and sheet.is_open else {}
    decimals = sheet.plant.company.currency.decimals
    for row in rows:
        row.gap = row.worth = None
        if not sees or row.counted_at is None:
            continue
        row.gap = row.difference if row.difference is not None else row.counted_qty - row.book_qty
        if sheet.is_open:
            row.worth = money(row.gap * values.get(row.material_id, row.material.standard_cost), decimals)
        else:
            row.worth = ZERO if row.move is None else row.move.value if row.gap > 0 else -row.move.value
    return rows


def at_stake(rows: list[Any]) -> Decimal:
    """Gains and losses of the places together, as the approval limit counts them."""
    return sum((abs(row.worth) for row in rows if row.worth is not None), ZERO)


def limit_of(sheet: CountSheet) -> Decimal | None:
    """From which value on the plant's differences need approval; None: never."""
    return CountLimit.objects.filter(plant=sheet.plant_id).values_list("amount", flat=True).first()


def cuts(sheet: CountSheet) -> list[Any]:
    """Reservations that lost by posting the sheet, each with the order and work order that waits for it."""
    related = (
        "reservation__balance__material__unit",
        "reservation__balance__location",
        "reservation__sales_order_line__order",
        "reservation__work_order_material__work_order__sales_order_line__order",
    )
    rows: list[Any] = list(
        ReservationCut.objects.filter(document=f"count_sheet:{sheet.pk}").select_related(*related).order_by("id")
    )
    for row in rows:
        need, line = row.reservation.work_order_material, row.reservation.sales_order_line
        row.work_order = need.work_order if need else None
        owner = line or (need.work_order.sales_order_line if need else None)
        row.order = owner.order if owner else None
    return rows
