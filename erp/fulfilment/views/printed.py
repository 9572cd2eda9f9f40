"""Papers of the warehouse as PDF."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from erp.fulfilment.letters import delivery_note_pdf, package_labels_pdf, picking_list_pdf
from erp.fulfilment.models import PickList, Shipment
from masterdata.access import visible_to
from masterdata.documents.printing import Pdf
from masterdata.pages.pdf import PdfPage

SEE = "erp.view_order"


class DeliveryNote(PdfPage):
    """What goes with the goods."""

    permission = SEE

    def get_rows(self) -> QuerySet[Shipment]:
        related = "order__customer", "plant__company", "address", "carrier"
        return visible_to(self.request.user, Shipment.objects.select_related(*related), SEE)

    def get_pdf(self, row: Any, language: str) -> Pdf:
        return delivery_note_pdf(row, language)


class PackageLabelsPdf(DeliveryNote):
    """A label for each package."""

    def get_pdf(self, row: Any, language: str) -> Pdf:
        return package_labels_pdf(row, language)


class PickingList(PdfPage):
    """One walk through the warehouse."""

    permission = SEE

    def get_rows(self) -> QuerySet[PickList]:
        return visible_to(self.request.user, PickList.objects.select_related("plant__company"), SEE)

    def get_pdf(self, row: Any, language: str) -> Pdf:
        return picking_list_pdf(row, language)
