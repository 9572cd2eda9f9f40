"""What the global search finds of purchase orders."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from erp.supply.models import PurchaseOrder
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
