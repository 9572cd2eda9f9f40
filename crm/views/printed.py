"""Quotations on paper."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from crm.letters import quotation_pdf
from crm.models import Quotation
from crm.selectors import visible_quotations
from masterdata.documents.printing import Pdf
from masterdata.pages.pdf import PdfPage


class QuotationPdf(PdfPage):
    """The quotation."""

    permission = "crm.view"

    def get_rows(self) -> QuerySet[Quotation]:
        related = "company__currency", "customer__payment_term", "customer__tax_code"
        return visible_quotations(self.request.user).select_related(*related, "currency", "made_by")

    def get_pdf(self, row: Any, language: str) -> Pdf:
        return quotation_pdf(row, language)
