"""Purchase orders and unordered needs as lists show them."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, DecimalField, Exists, F, Max, Min, OuterRef, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce, Least, NullIf
from django.utils.translation import gettext as _

from erp.supply.models import Peg, PlannedOrder, PurchaseOrder, PurchaseOrderLine, SupplierPrice
from masterdata.numbers import ZERO

_PERCENT: DecimalField[Any, Any] = DecimalField(max_digits=9, decimal_places=2)


def listed_purchase_orders() -> QuerySet[PurchaseOrder]:
    """With supplier and plant, and per order `amount`, `line_count`, `is_open`, `percent` received and dates.

    `due_at` is the earliest date still open, as the supplier confirmed it or else as ordered; `last_due_at` the last.
    """
    lines = PurchaseOrderLine.objects.filter(order=OuterRef("pk"))
    left = lines.filter(received_qty__lt=F("quantity"))
    due = Coalesce("confirmed_at", "due_at")

    def of(rows: QuerySet[PurchaseOrderLine], figure: Any) -> Any:
        return rows.order_by().values("order").annotate(figure=figure).values("figure")

    got = Least(F("received_qty") / NullIf(F("quantity"), Value(0)), Value(1))
    share = Sum(Coalesce(got, Value(1)), output_field=_PERCENT) * Value(100) / Count("pk")
    return PurchaseOrder.objects.select_related("supplier", "plant__company__currency").annotate(
        amount=of(lines, Sum(F("quantity") * F("unit_price"))),
        line_count=of(lines, Count("pk")),
        percent=of(lines, share),
        is_open=Exists(left) & Q(cancelled_at=None),
        due_at=of(left, Min(due)),
        last_due_at=of(lines, Max(due)),
        has_receipts=Exists(lines.filter(received_qty__gt=0)),
    )


UNCONFIRMED = Q(
    Exists(PurchaseOrderLine.objects.filter(order=OuterRef("pk"), received_qty__lt=F("quantity"), confirmed_at=None)),
    cancelled_at=None,
)
"""Orders with a line that is to come and whose day the supplier has not confirmed."""


def counted(*, plants: Collection[int], now: dt.datetime, today: dt.date | None = None) -> dict[str, Any]:
    """Of the open orders of these plants how many are `overdue`, `unconfirmed`, due `today` (the plants' clocks).

    `overdue_worth` and `unconfirmed_worth` are their amounts by currency. One query.
    """
    groups = {
        "overdue": Q(due_at__lt=now),
        "unconfirmed": UNCONFIRMED,
        "today": Q(due_at__gte=now, due_at__date=today) if today else Q(pk=None),
    }
    found: dict[str, Any] = dict.fromkeys(groups, 0) | {f"{name}_worth": {} for name in groups}
    rows: QuerySet[Any] = listed_purchase_orders().filter(plant__in=plants)
    figures: dict[str, Any] = {name: Count("pk", filter=condition) for name, condition in groups.items()}
    figures |= {f"{name}_worth": Sum("amount", filter=condition) for name, condition in groups.items()}
    grouped: Any = rows.filter(is_open=True).order_by().values("plant__company__currency__code").annotate(**figures)
    for row in grouped:
        for name in groups:
            found[name] += row[name]
            found[f"{name}_worth"][row["plant__company__currency__code"]] = row[f"{name}_worth"] or ZERO
    return found


def stage(row: Any, now: Any) -> tuple[str, str]:
    """The state in one word: its stable value for the chip, and the word."""
    if row.cancelled_at:
        return "cancelled", _("Cancelled")
    if not row.is_open:
        return "received", _("Received")
    if row.due_at and row.due_at < now:
        return "late", _("Overdue")
    return ("partly_received", _("Partly received")) if row.has_receipts else ("ordered", _("Ordered"))


def needs_without_order() -> QuerySet[PlannedOrder]:
    """What somebody has to buy by hand, with its material and plant."""
    return PlannedOrder.objects.filter(closed_at=None, transfer_line=None).select_related("material__unit", "plant")


@dataclass(frozen=True, slots=True)
class Waiting:
    """Who waits for what is planned: an "order" or a "requisition", of that id and number."""

    kind: str
    id: int
    number: str


def waiting(planned: Collection[PlannedOrder]) -> dict[int, list[Waiting]]:
    """The sales orders and requisitions that wait for each planned order; one query."""
    found: dict[int, dict[Waiting, None]] = defaultdict(dict)
    pegs = Peg.objects.filter(planned_order__in=[row.pk for row in planned]).select_related(
        "sales_order_line__order",
        "work_order_material__work_order__sales_order_line__order",
        "requisition_line__requisition",
    )
    for peg in pegs.order_by("id"):
        need = peg.work_order_material
        line = peg.sales_order_line or (need.work_order.sales_order_line if need else None)
        if line is not None:
            found[peg.planned_order_id or 0][Waiting("order", line.order_id, line.order.number)] = None
        elif peg.requisition_line is not None:
            asked = peg.requisition_line.requisition
            found[peg.planned_order_id or 0][Waiting("requisition", asked.pk, asked.number)] = None
    return {key: list(rows) for key, rows in found.items()}


def prices(*, supplier_id: int | None = None, material_id: int | None = None) -> QuerySet[SupplierPrice]:
    """What suppliers ask, by material, the cheapest first."""
    chosen = {"supplier": supplier_id, "material": material_id}
    rows = SupplierPrice.objects.filter(**{name: value for name, value in chosen.items() if value is not None})
    return rows.select_related("supplier__currency", "material", "unit").order_by("material__code", "price")
