"""The bell of the shell: reminders, answers and decisions that wait."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from crm import selectors, services
from crm.selectors.bell import rings
from crm.views.activities import WRITE, about_word
from masterdata.access import SIGNED_IN, may, person, requires


@requires(SIGNED_IN)
def bell(request: HttpRequest) -> HttpResponse:
    """The bell of the shell: reminders, answers and decisions that wait, and what about. By POST reminders are seen."""
    user = person(request)
    if request.method == "POST" and user is not None:
        services.see_reminders(user=user, now=timezone.now())
    rows = list(selectors.rung(request.user)[:12]) if may(request.user, "crm.view") else []
    for row in rows:
        row.about = about_word(row)  # type: ignore[attr-defined]
    mails = list(selectors.unhandled(request.user)[:12]) if may(request.user, "crm.view") else []
    waiting = rings(request.user)
    context = {
        "rows": rows,
        "mails": mails,
        "waiting": waiting,
        "has_new": any(row.seen_at is None for row in rows),
        "fresh": sum(row.seen_at is None for row in rows) + len(mails) + len(waiting),
        "is_open": request.method == "POST",
        "may_write": may(request.user, WRITE),
    }
    return render(request, "crm/_bell.html", context)
