"""Stock at any moment: quantity and value summed from immutable moves and changes, beside the ledger of that moment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from erp.stock.models import MaterialValue, StockLeg
from masterdata.numbers import ZERO

_PLACES = """
    SELECT plant_id, material_id, location_id, sum(quantity) FROM erp_stockleg
    WHERE at <= %s AND location_id IS NOT NULL AND plant_id = ANY(%s)
        AND (%s::bigint[] IS NULL OR material_id = ANY(%s::bigint[]))
    GROUP BY 1, 2, 3 HAVING sum(quantity) <> 0 ORDER BY 1, 2, 3
"""
_VALUES = """
    SELECT s.plant_id, c.name, sum(s.value) FROM erp_stockleg s JOIN masterdata_material m ON m.id = s.material_id
    JOIN masterdata_materialcategory c ON c.id = m.category_id
    WHERE s.at <= %s AND s.plant_id = ANY(%s) GROUP BY 1, 2 ORDER BY 1, 2
"""
_LEDGER = """
    SELECT l.plant_id, sum(l.amount) FROM erp_journalline l JOIN erp_account a ON a.id = l.account_id
    JOIN erp_journalentry e ON e.id = l.entry_id
    WHERE a.role = 'inventory' AND e.posted_at <= %s AND l.plant_id = ANY(%s) GROUP BY 1
"""


@dataclass(frozen=True, slots=True)
class PlaceThen:
    """What lay where."""

    plant_id: int
    material_id: int
    location_id: int
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class PlantThen:
    """What a plant's stock was worth, by category of material, and what its inventory account said."""

    plant_id: int
    by_category: dict[str, Decimal]
    ledger: Decimal

    @property
    def value(self) -> Decimal:
        return sum(self.by_category.values(), ZERO)

    @property
    def ties(self) -> bool:
        return self.value == self.ledger


def places_at(
    *, moment: dt.datetime, plant_ids: Collection[int], material_ids: Collection[int] | None = None
) -> list[PlaceThen]:
    """Quantities by plant, material and location at a moment, whoever they were for; without what is zero."""
    materials = None if material_ids is None else sorted(material_ids)
    with connection.cursor() as cursor:
        cursor.execute(_PLACES, [moment, sorted(plant_ids), materials, materials])
        return [PlaceThen(*row) for row in cursor.fetchall()]


def value_at(*, moment: dt.datetime, plant_ids: Collection[int]) -> list[PlantThen]:
    """What stock was worth at a moment, plant by plant, tied to the ledger of the same moment."""
    found: dict[int, dict[str, Decimal]] = {plant_id: {} for plant_id in plant_ids}
    with connection.cursor() as cursor:
        cursor.execute(_VALUES, [moment, sorted(plant_ids)])
        for plant_id, category, value in cursor.fetchall():
            found[plant_id][category] = value
        cursor.execute(_LEDGER, [moment, sorted(plant_ids)])
        ledger = dict(cursor.fetchall())
    return [PlantThen(plant_id, values, ledger.get(plant_id, ZERO)) for plant_id, values in found.items()]


def areas_at(moment: dt.datetime | None) -> QuerySet[MaterialValue]:
    """Valuation areas with `then_qty` and `then_value` at a moment (empty: now), without what was zero."""
    rows = MaterialValue.objects.select_related("material__unit", "material__category", "plant", "sales_order")
    if moment is None:
        rows = rows.annotate(then_qty=F("quantity"), then_value=F("value"))
    else:
        legs = StockLeg.objects.filter(material=OuterRef("material"), plant=OuterRef("plant"), at__lte=moment)
        legs = legs.annotate(whose=Coalesce("owner_id", 0)).filter(whose=Coalesce(OuterRef("sales_order_id"), 0))
        rows = rows.annotate(
            then_qty=Coalesce(Subquery(_sum(legs, "quantity")), ZERO),
            then_value=Coalesce(Subquery(_sum(legs, "value")), ZERO),
        )
    return rows.exclude(then_qty=0, then_value=0)


def _sum(legs: QuerySet[StockLeg], name: str) -> Any:
    return legs.order_by().values("material").annotate(total=Sum(name)).values("total")
