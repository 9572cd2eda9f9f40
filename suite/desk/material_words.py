"""What a material check says: a chip, and in words what is short, how much, and who brings it when."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext as _n

from erp import selectors as erp_now
from masterdata import shown

MOST_TOLD = 3


def chip(short: Sequence[erp_now.ShortMaterial]) -> str:
    """Two or three words; the materials that come last first."""
    if not short:
        return _("Material all there")
    if len(short) == 1:
        return _("%(code)s short until %(day)s") % {"code": short[0].code, "day": shown.day(short[0].ready_at)}
    return _("%(n)d materials short until %(day)s") % {"n": len(short), "day": shown.day(short[0].ready_at)}


def sentences(short: Sequence[erp_now.ShortMaterial]) -> list[str]:
    """A sentence for each of the first few, and how many more there are."""
    told = [sentence(one) for one in short[:MOST_TOLD]]
    if len(short) > MOST_TOLD:
        more = len(short) - MOST_TOLD
        told.append(
            _n("%(n)d more material comes before that.", "%(n)d more materials come before that.", more) % {"n": more}
        )
    return told


def sentence(one: erp_now.ShortMaterial) -> str:
    parts = ", ".join(comes(part, one.unit) for part in one.comes)
    missing = shown.quantity(one.quantity, one.unit)
    return _("%(quantity)s of %(code)s short: %(parts)s.") % {"quantity": missing, "code": one.code, "parts": parts}


def comes(part: erp_now.Brings, unit: str) -> str:
    """So much, when, from whom."""
    words = {
        "purchase": _("%(quantity)s come %(when)s with %(number)s of %(name)s"),
        "supplier": _("%(quantity)s come %(when)s from %(name)s when ordered now"),
        "transfer": _("%(quantity)s come %(when)s with %(number)s from %(name)s"),
        "beside": _("%(quantity)s come %(when)s beside %(number)s"),
        "planning": _("%(quantity)s come %(when)s with what material planning orders for all"),
        "nobody": _("%(quantity)s have no supplier with a price, the usual lead time ends %(when)s"),
    }
    values = {"quantity": shown.quantity(part.quantity, unit), "when": shown.when(part.ready_at)}
    return words[part.kind] % (values | {"number": part.number, "name": part.name})
