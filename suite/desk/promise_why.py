"""Why was this date promised? The promise's chain, as a part of the order's page or as a page of its own."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from crm.models import Promise
from masterdata import shown
from masterdata.access import requires, visible_to
from masterdata.pages import Step, plant_time
from suite.desk.promise_chain import RELATED, CauseStep, chain_of


@requires("crm.view")
def promise_why(request: HttpRequest, pk: int) -> HttpResponse:
    """From the promise to its first cause: a machine's alarm, a late supplier, lost pieces, a rush order."""
    promise = get_object_or_404(visible_to(request.user, Promise.objects.select_related(*RELATED)), pk=pk)
    with plant_time(request, promise.order_line.plant_id):
        chain = chain_of(promise)
        context = {
            "question": _("Why %(day)s?") % {"day": shown.day(promise.promised_at)},
            "basis": _("As it was when it was promised, %(when)s.") % {"when": shown.when(promise.made_at)},
            "steps": [_step(step, step is chain[-1] and promise.version_no > 1) for step in chain],
            "page_title": _("Promise %(n)s of %(order)s") % {
                "n": promise.version_no, "order": promise.order_line.order.number,
            },
            "back": (
                promise.order_line.order.number,
                reverse("erp:order", args=[promise.order_line.order_id]) + "?tab=promises",
            ),
        }  # fmt: skip
        template = "parts/_chain.html" if "HX-Request" in request.headers else "suite/desk/promise_why.html"
        return render(request, template, context)


def _step(step: CauseStep, is_cause: bool) -> Step:
    return Step(step.title, step.detail, step.icon, step.value, step.was, step.url, is_cause=is_cause)
