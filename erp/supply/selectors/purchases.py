"""Purchase orders, planned orders and receipts as pages and flows ask for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Exists, F, Min, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from erp.supply.models import Peg, PlannedOrder, PurchaseOrder, PurchaseOrderLine, Receipt
from masterdata import rights
from masterdata.worktime import shop_time


@dataclass(frozen=True, slots=True)
class WaitingDemand:
    """A demand that a purchase order line is for, and how much of it is still to come."""

    line_id: int
    order_id: int | None
    order_number: str
    work_order_id: int | None
    work_order_number: str
    quantity: Decimal


def receipt_number(receipt_id: int) -> str:
    """The receipt's number, as shown in a cause."""
    return Receipt.objects.values_list("number", flat=True).get(pk=receipt_id)


def purchase_line_words(line_id: int) -> str:
    """What comes when, as shown in a cause: "PO-2026-00012: BOARD comes Wed 9 Dec, 12:00", in the plant's zone."""
    line = PurchaseOrderLine.objects.select_related("order__plant", "material").get(pk=line_id)
    if line.received_qty >= line.quantity:
        return f"{line.order.number}: no more {line.material.code} comes"
    comes = shop_time(line.confirmed_at or line.due_at, line.order.plant.time_zone)
    return f"{line.order.number}: {line.material.code} comes {comes}"


def open_purchase_orders(*, plant_id: int | None = None, supplier_id: int | None = None) -> QuerySet[PurchaseOrder]:
    """Purchase orders with something still to come, the earliest due first; `amount` is what they cost."""
    still_open = PurchaseOrderLine.objects.filter(order=OuterRef("pk"), received_qty__lt=F("quantity"))
    orders = PurchaseOrder.objects.filter(Exists(still_open), cancelled_at=None)
    if plant_id is not None:
        orders = orders.filter(plant=plant_id)
    if supplier_id is not None:
        orders = orders.filter(supplier=supplier_id)
    return (
        orders.select_related("supplier", "plant")
        .annotate(amount=Sum(F("lines__quantity") * F("lines__unit_price")), due_at=_earliest_due())
        .order_by("due_at", "id")
    )


def _earliest_due() -> Any:
    return Min(Coalesce("lines__confirmed_at", "lines__due_at"), filter=Q(lines__received_qty__lt=F("lines__quantity")))


def visible_purchase_orders(user: Any) -> QuerySet[PurchaseOrder]:
    """Purchase orders of the plants where the user may see purchase orders."""
    return rights.visible_to(user, PurchaseOrder.objects.all(), "erp.view_purchase")


def purchase_order_detail(purchase_order_id: int) -> PurchaseOrder:
    """One purchase order with lines, receipts and their materials fetched."""
    return (
        PurchaseOrder.objects.select_related("supplier", "plant")
        .prefetch_related("lines__material__unit", "receipts__lines")
        .get(pk=purchase_order_id)
    )


def open_planned_orders(*, plant_id: int) -> QuerySet[PlannedOrder]:
    """What somebody has to buy by hand, the earliest need first, with its problem."""
    return (
        PlannedOrder.objects.filter(plant=plant_id, closed_at=None)
        .select_related("material__unit")
        .order_by("due_at", "id")
    )


def waiting_demands(purchase_line_ids: Sequence[int]) -> list[WaitingDemand]:
    """Whom the lines' goods are for, in the order in which they will be served."""
    pegs = (
        Peg.objects.filter(purchase_order_line__in=purchase_line_ids, received_qty__lt=F("quantity"))
        .select_related("work_order_material__work_order__sales_order_line__order", "sales_order_line__order")
        .order_by("id")
    )
    found = []
    for peg in pegs:
        work_order = peg.work_order_material.work_order if peg.work_order_material else None
        line = peg.sales_order_line or (work_order.sales_order_line if work_order else None)
        found.append(
            WaitingDemand(
                line_id=peg.purchase_order_line_id or 0,
                order_id=line.order_id if line else None,
                order_number=line.order.number if line else "",
                work_order_id=work_order.pk if work_order else None,
                work_order_number=work_order.number if work_order else "",
                quantity=peg.quantity - peg.received_qty,
            )
        )
    return found
