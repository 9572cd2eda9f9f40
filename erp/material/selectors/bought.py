"""What a material was bought for: its purchase order lines, the newest first, what was paid and how late it came."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import F, Max, QuerySet

from erp.supply.models import PurchaseOrderLine
from masterdata.numbers import ZERO


@dataclass(frozen=True, slots=True)
class Bought:
    """The last purchases and what they say together: prices are per base unit, the average is weighted by quantity."""

    lines: Sequence[PurchaseOrderLine]
    average: Decimal | None
    least: Decimal | None
    most: Decimal | None


def bought(*, material_id: int, plant_ids: Collection[int], most: int = 50) -> Bought:
    """The last `most` purchases of a material in these plants; `came_at` is when the last of a line came. One query."""
    rows: QuerySet[Any] = PurchaseOrderLine.objects.filter(
        material=material_id, order__plant__in=list(plant_ids), quantity__gt=0
    )
    rows = rows.select_related("order__supplier__currency", "order__plant__company__currency", "material__unit")
    lines = list(
        rows.annotate(came_at=Max("stock_moves__moved_at"), agreed_at=F("confirmed_at")).order_by(
            "-order__ordered_at", "-pk"
        )[:most]
    )
    quantity = sum((line.quantity for line in lines), ZERO)
    paid = sum((line.quantity * line.unit_price for line in lines), ZERO)
    prices = [line.unit_price for line in lines]
    average = paid / quantity if quantity else None
    return Bought(lines, average, min(prices, default=None), max(prices, default=None))
