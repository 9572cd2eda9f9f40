"""Quotations on paper, and the signature under one."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone

from crm.letters import RELATED, drawing_of, quotation_pdf, signed_pdf
from crm.models import Quotation
from crm.selectors import every_revision
from masterdata.access import requires
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
    found = get_object_or_404(every_revision(request.user).select_related("replaced_by"), pk=pk).signature
    if found is None:
        raise Http404
    return HttpResponse(drawing_of(found), content_type="image/svg+xml")
