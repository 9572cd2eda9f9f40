"""What the global search finds of buying: orders, receipts and sending notes, requisitions, requests."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from erp.supply.models import PurchaseOrder, QuotationRequest, Receipt, Requisition, SubcontractNote
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
    search.register(
        search.Provider(
            "subcontract_notes",
            _("Sending notes"),
            "truck",
            SEE,
            search.among(
                lambda user: visible_to(
                    user, SubcontractNote.objects.select_related("order__supplier").order_by("-id"), SEE
                ),
                ["number"],
                lambda row: search.Hit(
                    row.number,
                    row.order.supplier.name,
                    f"{reverse('erp:purchase_order', args=[row.order_id])}?tab=components",
                ),
            ),
        )
    )
    search.register(
        search.Provider(
            "requisitions",
            _("Requisitions"),
            "clipboard-plus",
            "erp.view_requisition",
            search.among(
                lambda user: visible_to(user, Requisition.objects.order_by("-id"), "erp.view_requisition"),
                ["number", "reason"],
                lambda row: search.Hit(row.number, row.reason, reverse("erp:requisition", args=[row.pk])),
            ),
        )
    )
    search.register(
        search.Provider(
            "quotation_requests",
            _("Requests for quotation"),
            "message-question",
            "erp.write_purchase",
            search.among(
                lambda user: visible_to(
                    user, QuotationRequest.objects.select_related("plant").order_by("-id"), "erp.write_purchase"
                ),
                ["number"],
                lambda row: search.Hit(row.number, row.plant.name, reverse("erp:quotation_request", args=[row.pk])),
            ),
        )
    )
