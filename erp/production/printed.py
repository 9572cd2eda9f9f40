"""Work orders on paper."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from erp.production.models import WorkOrder
from erp.production.traveller import traveller_pdf
from masterdata.access import visible_to
from masterdata.documents.printing import Pdf
from masterdata.pages.pdf import PdfPage

SEE = "erp.view_work_order"


class Traveller(PdfPage):
    """What goes with the work through the shop."""

    permission = SEE

    def get_rows(self) -> QuerySet[WorkOrder]:
        related = "plant__company", "material__unit", "sales_order_line__order__customer"
        return visible_to(self.request.user, WorkOrder.objects.select_related(*related), SEE)

    def get_pdf(self, row: Any, language: str) -> Pdf:
        return traveller_pdf(row, language)
