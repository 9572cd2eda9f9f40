"""What subcontractors get from us: per purchase order, what is due to go out, and what lies where."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import DecimalField, F, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce, Greatest, Least

from erp.stock.models import MaterialValue, Reservation, StockBalance
from erp.supply.models import ComponentDemand, PurchaseOrder, PurchaseOrderLine, SubcontractNote, SuppliedComponent
from erp.supply.usage import at_supplier, needed_for
from masterdata.models import Bom, Location
from masterdata.models.engineering import VersionState
from masterdata.numbers import ZERO

NUMBER: Any = DecimalField(max_digits=18, decimal_places=6)


@dataclass(frozen=True, slots=True)
class PlannedUse:
    """What a delivery uses of a component by the BOM, and what of it lies at the supplier; base units."""

    component: SuppliedComponent
    planned: Decimal
    there: Decimal


@dataclass(frozen=True, slots=True)
class ReadyPiece:
    """Pieces of a component that can go out now; `lot` is empty where the material has none."""

    component_id: int
    quantity: Decimal
    lot: str
    expires_on: dt.date | None


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


def ready_pieces(order: PurchaseOrder) -> list[ReadyPiece]:
    """What can go to the order's supplier now, as far as he lacks it: what is kept, then what is free.

    What expires first before the rest, then the oldest. Three queries.
    """
    wanted = {one.pk: one for one in components_of_order(order) if one.to_send > 0}
    rows = {row.pk: row for row in _usable(order, {one.material_id for one in wanted.values()})}
    free = {pk: row.on_hand - row.reserved for pk, row in rows.items()}
    got: dict[tuple[int, int], Decimal] = {}
    left = {pk: one.to_send for pk, one in wanted.items()}

    def take(component_id: int, row: StockBalance, there: Decimal) -> None:
        part = min(left[component_id], there)
        if part > 0:
            left[component_id] -= part
            got[component_id, row.pk] = got.get((component_id, row.pk), ZERO) + part

    kept = Reservation.objects.filter(supplied_component__in=wanted, quantity__gt=0, balance__in=rows).order_by("id")
    for pk, balance_id, quantity in kept.values_list("supplied_component", "balance", "quantity"):
        take(pk or 0, rows[balance_id], quantity)
    for pk, one in wanted.items():
        for row in rows.values():
            if row.material_id == one.material_id:
                before = got.get((pk, row.pk), ZERO)
                take(pk, row, free[row.pk])
                free[row.pk] -= got.get((pk, row.pk), ZERO) - before
    return [piece for pk in wanted for piece in _by_lot(pk, rows, got)]


def _usable(order: PurchaseOrder, material_ids: Collection[int]) -> list[StockBalance]:
    """Free stock of the order's plant that is not blocked, in the sequence in which it goes out."""
    rows = StockBalance.objects.filter(
        plant=order.plant_id,
        material__in=material_ids,
        sales_order=None,
        location__kind=Location.Kind.STOCK,
        location__is_blocked=False,
        on_hand__gt=0,
    ).exclude(lot__is_blocked=True)
    return list(rows.select_related("lot").order_by(F("lot__expires_on").asc(nulls_last=True), "pk"))


def _by_lot(
    component_id: int, rows: Mapping[int, StockBalance], got: Mapping[tuple[int, int], Decimal]
) -> Iterable[ReadyPiece]:
    """What was taken for a component, summed by lot in the sequence of `rows`."""
    lots: dict[tuple[str, dt.date | None], Decimal] = {}
    for pk, row in rows.items():
        if (component_id, pk) in got:
            lot = (row.lot.number, row.lot.expires_on) if row.lot else ("", None)
            lots[lot] = lots.get(lot, ZERO) + got[component_id, pk]
    return [ReadyPiece(component_id, quantity, *lot) for lot, quantity in lots.items()]


def to_send() -> QuerySet[ComponentDemand]:
    """What is still to go out, the first needed first."""
    return component_demands().filter(to_send__gt=0).order_by("send_on", "order", "pk")


def components_of_order(order: PurchaseOrder) -> list[ComponentDemand]:
    """The order's components by line; one that is not supplied any more only as long as some was sent."""
    rows = component_demands().filter(order=order).exclude(component__quantity=0, component__sent_qty=0)
    return list(rows.order_by("order_line__line_no", "component__line_no"))


def planned_uses(order: PurchaseOrder, coming: Mapping[int, Decimal]) -> list[PlannedUse]:
    """What so much of each line (by id, base units) uses: by the BOM for all that came with it, less what was before.

    One query.
    """
    rows = SuppliedComponent.objects.filter(order_line__in=coming).select_related("order_line", "material__unit")
    found = []
    for row in rows.order_by("order_line__line_no", "line_no"):
        had, step = row.order_line.received_qty, row.material.unit.rounding
        planned = needed_for(row, had + coming[row.order_line_id], step) - needed_for(row, had, step)
        found.append(PlannedUse(row, planned, at_supplier(row)))
    return found


@dataclass(frozen=True, slots=True)
class Terms:
    """What a line's supplier gets for `base_qty` of its material: material, quantity net of scrap, scrap percent."""

    base_qty: Decimal
    rows: list[tuple[int, Decimal, Decimal]]
    are_agreed: bool


def terms_of(line: PurchaseOrderLine) -> Terms:
    """As they are agreed; for a line that nothing is supplied for, what the BOM in force says (nothing without one)."""
    agreed = list(line.components.filter(quantity__gt=0).order_by("line_no"))
    if agreed:
        base = agreed[0].base_qty  # of one BOM, or of one agreement
        rows = [(one.material_id, one.quantity * base / one.base_qty, one.scrap_percent) for one in agreed]
        return Terms(base, rows, are_agreed=True)
    bom = Bom.objects.filter(material=line.material_id, state=VersionState.FROZEN).first()
    if bom is None:
        return Terms(Decimal(1), [], are_agreed=False)
    of_bom = bom.lines.order_by("line_no").values_list("component", "quantity", "scrap_percent")
    return Terms(bom.base_qty, list(of_bom), are_agreed=False)


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
