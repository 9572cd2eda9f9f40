"""Placeholders in templates of messages: {order.number}. An allow-list per purpose, and nothing that could be compiled.

A brace that is meant as one is doubled. What is filled in is not read again: a customer called {today} stays so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from crm.models import MessageTemplate
from masterdata import shown
from masterdata.errors import InvalidInput

Purpose = MessageTemplate.Purpose
_PIECE = re.compile(r"\{\{|\}\}|\{([^{}\n]{0,80})\}|[{}]")
_EVERYWHERE = {
    "customer.name": _("Name of the customer"),
    "customer.code": _("Their number with us"),
    "contact.name": _("Name of the person written to"),
    "company.name": _("Our company"),
    "company.phone": _("Our telephone"),
    "company.email": _("Our mail address"),
    "writer.name": _("Who writes"),
    "today": _("Today"),
}
_ORDER = {
    "order.number": _("Number of the order"),
    "order.reference": _("Their number of it"),
    "order.ordered_on": _("Day of the order"),
    "order.wanted_on": _("Day wanted, the earliest line"),
    "order.promised_on": _("Day promised, the latest line"),
    "order.expected_on": _("Day expected, the latest line"),
    "order.total": _("Net total"),
}
ALLOWED: Mapping[str, Mapping[str, object]] = {
    Purpose.CUSTOMER: _EVERYWHERE,
    Purpose.QUOTATION: _EVERYWHERE
    | {
        "quotation.number": _("Number of the quotation"),
        "quotation.reference": _("Their number of it"),
        "quotation.valid_until": _("Last day on which it holds"),
        "quotation.delivery_on": _("Day offered, the latest line"),
        "quotation.total": _("Net total"),
    },
    Purpose.ORDER: _EVERYWHERE | _ORDER,
    Purpose.CASE: _EVERYWHERE
    | {
        "case.number": _("Number of the case"),
        "case.subject": _("What it is about"),
        "case.opened_on": _("Day on which it was opened"),
        "case.order": _("Number of its order"),
    },
}
"""Purpose -> placeholder -> what it says."""


@dataclass(frozen=True)
class Piece:
    """A run of text, or the name of a placeholder."""

    text: str
    is_name: bool = False


def pieces_of(text: str, *, field: str) -> list[Piece]:
    """The text taken apart; a lone brace is refused with its line."""
    found: list[Piece] = []
    at = 0
    for match in _PIECE.finditer(text):
        found.append(Piece(text[at : match.start()]))
        at = match.end()
        if match[0] in ("{{", "}}"):
            found.append(Piece(match[0][0]))
        elif match[1] is not None:
            found.append(Piece(match[1].strip(), is_name=True))
        else:
            line = text.count("\n", 0, match.start()) + 1
            raise InvalidInput(f"Line {line} has a lone {match[0]}: write it twice if it is meant.", field=field)
    found.append(Piece(text[at:]))
    return [one for one in found if one.text or one.is_name]


def check(text: str, purpose: str, *, field: str) -> None:
    """Refuse what this purpose does not know, and say what there is."""
    known = ALLOWED[purpose]
    for piece in pieces_of(text, field=field):
        if piece.is_name and piece.text not in known:
            choices = ", ".join(known)
            raise InvalidInput(
                f"There is no placeholder {{{piece.text}}} here. Choose from: {choices}.",
                field=field,
                placeholder=piece.text,
            )


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with its values; one that is empty, or that nobody knows any more, is a dash."""
    pieces = pieces_of(text, field="body")
    return "".join((values.get(one.text) or shown.DASH) if one.is_name else one.text for one in pieces)
