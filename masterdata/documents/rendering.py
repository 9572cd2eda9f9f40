"""Sets a document as PDF with typst: our template files, the given data, our own fonts, nothing of the network."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import typst
from django.conf import settings

TEMPLATES = Path(__file__).with_name("typst")
# Latin, Greek and Cyrillic; Chinese. Both are static fonts under the Open Font Licence, fetched with the front end.
FONTS = ("@expo-google-fonts/inter", "@embedpdf/fonts-sc/fonts")


class FontsMissing(RuntimeError):
    """The font packages are not installed."""


@cache
def _fonts() -> typst.Fonts:
    folders = [settings.NODE_MODULES / name for name in FONTS]
    missing = [str(folder) for folder in folders if not folder.is_dir()]
    if missing:
        raise FontsMissing(f"Documents need the fonts in {', '.join(missing)}: run `npm ci` in the project.")
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=list(folders))


@cache
def _source(template: str) -> bytes:
    return (TEMPLATES / f"{template}.typ").read_bytes()


def render(template: str, data: Mapping[str, Any], *, archival: bool = False) -> bytes:
    """A PDF of the template with `data` (what JSON knows). `archival` writes PDF/A-2b, which a legal document needs.

    What people typed stands in `data` and is set as text; typst may read no file but the templates beside this module.
    """
    return _compiled(template, data, format="pdf", pdf_standards=["a-2b"] if archival else [])


def picture(template: str, data: Mapping[str, Any], *, per_inch: int = 80) -> list[bytes]:
    """The pages as PNG, to be looked at."""
    found = _compiled(template, data, format="png", ppi=float(per_inch))
    return found if isinstance(found, list) else [found]


def _compiled(template: str, data: Mapping[str, Any], **options: Any) -> Any:
    return typst.compile(
        _source(template),
        root=str(TEMPLATES),
        font_paths=_fonts(),
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        **options,
    )
