"""What was said, as a part of the pages of a customer, a quotation, an order and a case: embedded by its address."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from crm import selectors
from crm.models import Message
from crm.views.messages.forms import LogForm
from crm.views.messages.lists import state_look, state_word, whom
from crm.views.messages.subject import Named
from masterdata.access import may, requires
from masterdata.pages import plant_time

MOST = 30


def _words(row: Message) -> str:
    """What came of it, and what was said."""
    words = " ".join(row.body.split())[:200]
    return f"{row.outcome}: {words}" if row.outcome else words


@requires("crm.view")
def panel(request: HttpRequest) -> HttpResponse:
    """The newest messages about ?customer=, ?quotation=, ?order= or ?case=, and two fields to log what was said."""
    named, user = Named(request), request.user
    if named.customer is None:
        raise Http404
    ids = {name: pk for name, pk in named.ids.items() if pk is not None}
    rows = selectors.messages_about(user, **ids) if ids else selectors.messages_of(user, named.customer.pk)
    found = list(rows[: MOST + 1])
    asked = request.GET.urlencode()
    context: dict[str, Any] = {
        "told": [(one, state_look(one), state_word(one), whom(one), _words(one)) for one in found[:MOST]],
        "has_more": len(found) > MOST,
        "customer": named.customer,
        "asked": asked,
        "may_write": may(user, "crm.write_message"),
        "form": LogForm(customers=None, auto_id="log_%s"),
    }
    plant_id = getattr(named.order, "plant_id", None)
    with plant_time(request, plant_id):
        return render(request, "crm/messages/_panel.html", context)
