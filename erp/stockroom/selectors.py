"""Questions of the stockroom's pages: stock row by row, by material, by place; who holds what of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

from django.db import connection
from django.db.models import Case, Count, DecimalField, F, Max, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce

from erp.production.models import WorkOrderMaterial
from erp.sales.models import SalesOrderLine
from erp.stock.models import Lot, Reservation, StockBalance
from masterdata.models import Location, Material
from masterdata.numbers import ZERO

NUMBER = DecimalField(max_digits=18, decimal_places=6)
KEEPS_STOCK = [Location.Kind.STOCK, Location.Kind.QUARANTINE]

# Every place with all that lies in it and inside it: how many rows and how many materials.
_INSIDE = """
    WITH RECURSIVE below(root, id) AS (
        SELECT id, id FROM masterdata_location WHERE id = ANY(%s)
        UNION
        SELECT b.root, l.id FROM masterdata_location l JOIN below b ON l.parent_id = b.id
    )
    SELECT below.root, count(b.id), count(DISTINCT b.material_id)
    FROM below LEFT JOIN erp_stockbalance b ON b.location_id = below.id AND b.on_hand > 0
    GROUP BY below.root
"""


def places_named(text: str) -> list[int]:
    """Places with this code; "DG/RA-1" is RA-1 of plant DG alone."""
    named = Q(code__iexact=text)
    plant, sign, code = text.partition("/")
    if sign:
        named |= Q(plant__code__iexact=plant, code__iexact=code)
    return list(Location.objects.filter(named).values_list("pk", flat=True))


def usable(prefix: str = "") -> Q:
    """Free stock that may be taken: nobody's, in a stock location, neither place nor lot blocked."""
    return Q(
        **{
            f"{prefix}sales_order": None,
            f"{prefix}location__kind": Location.Kind.STOCK,
            f"{prefix}location__is_blocked": False,
        }
    ) & (Q(**{f"{prefix}lot": None}) | Q(**{f"{prefix}lot__is_blocked": False}))


def stock_rows() -> QuerySet[StockBalance]:
    """Balances with all that a row shows; `free` is what may be taken and nobody has reserved."""
    related = "material__unit", "location", "plant", "sales_order", "lot"
    free = Case(When(usable(), then=F("on_hand") - F("reserved")), default=Value(ZERO), output_field=NUMBER)
    return StockBalance.objects.select_related(*related).annotate(free=free)


def stock_by_material(*, plant_ids: Collection[int]) -> QuerySet[Material]:
    """Materials with what these plants have of them, in base units.

    `places` counts rows, `apart` is in quarantine, `blocked` lies in a blocked place or lot, `free` may be taken.
    """
    here = Q(balances__plant__in=sorted(plant_ids), balances__on_hand__gt=0)
    apart = Q(balances__location__kind=Location.Kind.QUARANTINE)
    blocked = Q(balances__location__is_blocked=True) | Q(balances__lot__is_blocked=True)
    on_hand = "balances__on_hand"
    return Material.objects.select_related("unit").annotate(
        places=Count("balances", filter=here),
        on_hand=_sum(F(on_hand), here),
        for_orders=_sum(F(on_hand), here & Q(balances__sales_order__isnull=False)),
        apart=_sum(F(on_hand), here & apart),
        blocked=_sum(F(on_hand), here & blocked & ~apart),
        reserved=_sum(F("balances__reserved"), here),
        free=_sum(F(on_hand) - F("balances__reserved"), here & usable("balances__")),
    )


def stock_by_place() -> QuerySet[Location]:
    """Places that keep stock, with what lies directly in them: `row_count`, `material_count`, `reserved_count`."""
    there = Q(balances__on_hand__gt=0)
    return (
        Location.objects.filter(kind__in=KEEPS_STOCK)
        .select_related("plant", "warehouse")
        .annotate(
            row_count=Count("balances", filter=there),
            material_count=Count("balances__material", filter=there, distinct=True),
            reserved_count=Count("balances", filter=Q(balances__reserved__gt=0)),
        )
    )


def inside(location_ids: Collection[int]) -> dict[int, tuple[int, int]]:
    """Per place how many rows of stock and how many materials lie in it and in all places inside it."""
    with connection.cursor() as cursor:
        cursor.execute(_INSIDE, [sorted(location_ids)])
        return {root: (rows, materials) for root, rows, materials in cursor.fetchall()}


def lots_listed(*, plant_ids: Collection[int]) -> QuerySet[Lot]:
    """Lots that lie or have lain in these plants, with `on_hand`, `reserved` and how many `places` there."""
    here = Q(balances__plant__in=sorted(plant_ids))
    there = here & Q(balances__on_hand__gt=0)
    return (
        Lot.objects.select_related("material__unit", "cut_from")
        .annotate(
            known=Count("balances", filter=here),
            places=Count("balances", filter=there),
            on_hand=_sum(F("balances__on_hand"), here),
            reserved=_sum(F("balances__reserved"), here),
            last_place=Max("balances__location__name", filter=there),
        )
        .filter(known__gt=0)
    )


def is_expired(lot: Lot, today: dt.date) -> bool:
    """Past its last day."""
    return lot.expires_on is not None and lot.expires_on < today


def holders(balance_ids: Collection[int]) -> Sequence[Reservation]:
    """Open reservations of these balances with the order or work order that holds them, the first made first."""
    related = (
        "work_order_material__work_order__sales_order_line",
        "sales_order_line__order",
        "supplied_component__order_line__order",
    )
    rows: Any = Reservation.objects.filter(balance__in=list(balance_ids), quantity__gt=0).select_related(*related)
    return list(rows.order_by("pk"))


def reservations() -> QuerySet[Reservation]:
    """Open reservations with the stock they keep and who keeps it."""
    stock = "balance__material__unit", "balance__location", "balance__plant", "balance__lot"
    whose = (
        "sales_order_line__order__customer",
        "work_order_material__work_order__sales_order_line__order__customer",
        "supplied_component__order_line__order__supplier",
    )
    return Reservation.objects.filter(quantity__gt=0).select_related(*stock, *whose)


def demand_named(
    number: str, code: str, *, lines: QuerySet[SalesOrderLine], needs: QuerySet[WorkOrderMaterial]
) -> tuple[SalesOrderLine | None, WorkOrderMaterial | None]:
    """What of a document, by its number, still needs a material, by its code: an order line, or a work order's need."""
    ordered = lines.filter(order__number__iexact=number, material__code__iexact=code, shipped_qty__lt=F("quantity"))
    if line := ordered.order_by("line_no").first():
        return line, None
    missing = needs.filter(work_order__number__iexact=number, material__code__iexact=code, issued_qty__lt=F("quantity"))
    return None, missing.order_by("line_no").first()


def _sum(what: Any, where: Q) -> Coalesce:
    return Coalesce(Sum(what, filter=where), Value(ZERO), output_field=NUMBER)
