"""Questions to stock: what is there, what of it is free, what is owed."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal

from django.db.models import F, Q, QuerySet, Sum

from erp.stock.models import MaterialValue, OwedIssue, StockBalance, StockMove
from masterdata.models import Location
from masterdata.numbers import ZERO


def free_quantity(plant_id: int, material_ids: Collection[int]) -> dict[int, Decimal]:
    """Free stock per material that nobody has reserved, in the plant's stock locations; zero when there is none."""
    rows = (
        StockBalance.objects.filter(
            plant=plant_id, material__in=material_ids, sales_order=None, location__kind=Location.Kind.STOCK
        )
        .filter(Q(lot=None) | Q(lot__is_blocked=False), location__is_blocked=False)
        .values_list("material")
        .annotate(free=Sum(F("on_hand") - F("reserved")))
        .order_by()
    )
    return dict.fromkeys(material_ids, ZERO) | dict(rows)


def unit_values(plant_id: int, material_ids: Collection[int]) -> dict[int, Decimal]:
    """What one base unit of free stock is worth now, per material that there is any of; unrounded."""
    rows = MaterialValue.objects.filter(plant=plant_id, material__in=material_ids, sales_order=None, quantity__gt=0)
    return {
        material: value / quantity for material, quantity, value in rows.values_list("material", "quantity", "value")
    }


def balances(
    *, plant_id: int | None = None, material_id: int | None = None, order_id: int | None = None
) -> QuerySet[StockBalance]:
    """Balances that hold or have held stock, with material, location and owner order."""
    rows = StockBalance.objects.select_related("material__unit", "location", "sales_order")
    chosen = {"plant": plant_id, "material": material_id, "sales_order": order_id}
    named = {name: value for name, value in chosen.items() if value is not None}
    return rows.filter(**named).order_by("material__code", "location__code", "id")


def moves(*, plant_id: int | None = None, material_id: int | None = None) -> QuerySet[StockMove]:
    """Stock moves, newest first."""
    rows = StockMove.objects.select_related("material__unit", "source", "target", "source_order", "target_order")
    chosen = {"plant": plant_id, "material": material_id}
    return rows.filter(**{name: value for name, value in chosen.items() if value is not None}).order_by("-id")


def open_owed_issues(plant_id: int) -> QuerySet[OwedIssue]:
    """Components that pieces made have used although none was booked, oldest first."""
    related = "work_order_material__material", "work_order_material__work_order"
    rows = OwedIssue.objects.filter(settled_at=None, work_order_material__work_order__plant=plant_id)
    return rows.select_related(*related).order_by("id")
