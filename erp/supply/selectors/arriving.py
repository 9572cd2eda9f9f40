"""What a scanner finds at the dock: the purchase order of a number, and the open line of a material's code."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet

from erp.supply.models import PurchaseOrder, PurchaseOrderLine, SupplierPrice
from erp.supply.selectors.listed import listed_purchase_orders
from masterdata import rights

RECEIVE = "erp.receive_purchase"


def order_of(user: Any, scanned: str) -> PurchaseOrder | None:
    """The purchase order of that number, of a plant where the user may receive."""
    return rights.visible_to(user, PurchaseOrder.objects.all(), RECEIVE).filter(number__iexact=scanned).first()


def line_of(order: PurchaseOrder, scanned: str) -> PurchaseOrderLine | None:
    """The order's line of a material by its code, or by the supplier's number for it; one that is open first."""
    articles = SupplierPrice.objects.filter(
        supplier=order.supplier_id, material=OuterRef("material"), supplier_article__iexact=scanned
    ).exclude(supplier_article="")
    lines = order.lines.select_related("material__unit")
    found = lines.filter(material__code__iexact=scanned) or lines.filter(Exists(articles))
    rows = sorted(found, key=lambda line: (line.received_qty >= line.quantity, line.confirmed_at or line.due_at))
    return rows[0] if rows else None


def expected(user: Any) -> QuerySet[Any]:
    """Purchase orders of which something is to come, the earliest first."""
    rows: QuerySet[Any] = rights.visible_to(user, listed_purchase_orders(), RECEIVE)
    return rows.filter(is_open=True).order_by(F("due_at").asc(nulls_last=True), "pk")
