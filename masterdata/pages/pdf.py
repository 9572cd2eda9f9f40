"""A document of a row as PDF: the page shows it in the browser's own reader."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from masterdata.documents.printing import Pdf
from masterdata.models import Language
from masterdata.pages.details import OneRow
from masterdata.pages.zones import plant_of, plant_time


class PdfPage(OneRow):
    """`?language=` asks for one of the languages; without it the document speaks its reader's."""

    plant = "plant_id"  # where the row's plant is: days are written in its time

    @abstractmethod
    def get_pdf(self, row: Any, language: str) -> Pdf:
        """The document in the language; an empty one is the reader's."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        row = self.get_object()
        with plant_time(request, plant_of(row, self.plant)):
            return pdf_response(self.get_pdf(row, asked_language(request.GET.get("language", ""))))


def asked_language(asked: str) -> str:
    """One that documents speak, else none."""
    return asked if asked in Language.values else ""


def pdf_response(pdf: Pdf) -> HttpResponse:
    """To be shown, and saved under its name."""
    name = pdf.file_name
    answer = HttpResponse(pdf.content, content_type="application/pdf")
    answer.headers["Content-Disposition"] = f"inline; filename*=UTF-8''{quote(name)}"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
