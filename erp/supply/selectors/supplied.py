"""What subcontractors get from us: per purchase order, what is due to go out, and what lies where."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import DecimalField, F, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce, Greatest, Least

from erp.stock.models import MaterialValue, Reservation, StockBalance
from erp.supply.models import ComponentDemand, PurchaseOrder, SubcontractNote, SuppliedComponent
from masterdata.models import Location
from masterdata.numbers import ZERO

NUMBER: Any = DecimalField(max_digits=18, decimal_places=6)


def component_demands() -> QuerySet[ComponentDemand]:
    """Components of purchase orders: what is `kept` for each, `free` in the plant, and `missing` to send all."""
    kept = Reservation.objects.filter(supplied_component=OuterRef("pk")).order_by().values("supplied_component")
    stock = StockBalance.objects.filter(
        plant=OuterRef("plant"),
        material=OuterRef("material"),
        sales_order=None,
        location__kind=Location.Kind.STOCK,
        location__is_blocked=False,
    ).exclude(lot__is_blocked=True)
    free = stock.order_by().values("material")
    return (
        ComponentDemand.objects.select_related(
            "component", "order__supplier", "order_line__material", "material__unit", "plant", "supplier"
        )
        .annotate(
            kept=_sum(kept, F("quantity")),
            free=_sum(free, F("on_hand") - F("reserved")),
        )
        .annotate(
            missing=Greatest(F("to_send") - F("kept") - F("free"), Value(ZERO), output_field=NUMBER),
            ready=Least(F("to_send"), F("kept") + F("free"), output_field=NUMBER),
        )
    )


def _sum(rows: QuerySet[Any], what: Any) -> Coalesce:
    return Coalesce(Subquery(rows.annotate(total=Sum(what)).values("total")), Value(ZERO), output_field=NUMBER)


def to_send() -> QuerySet[ComponentDemand]:
    """What is still to go out, the first needed first."""
    return component_demands().filter(to_send__gt=0).order_by("send_on", "order", "pk")


def components_of_order(order: PurchaseOrder) -> list[ComponentDemand]:
    """The order's components by line."""
    return list(component_demands().filter(order=order).order_by("order_line__line_no", "component__line_no"))


def notes_of_order(order: PurchaseOrder) -> list[SubcontractNote]:
    """What went and came back, the newest first."""
    rows = order.subcontract_notes.prefetch_related("lines__component__material__unit", "lines__move__lot")
    return list(rows.order_by("-id"))


def at_subcontractors() -> QuerySet[StockBalance]:
    """What lies at subcontractors and is ours; `unit_value` is what a base unit is worth in the plant now."""
    value = MaterialValue.objects.filter(
        plant=OuterRef("plant"), material=OuterRef("material"), sales_order=None, quantity__gt=0
    ).values("value")
    quantity = MaterialValue.objects.filter(
        plant=OuterRef("plant"), material=OuterRef("material"), sales_order=None, quantity__gt=0
    ).values("quantity")
    rows = StockBalance.objects.filter(location__kind=Location.Kind.SUBCONTRACTOR, on_hand__gt=0)
    return rows.select_related("material__unit", "plant__company__currency", "location", "lot").annotate(
        unit_value=Subquery(value) / Subquery(quantity)
    )


def there_in_words(order: PurchaseOrder) -> list[tuple[str, Decimal, str]]:
    """What of the order lies at its supplier: code, quantity, unit."""
    rows = SuppliedComponent.objects.filter(order_line__order=order).select_related("material__unit")
    there: dict[tuple[str, str], Decimal] = {}
    for row in rows.order_by("material__code"):
        key = row.material.code, row.material.unit.code
        there[key] = there.get(key, ZERO) + row.sent_qty - row.used_qty - row.returned_qty
    return [(code, quantity, unit) for (code, unit), quantity in there.items() if quantity > 0]
