"""A document ready to be handed out: its file name and its bytes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from masterdata.documents.letters import Letter
from masterdata.documents.rendering import render

_NOT_IN_NAMES = re.compile(r"[^\w.-]+")


@dataclass(frozen=True, slots=True)
class Pdf:
    """`name` is for the file, without its ending; `content` starts with %PDF."""

    name: str
    content: bytes

    @property
    def file_name(self) -> str:
        """Only what every file system takes."""
        return f"{_NOT_IN_NAMES.sub('-', self.name).strip('-') or 'document'}.pdf"


Printer = Callable[[Any, str], Pdf]
"""Prints a row in the language asked for; an empty one leaves the choice to the document."""


def letter_pdf(letter: Letter, *, archival: bool = False) -> Pdf:
    """The letter as PDF; about ten milliseconds."""
    return Pdf(f"{letter.title} {letter.number}", render("letter", letter.data(), archival=archival))


def sheet_pdf(template: str, name: str, data: Mapping[str, Any]) -> Pdf:
    """What is no letter: labels, a traveller."""
    return Pdf(name, render(template, data))
