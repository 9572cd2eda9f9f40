"""Available to promise, as a part of the order's page."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from erp.planning import selectors
from erp.sales.models import SalesOrder
from masterdata.access import requires, visible_to

WORDS = {
    "shipped": _("shipped"),
    "stock": _("kept in stock"),
    "made": _("made for it"),
    "work_order": _("from work order"),
    "purchase": _("from purchase order"),
    "planned": _("planned, not ordered"),
    "transfer": _("on the way from another plant"),
    "free_stock": _("free in stock"),
    "lead_time": _("by the lead time"),
}


@requires("erp.view_order")
def available(request: HttpRequest, pk: int) -> HttpResponse:
    """Of each line of an order, how much there is when, and from where; one query."""
    order = get_object_or_404(visible_to(request.user, SalesOrder.objects.all(), "erp.view_order"), pk=pk)
    lines: list[dict[str, Any]] = []
    for line in selectors.available_to_promise(order_id=order.pk, now=timezone.now()):
        said = [asdict(part) | {"words": _words(part)} for part in line.parts]
        shown = {"there": line.there, "ready_at": line.ready_at, "said": said}
        lines.append(
            shown | {name: getattr(line, name) for name in ("line_no", "material_code", "unit", "quantity", "instead")}
        )
    return render(request, "erp/planning/_available.html", {"lines": lines, "number": order.number})


def _words(part: selectors.PromisePart) -> Any:
    if part.source == "lead_time" and part.at is None:
        return _("to be made: nobody has said how long it takes, an offer tells the date")
    return WORDS[part.source]
