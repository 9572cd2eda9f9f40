"""What goes on paper: a purchase order for its supplier, labels for what came by the browser's own printing."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from erp.stock.places import proposed_places
from erp.supply.letters import purchase_order_pdf
from erp.supply.models import PurchaseOrder, Receipt
from masterdata import barcode
from masterdata.access import may, visible_to
from masterdata.documents.printing import Pdf
from masterdata.models import Location
from masterdata.pages import OneRow
from masterdata.pages.pdf import PdfPage
from masterdata.pages.zones import plant_time

SEE, RECEIVE, SEE_COST = "erp.view_purchase", "erp.receive_purchase", "erp.view_cost"


class Paper(OneRow):
    """A page for paper: no navigation, always dark on white, days written out."""

    template_name: str

    @abstractmethod
    def get_context(self) -> dict[str, Any]:
        """What the paper shows."""

    @abstractmethod
    def get_plant_id(self) -> int:
        """The plant in whose time its days are written."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.get_object()
        with plant_time(request, self.get_plant_id()):
            return render(request, self.template_name, self.get_context())


class PurchaseOrderPaper(PdfPage):
    """The order as its supplier gets it; prices only for who may see cost."""

    permission = SEE

    def get_rows(self) -> QuerySet[PurchaseOrder]:
        rows = PurchaseOrder.objects.select_related("supplier__payment_term", "plant__company__currency")
        return visible_to(self.request.user, rows, SEE)

    def get_pdf(self, row: Any, language: str) -> Pdf:
        return purchase_order_pdf(row, language, with_prices=may(self.request.user, SEE_COST))


class ReceiptLabels(Paper):
    """A label for each part of a delivery: what it is, how much, and where it should be put away."""

    permission, template_name = RECEIVE, "erp/supply/label_paper.html"

    def get_rows(self) -> QuerySet[Receipt]:
        orders = visible_to(self.request.user, PurchaseOrder.objects.all(), RECEIVE)
        rows = Receipt.objects.filter(order__in=orders.order_by().values("pk"))
        return rows.select_related("order__supplier", "location")

    def get_plant_id(self) -> int:
        return int(self.get_object().order.plant_id)

    @cached_property
    def labels(self) -> list[Any]:
        receipt = self.get_object()
        rows = receipt.lines.select_related("order_line__material__unit", "lot").order_by("order_line__line_no", "pk")
        found: list[Any] = [row for row in rows if row.quantity > row.returned_qty]
        materials = {row.order_line.material_id for row in found}
        ids = proposed_places(plant_id=receipt.order.plant_id, material_ids=materials) if materials else {}
        places = Location.objects.in_bulk({pk for pk in ids.values() if pk})
        for row in found:
            row.left = row.quantity - row.returned_qty
            row.place = places.get(ids.get(row.order_line.material_id) or 0)
            row.scanned = row.lot.number if row.lot else row.order_line.material.code
            row.barcode = barcode.drawn(row.scanned)
        return found

    def get_context(self) -> dict[str, Any]:
        receipt = self.get_object()
        return {
            "page_title": _("Labels of %(number)s") % {"number": receipt.number},
            "object": receipt,
            "labels": self.labels,
            "back": reverse("erp:purchase_order", args=[receipt.order_id]) + "?tab=receipts",
        }
