"""Sales orders on paper."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from erp.sales.letters import confirmation_pdf
from erp.sales.models import SalesOrder
from erp.sales.selectors import visible_orders
from masterdata.documents.printing import Pdf
from masterdata.pages.pdf import PdfPage


class Confirmation(PdfPage):
    """The order confirmation."""

    permission = "erp.view_order"

    def get_rows(self) -> QuerySet[SalesOrder]:
        related = "company__currency", "customer__payment_term", "payment_term", "currency"
        return visible_orders(self.request.user).select_related(*related)

    def get_pdf(self, row: Any, language: str) -> Pdf:
        return confirmation_pdf(row, language)
