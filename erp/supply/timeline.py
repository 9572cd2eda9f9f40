"""What happened to a purchase order, as its page tells it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from erp.supply.models import PurchaseOrder, Receipt, SubcontractNote
from masterdata import shown
from masterdata.models import FactRecord
from masterdata.numbers import ZERO
from masterdata.pages import Happening
from masterdata.pages.timeline import who

MOST = 50
ICONS = {
    "quantity": "pencil", "price": "coin", "day": "calendar", "confirmed": "calendar-check", "parts": "arrows-split",
    "components": "replace", "cancelled": "x", "short": "check",
}  # fmt: skip


def happened(
    order: PurchaseOrder, receipts: Iterable[Receipt], notes: Iterable[SubcontractNote], *, sees_cost: bool
) -> list[Happening]:
    """The newest first: receipts, returns, changes and components that moved (one query), and that it was ordered."""
    found: list[Happening] = []
    for one in receipts:
        words = _("%(number)s received") % {"number": one.number}
        found.append(Happening(one.received_at, words, "package-import", detail=one.delivery_note, tone="good"))
        for back in one.returns.all():
            sentence = _("%(number)s went back, others come for it") if back.is_replaced else _("%(number)s went back")
            words = sentence % {"number": back.number}
            found.append(Happening(back.returned_at, words, "truck-return", detail=back.reason, tone="bad"))
    kinds = ["PurchaseChanged", "ComponentsMoved"]
    records = FactRecord.objects.filter(subject=f"purchase:{order.pk}", kind__in=kinds).select_related("by")
    by_id = {note.pk: note for note in notes}
    for record in records.order_by("-pk")[:MOST]:
        said = record.payload
        if record.kind == "ComponentsMoved":
            if said["note_id"] in by_id:
                found.append(_moved(record, by_id[said["note_id"]]))
            continue
        sentence = _sentence(said, sees_cost=sees_cost)
        icon = ICONS.get(said["what"], "pencil")
        tone = "bad" if said["what"] == "cancelled" else ""
        found.append(Happening(record.stated_at, sentence, icon, who(record), said["why"], tone=tone))
    found.append(Happening(order.ordered_at, _("Ordered"), "send"))  # the last of what happened in one moment
    return sorted(found, key=lambda one: one.at, reverse=True)


def _moved(record: FactRecord, note: SubcontractNote) -> Happening:
    sentence = _("%(number)s: components came back") if note.is_return else _("%(number)s: components sent")
    much: dict[tuple[str, str], Decimal] = {}
    for line in note.lines.all():
        key = line.component.material.code, line.component.material.unit.code
        much[key] = much.get(key, ZERO) + line.quantity
    detail = ", ".join(f"{shown.quantity(quantity, unit)} {code}" for (code, unit), quantity in much.items())
    icon = "truck-return" if note.is_return else "truck"
    url = f"{reverse('erp:purchase_order', args=[note.order_id])}?tab=components"
    return Happening(note.moved_at, sentence % {"number": note.number}, icon, who(record), detail, url)


def _sentence(said: dict[str, Any], *, sees_cost: bool) -> str:
    numbers = said["line_nos"]
    lines = ngettext("Line %(lines)s", "Lines %(lines)s", len(numbers)) % {"lines": ", ".join(map(str, numbers))}
    sentences = {
        "quantity": _("%(lines)s: %(after)s instead of %(before)s"),
        "price": _("%(lines)s: price %(after)s instead of %(before)s") if sees_cost else _("%(lines)s: another price"),
        "day": _("%(lines)s: wanted on %(after)s instead of %(before)s"),
        "confirmed": _("%(lines)s: the supplier confirmed %(after)s"),
        "components": _("%(lines)s: other components go to the supplier"),
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
