"""Legal documents are set once and kept: whoever prints later gets the same bytes."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable

from masterdata.models import Company, IssuedDocument


def issued_language(*, company: Company, kind: str, number: str) -> str:
    """The language in which the document was issued, empty when it is not yet: others are copies of it."""
    rows = IssuedDocument.objects.filter(company=company, kind=kind, number=number).order_by("pk")
    return rows.values_list("language", flat=True).first() or ""


def issued(
    *, company: Company, kind: str, number: str, language: str, make: Callable[[], bytes], now: dt.datetime
) -> bytes:
    """The document as it was issued in this language; the first call sets it by `make` and keeps it.

    Two first calls at once both set it; the database keeps one, and both give that one.
    """
    of_it = IssuedDocument.objects.filter(company=company, kind=kind, number=number, language=language)
    found = of_it.values_list("content", flat=True).first()
    if found is not None:
        return bytes(found)
    content = make()
    row = IssuedDocument(
        company=company,
        kind=kind,
        number=number,
        language=language,
        content=content,
        sha256=hashlib.sha256(content).hexdigest(),
        issued_at=now,
    )
    IssuedDocument.objects.bulk_create([row], ignore_conflicts=True)
    return bytes(of_it.values_list("content", flat=True).get())
