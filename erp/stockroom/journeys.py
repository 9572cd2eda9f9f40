"""Transfers as pages show them: how far each is, what is still on the way."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import BooleanField, Case, Count, F, Q, QuerySet, Sum, Value, When
from django.utils.translation import gettext as _

from erp.stock.models import StockBalance, Transfer
from erp.supply.models import PlannedOrder
from masterdata.search import words_in


def listed(now: dt.datetime) -> QuerySet[Transfer]:
    """With `line_count`, `percent` arrived, `is_open`, `is_late` (past its expected moment) and `lost` lines."""
    is_open = Q(closed_at__isnull=True)
    return Transfer.objects.select_related("plant", "to_plant").annotate(
        line_count=Count("lines"),
        lost=Count("lines", filter=Q(lines__lost_qty__gt=0)),
        percent=Sum(F("lines__arrived_qty") * 100 / F("lines__quantity")) / Count("lines"),
        is_open=_is(is_open),
        is_late=_is(is_open & Q(expected_at__lt=now)),
    )


def of_plant(plant_id: int) -> Q:
    """Begins or ends there."""
    return Q(plant=plant_id) | Q(to_plant=plant_id)


def counts(rows: QuerySet[Transfer]) -> dict[str, int]:
    """How many there are, are on the way, are late."""
    return rows.order_by().aggregate(
        all=Count("pk"), open=Count("pk", filter=Q(is_open=True)), late=Count("pk", filter=Q(is_late=True))
    )


def stage(row: Any) -> tuple[str, str]:
    """The state's stable value and its word."""
    if row.closed_at is not None:
        return ("short", _("Closed with a loss")) if row.lost else ("received", _("Arrived"))
    if row.is_late:
        return "late", _("Late")
    return ("partly_received", _("Partly arrived")) if row.percent else ("sent", _("In transit"))


def lines_of(transfer: Transfer) -> list[Any]:
    """With what is `left` on the way."""
    found: list[Any] = list(transfer.lines.select_related("material__unit", "lot", "source").order_by("line_no"))
    for line in found:
        line.left = line.quantity - line.arrived_qty - line.lost_qty
    return found


def planned() -> QuerySet[PlannedOrder]:
    """What is to be moved to another plant and has not left."""
    return PlannedOrder.objects.filter(kind=PlannedOrder.Kind.TRANSFER, closed_at=None, transfer_line=None)


def leaving(rows: QuerySet[Any], order: PlannedOrder) -> list[Any]:
    """Rows of stock that a planned transfer takes, what expires first first; `leaves` is how much of each."""
    left, found = order.quantity, []
    mine = rows.filter(
        plant=order.source_plant_id, material=order.material_id, sales_order=None, location__kind="stock"
    )
    for row in mine.order_by(F("lot__expires_on").asc(nulls_last=True), "pk"):
        if left <= 0:
            break
        row.leaves = min(row.free, left)
        left -= row.leaves
        found.append(row)
    return found


def matching(rows: QuerySet[StockBalance], text: str) -> QuerySet[StockBalance]:
    """Rows of stock by the material's, the place's or the lot's code, or the material's name."""
    return rows.filter(words_in(["material__code", "material__name", "location__code", "lot__number"], text))


def _is(condition: Q) -> Case:
    return Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())
