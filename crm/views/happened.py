"""The timeline of a customer: the part of the page that shows a page of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from crm.happenings import told
from crm.selectors import happened
from crm.selectors.customers import visible_customers
from masterdata.access import requires

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
