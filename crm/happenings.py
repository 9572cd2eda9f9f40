"""What each kind of row on a customer's timeline says: one line of it, for pages and integrations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from crm.selectors import happened
from masterdata import shown
from masterdata.pages import Happening


def told(entry: happened.Entry) -> Happening:
    """A line of the timeline."""
    if isinstance(entry.row, Happening):
        return entry.row
    return _TELLERS[entry.source](entry.at, entry.row)


def _order(at: Any, row: Any) -> Happening:
    sentence = _("Order %(number)s written") % {"number": row.number}
    return Happening(at, sentence, "clipboard-list", "", row.customer_reference, reverse("erp:order", args=[row.pk]))


def _opportunity(at: Any, row: Any) -> Happening:
    worth = shown.money(row.value, row.currency)
    url = reverse("crm:opportunity", args=[row.pk])
    return Happening(
        at, _("Opportunity: %(title)s") % {"title": row.title}, "target-arrow", row.made_by or "", worth, url
    )


def _quotation(at: Any, row: Any) -> Happening:
    sentence = _("Quotation %(number)s written") % {"number": row.number}
    detail = row.get_state_display()
    return Happening(at, sentence, "file-text", row.made_by or "", detail, reverse("crm:quotation", args=[row.pk]))


def _notice(at: Any, row: Any) -> Happening:
    detail = f"{row.get_reason_display()} · {row.get_state_display()}"
    return Happening(at, row.subject, "mail", "", detail, reverse("crm:notice", args=[row.pk]))


def _message(at: Any, row: Any) -> Happening:
    icons = {"call": "phone", "note": "note"}
    icon = icons.get(row.kind, "arrow-down-left" if row.direction == "in" else "send")
    words = row.subject or row.body[:80] or row.get_kind_display()
    detail = f"{row.get_kind_display()}, {str(row.get_direction_display()).lower()}"
    return Happening(at, words, icon, row.made_by or "", detail, reverse("crm:message", args=[row.pk]))


def _activity(at: Any, row: Any) -> Happening:
    sentence = f"{row.get_kind_display()}: {row.subject}"
    return Happening(at, sentence, "calendar-check", row.done_by or "", row.outcome)


def _invoice(at: Any, row: Any) -> Happening:
    worth = shown.money(row.gross_amount, row.currency)
    url = reverse("erp:invoice", args=[row.pk])
    return Happening(at, f"{row.get_kind_display()} {row.number}", "receipt", "", worth, url)


def _payment(at: Any, row: Any) -> Happening:
    sentence = _("%(amount)s paid") % {"amount": shown.money(row.amount, row.currency)}
    return Happening(at, sentence, "cash", "", row.number, reverse("erp:payment", args=[row.pk]), "good")


_TELLERS: dict[str, Callable[[Any, Any], Happening]] = {
    "order": _order,
    "opportunity": _opportunity,
    "quotation": _quotation,
    "notice": _notice,
    "message": _message,
    "activity": _activity,
    "invoice": _invoice,
    "payment": _payment,
}
