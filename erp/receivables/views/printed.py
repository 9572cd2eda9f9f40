"""Invoices and credit notes on paper."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from erp.receivables import selectors
from erp.receivables.letters import RELATED, invoice_pdf
from masterdata.documents.printing import Pdf
from masterdata.pages.pdf import PdfPage


class InvoicePdf(PdfPage):
    """The document as it was issued."""

    permission = "erp.view_invoice"

    def get_rows(self) -> Any:
        return selectors.visible_invoices(self.request.user).select_related(*RELATED)

    def get_pdf(self, row: Any, language: str) -> Pdf:
        return invoice_pdf(row, timezone.now(), language)
