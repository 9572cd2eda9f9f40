"""What a customer sees who opens the link in a notice: where the order is now, without a log-in."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from crm import services
from erp import selectors as erp_now
from erp.models import SalesOrderLine
from masterdata.access import PUBLIC, requires
from masterdata.documents.wording import Wording
from masterdata.pages import plant_time

AHEAD = ("prefetch", "preview", "prerender")
WORDS = ("lines", "product", "quantity", "promised", "expected", "cancelled", "note")


@requires(PUBLIC)
@require_safe
@never_cache
def order_seen(request: HttpRequest, token: str) -> HttpResponse:
    """The order's line of stations and each line's dates, as they are now. Opening it is noted as read, looking ahead
    (a browser that fetches before anybody clicks, a mail filter that asks for the head only) is not."""
    looks_ahead = request.method == "HEAD" or any(
        word in request.headers.get(name, "").lower() for name in ("Sec-Purpose", "Purpose", "X-Moz") for word in AHEAD
    )
    notice = services.read_notice(token=token, now=timezone.now(), looks_ahead=looks_ahead)
    if notice is None:
        raise Http404
    order = notice.order
    lines = list(
        SalesOrderLine.objects.filter(order=order, quantity__gt=0)
        .select_related("material__unit", "plant")
        .order_by("line_no")
    )
    say = Wording(notice.language)
    stations = erp_now.order_status([order.pk])[order.pk].stations
    with translation.override(notice.language), plant_time(request, lines[0].plant_id if lines else None):
        context = {
            "order": order,
            "lines": [_told(line, say) for line in lines],
            "stations": [
                replace(one, label=say.word("stations", one.key), note="", planned_percent=None) for one in stations
            ],
            "say": {key: say.word("seen", key) for key in WORDS},
            "company": order.company,
            "page_title": order.number,
        }
        answer = render(request, "crm/seen.html", context)
    answer["Referrer-Policy"] = "no-referrer"
    answer["X-Robots-Tag"] = "noindex, nofollow"
    return answer


def _told(line: SalesOrderLine, say: Wording) -> dict[str, str]:
    """A line in the customer's words, its days in the plant's time."""
    with timezone.override(ZoneInfo(line.plant.time_zone)):
        promised = say.short_day(line.promised_at) if line.promised_at else say.word("seen", "not_promised")
        expected = say.short_day(line.expected_at) if line.expected_at else say.word("seen", "no_plan")
    return {
        "name": line.material.name,
        "quantity": say.quantity(line.quantity, line.material.unit.code),
        "promised": promised,
        "expected": say.word("seen", "shipped") if line.shipped_qty >= line.quantity else expected,
    }
