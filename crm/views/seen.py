"""What a customer sees who opens the link in a notice: where the order is now, without a log-in."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from crm import services
from erp import selectors as erp_now
from erp.models import SalesOrderLine
from masterdata.access import PUBLIC, requires
from masterdata.pages import plant_time

AHEAD = ("prefetch", "preview", "prerender")


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
    with translation.override(notice.language), plant_time(request, lines[0].plant_id if lines else None):
        context = {
            "order": order,
            "lines": lines,
            "stations": erp_now.order_status([order.pk])[order.pk].stations,
            "company": order.company,
            "page_title": order.number,
        }
        answer = render(request, "crm/seen.html", context)
    answer["Referrer-Policy"] = "no-referrer"
    answer["X-Robots-Tag"] = "noindex, nofollow"
    return answer
