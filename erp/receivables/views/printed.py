"""Invoices, credit notes, reminders and account statements on paper."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import Http404
from django.utils import timezone

from erp.receivables import selectors
from erp.receivables.account_letters import NOTICE_RELATED, reminder_pdf, statement_pdf
from erp.receivables.letters import RELATED, invoice_pdf
from erp.receivables.models import DunningNotice
from masterdata.access import visible_to
from masterdata.documents.printing import Pdf
from masterdata.models import Company, Partner
from masterdata.pages.pdf import PdfPage


class InvoicePdf(PdfPage):
    """The document as it was issued."""

    permission = "erp.view_invoice"

    def get_rows(self) -> Any:
        return selectors.visible_invoices(self.request.user).select_related(*RELATED)

    def get_pdf(self, row: Any, language: str) -> Pdf:
        return invoice_pdf(row, timezone.now(), language)


class ReminderPdf(PdfPage):
    """A reminder as it is sent."""

    permission = "erp.view_invoice"

    def get_rows(self) -> Any:
        rows = DunningNotice.objects.select_related(*NOTICE_RELATED)
        return visible_to(self.request.user, rows, self.permission)

    def get_pdf(self, row: Any, language: str) -> Pdf:
        return reminder_pdf(row, timezone.now(), language)


class StatementPdf(PdfPage):
    """What a customer owes at the end of a day (`?on=`; empty: today), to the company of `?company=`."""

    permission = "erp.view_invoice"

    def get_rows(self) -> Any:
        return Partner.objects.filter(is_customer=True)

    def get_pdf(self, row: Any, language: str) -> Pdf:
        asked = self.request.GET
        companies = visible_to(self.request.user, Company.objects.order_by("code"), self.permission)
        wanted = asked.get("company", "")
        company = companies.filter(pk=wanted).first() if wanted.isdecimal() else companies.first()
        if company is None:
            raise Http404
        try:
            on = dt.date.fromisoformat(asked.get("on") or timezone.localdate().isoformat())
        except ValueError:
            raise Http404 from None
        return statement_pdf(company=company, customer=row, on=on, language=language)
