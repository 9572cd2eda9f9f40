"""Questions to stock: what is there, what of it is free, what is owed."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import F, Q, QuerySet, Sum

from erp.stock.models import Lot, MaterialValue, OwedIssue, StockBalance, StockMove
from masterdata.access import visible_to
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


def lot_moves(lot: Lot) -> QuerySet[StockMove]:
    """Every move of a lot and of all remnants cut from it, the oldest first."""
    family = [lot.pk]
    for pk in family:  # grows while it is walked: a lot's remnants, theirs, and so on
        family += Lot.objects.filter(cut_from=pk).order_by("pk").values_list("pk", flat=True)
    rows = StockMove.objects.filter(Q(lot__in=family) | Q(target_lot__in=family))
    related = (
        "material__unit", "source", "target", "lot", "target_lot", "source_order", "target_order", "work_order",
        "purchase_order_line__order", "sales_order_line__order",
    )  # fmt: skip
    return rows.select_related(*related).order_by("pk")


def lot_trace(lot: Lot, user: Any) -> list[StockMove]:
    """`lot_moves` that the user may see, each with its `document`: the order, work order or purchase behind it."""
    found = list(visible_to(user, lot_moves(lot), "erp.view_stock"))
    for row in found:
        line, sold = row.purchase_order_line, row.sales_order_line
        document = row.work_order or (line and line.order) or (sold and sold.order) or row.target_order
        row.document = document.number if document else ""  # type: ignore[attr-defined]
    _name_packages(lot, found)
    return found


# Fulfilment stands above stock; the packages that a lot left in are read by table.
_PACKAGES = """
    SELECT s.order_line_id, h.shipped_at, string_agg(p.number, ', ' ORDER BY p.id) FROM erp_packagecontent c
    JOIN erp_package p ON p.id = c.package_id JOIN erp_shipmentline s ON s.id = c.line_id
    JOIN erp_shipment h ON h.id = s.shipment_id
    WHERE c.lot_id = %s AND h.shipped_at IS NOT NULL GROUP BY 1, 2
"""


def _name_packages(lot: Lot, rows: list[StockMove]) -> None:
    """What left in packages says in which."""
    gone = [row for row in rows if row.kind == StockMove.Kind.SHIPMENT and row.lot_id == lot.pk]
    if not gone:
        return
    with connection.cursor() as cursor:
        cursor.execute(_PACKAGES, [lot.pk])
        numbers = {(line_id, at): text for line_id, at, text in cursor.fetchall()}
    for row in gone:
        if text := numbers.get((row.sales_order_line_id, row.moved_at)):
            row.document = f"{row.document}, {text}"  # type: ignore[attr-defined]


def open_owed_issues(plant_id: int) -> QuerySet[OwedIssue]:
    """Components that pieces made have used although none was booked, oldest first."""
    related = "work_order_material__material", "work_order_material__work_order"
    rows = OwedIssue.objects.filter(settled_at=None, work_order_material__work_order__plant=plant_id)
    return rows.select_related(*related).order_by("id")
