"""Labels for what is moved: one a page, in the size of the printer's roll."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from masterdata.documents import codes
from masterdata.documents.printing import Pdf, sheet_pdf
from masterdata.documents.wording import Wording

ROLL = (100, 62)
"""Width and height in millimetres of a common roll of labels."""
PARCEL = (100, 150)
"""A shipping label."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Label:
    """`scanned` is what the scanner types: a bar code, and with `has_qr` a QR code too."""

    title: str
    subtitle: str = ""
    facts: Sequence[tuple[str, str]] = ()
    scanned: str = ""
    has_qr: bool = False


def labels_pdf(name: str, labels: Sequence[Label], say: Wording, size: tuple[int, int] = ROLL) -> Pdf:
    """All labels in one file."""
    width, height = size
    data = {
        "title": name,
        "lang": say.language.split("-", 1)[0],
        "width": width,
        "height": height,
        "labels": [_data(label) for label in labels],
    }
    return sheet_pdf("labels", name, data)


def _data(label: Label) -> dict[str, object]:
    return {
        "title": label.title,
        "subtitle": label.subtitle,
        "facts": list(label.facts),
        "scanned": label.scanned,
        "code": codes.code128(label.scanned) if label.scanned else "",
        "qr": codes.qr(label.scanned) if label.scanned and label.has_qr else "",
    }
