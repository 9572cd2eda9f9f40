"""What the global search finds of buying: purchase orders, and receipts by their number or delivery note."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from erp.supply.models import PurchaseOrder, Receipt
from masterdata import search
from masterdata.rights import visible_to

SEE = "erp.view_purchase"


def register() -> None:
    """Tell the search."""
    search.register(
        search.Provider(
            "purchase_orders",
            _("Purchase orders"),
            "truck-delivery",
            SEE,
            search.among(
                lambda user: visible_to(user, PurchaseOrder.objects.select_related("supplier").order_by("-id"), SEE),
                ["number", "supplier__name"],
                lambda row: search.Hit(row.number, row.supplier.name, reverse("erp:purchase_order", args=[row.pk])),
            ),
        )
    )
    search.register(
        search.Provider(
            "receipts",
            _("Receipts"),
            "package-import",
            SEE,
            search.among(
                lambda user: visible_to(user, Receipt.objects.select_related("order__supplier").order_by("-id"), SEE),
                ["number", "delivery_note"],
                lambda row: search.Hit(
                    row.number,
                    " · ".join(part for part in (row.delivery_note, row.order.supplier.name) if part),
                    f"{reverse('erp:purchase_order', args=[row.order_id])}?tab=receipts",
                ),
            ),
        )
    )
