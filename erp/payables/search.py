"""What the global search finds of what we owe: supplier invoices by our number or the supplier's."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from erp.payables.models import SupplierInvoice
from masterdata import search
from masterdata.rights import visible_to

SEE = "erp.view_supplier_invoice"


def register() -> None:
    """Tell the search."""
    search.register(
        search.Provider(
            "supplier_invoices",
            _("Supplier invoices"),
            "file-invoice",
            SEE,
            search.among(
                lambda user: visible_to(user, SupplierInvoice.objects.select_related("supplier").order_by("-id"), SEE),
                ["number", "reference", "supplier__name"],
                lambda row: search.Hit(
                    row.number or row.reference,
                    f"{row.supplier.name} · {row.reference}",
                    reverse("erp:supplier_invoice", args=[row.pk]),
                ),
            ),
        )
    )
