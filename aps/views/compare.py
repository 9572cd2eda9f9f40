"""Scenarios of one plant side by side."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from aps import selectors
from aps.models import Scenario
from aps.selectors.scenarios import MOST_COMPARED
from aps.views import differences
from aps.views.scenarios import SEE, mine, plant_ids
from masterdata.access import Guarded
from masterdata.pages import plant_time


class Compare(Guarded):
    """Several solved scenarios of one plant and its plan in force, side by side."""

    permission = SEE

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """`with` names them, as often as wanted; without it there is only the choice."""
        solved = mine(request).filter(plant__in=plant_ids(request), state__in=Scenario.WITH_RESULT)
        choices = list(solved.order_by("plant__code", "-pk")[:50])
        asked = [one for one in request.GET.getlist("with") if one.isdecimal()]
        wanted = [one for key in dict.fromkeys(asked) for one in choices if str(one.pk) == key]
        chosen = [one for one in wanted if one.plant_id == wanted[0].plant_id][:MOST_COMPARED]
        with plant_time(request, chosen[0].plant_id if chosen else None):
            found = selectors.compare(chosen)
            context = {
                "page_title": _("Compare scenarios"),
                "back": (_("What if"), reverse("aps:scenarios")),
                "question": _("Which one is worth making real?"),
                "choices": choices,
                "chosen": {one.pk for one in chosen},
                "left_out": len(wanted) - len(chosen),
                "most": MOST_COMPARED,
                "comparison": found if found.results else None,
                "kpis": differences.lines(found),
                "centres": differences.centres(found),
            }
            return render(request, "aps/scenario_compare.html", context)
