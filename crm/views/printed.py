"""Quotations on paper, and the signature under one."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone

from crm.letters import RELATED, drawing_of, quotation_pdf, signed_pdf
from crm.models import Quotation, QuotationSignature
from crm.selectors import every_revision
from masterdata.access import requires, visible_to
from masterdata.documents.printing import Pdf
from masterdata.pages.pdf import PdfPage


class QuotationPdf(PdfPage):
    """The quotation; every revision has its own."""

    permission = "crm.view"

    def get_rows(self) -> QuerySet[Quotation]:
        return every_revision(self.request.user).select_related(*RELATED)

    def get_pdf(self, row: Any, language: str) -> Pdf:
        return quotation_pdf(row, language, now=timezone.now())


class SignedPdf(QuotationPdf):
    """As the customer signed it."""

    def get_pdf(self, row: Any, language: str) -> Pdf:
        signed = signed_pdf(row, timezone.now())
        if signed is None:
            raise Http404
        return signed


@requires("crm.view")
def signature(request: HttpRequest, pk: int) -> HttpResponse:
    """The signature as a picture."""
    rows = visible_to(request.user, QuotationSignature.objects.all())
    row = get_object_or_404(rows, quotation=pk)
    return HttpResponse(drawing_of(row), content_type="image/svg+xml")
