"""The timeline of a customer: what each kind of row says, and the part of the page that shows a page of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from crm.selectors import happened
from crm.selectors.customers import visible_customers
from masterdata import shown
from masterdata.access import requires
from masterdata.pages import Happening

WORDS: dict[str, Callable[[], str]] = {
    "orders": lambda: _("Orders"),
    "pipeline": lambda: _("Pipeline"),
    "quotations": lambda: _("Quotations"),
    "promises": lambda: _("Promises"),
    "messages": lambda: _("Messages"),
    "activities": lambda: _("Activities"),
    "cases": lambda: _("Cases"),
    "money": lambda: _("Money"),
}


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


def timeline_context(request: HttpRequest, customer_id: int) -> dict[str, Any]:
    """A page of the timeline as the address asks: `kind` (several) and `after`."""
    kinds = [kind for kind in request.GET.getlist("kind") if kind in happened.KINDS]
    page = happened.happened(
        request.user, customer_id, kinds=kinds, after=happened.Place.read(request.GET.get("after", ""))
    )
    chips = []
    for kind in happened.KINDS:
        rest = [one for one in kinds if one != kind] if kind in kinds else [*kinds, kind]
        chips.append((WORDS[kind](), urlencode({"kind": rest}, doseq=True), kind in kinds))
    earlier = urlencode({"kind": kinds, "after": str(page.earlier)}, doseq=True) if page.earlier else ""
    return {
        "told": [told(entry) for entry in page.entries],
        "earlier": earlier,
        "kind_chips": chips,
        "is_later": "after" in request.GET,
        "timeline_url": reverse("crm:customer_timeline", args=[customer_id]),
        "customer_url": reverse("crm:customer", args=[customer_id]),
    }


@requires("crm.view")
def customer_timeline(request: HttpRequest, pk: int) -> HttpResponse:
    """The part: the whole of it, or what comes after a place."""
    customer = get_object_or_404(visible_customers(request.user), pk=pk)
    context = timeline_context(request, customer.pk)
    is_more = request.headers.get("HX-Target") == "earlier"
    return render(request, "crm/_happened_rows.html" if is_more else "crm/_happened.html", context)
