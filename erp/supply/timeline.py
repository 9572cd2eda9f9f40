"""What happened to a purchase order, as its page tells it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from erp.supply.models import PurchaseOrder, Receipt
from masterdata import shown
from masterdata.models import FactRecord
from masterdata.pages import Happening
from masterdata.pages.timeline import who

MOST = 50
ICONS = {
    "quantity": "pencil", "price": "coin", "day": "calendar", "confirmed": "calendar-check", "parts": "arrows-split",
    "cancelled": "x", "short": "check",
}  # fmt: skip


def happened(order: PurchaseOrder, receipts: Iterable[Receipt], *, sees_cost: bool) -> list[Happening]:
    """The newest first: receipts, returns, changes (one query), and that it was ordered."""
    found = [Happening(order.ordered_at, _("Ordered"), "send")]
    for one in receipts:
        words = _("%(number)s received") % {"number": one.number}
        found.append(Happening(one.received_at, words, "package-import", detail=one.delivery_note, tone="good"))
        for back in one.returns.all():
            sentence = _("%(number)s went back, others come for it") if back.is_replaced else _("%(number)s went back")
            words = sentence % {"number": back.number}
            found.append(Happening(back.returned_at, words, "truck-return", detail=back.reason, tone="bad"))
    changes = FactRecord.objects.filter(subject=f"purchase:{order.pk}", kind="PurchaseChanged").select_related("by")
    for record in changes.order_by("-pk")[:MOST]:
        said = record.payload
        sentence = _sentence(said, sees_cost=sees_cost)
        icon = ICONS.get(said["what"], "pencil")
        tone = "bad" if said["what"] == "cancelled" else ""
        found.append(Happening(record.stated_at, sentence, icon, who(record), said["why"], tone=tone))
    return sorted(found, key=lambda one: one.at, reverse=True)


def _sentence(said: dict[str, Any], *, sees_cost: bool) -> str:
    numbers = said["line_nos"]
    lines = ngettext("Line %(lines)s", "Lines %(lines)s", len(numbers)) % {"lines": ", ".join(map(str, numbers))}
    sentences = {
        "quantity": _("%(lines)s: %(after)s instead of %(before)s"),
        "price": _("%(lines)s: price %(after)s instead of %(before)s") if sees_cost else _("%(lines)s: another price"),
        "day": _("%(lines)s: wanted on %(after)s instead of %(before)s"),
        "confirmed": _("%(lines)s: the supplier confirmed %(after)s"),
        "parts": _("%(lines)s: %(before)s come in %(after)s deliveries"),
        "cancelled": _("%(lines)s: the rest was cancelled"),
        "short": _("%(lines)s: complete, within the tolerance"),
    }
    figures = {name: _figure(said["what"], said[name]) for name in ("before", "after")}
    return sentences[said["what"]] % {"lines": lines, **figures}


def _figure(what: str, text: str) -> str:
    if not text:
        return ""
    return shown.day(dt.date.fromisoformat(text)) if what in ("day", "confirmed") else shown.number(Decimal(text))
