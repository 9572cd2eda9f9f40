"""Reads a PDF back that a page or the REST interface answered with."""

from __future__ import annotations

import io
from typing import Any

from pypdf import PdfReader


def text_of(answer: Any) -> str:
    """All its text, page after page."""
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/pdf"
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
