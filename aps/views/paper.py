"""Beside the canvas: a week of the plan on paper, and people against the plan."""

from __future__ import annotations

import datetime as dt
import zoneinfo

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from aps import selectors
from aps.minutes import minute_of
from aps.views.board import SEE, plant_or_404
from aps.views.paper_rows import drawn_sheets
from masterdata.access import requires

AHEAD = 14 * 24 * 60
MOST_MACHINES = 500
LARGEST = 2**31


@requires(SEE)
def print_week(request: HttpRequest, plant_id: int) -> HttpResponse:
    """A machine per sheet: `?week=2026-W49&machine=1&machine=2`; no week is this one, no machine all that have work."""
    plant = plant_or_404(request, plant_id)
    zone = zoneinfo.ZoneInfo(plant.time_zone)
    monday = selectors.monday_of(request.GET.get("week", ""), timezone.now().astimezone(zone).date())
    chosen = [int(one) for one in request.GET.getlist("machine")[:MOST_MACHINES] if one.isdecimal() and len(one) < 19]
    week = dt.timedelta(days=7)
    with timezone.override(zone):
        context = {
            "page_title": _("Plan of week %(week)s") % {"week": f"{monday:%V}"},
            "board_plant": plant,
            "plan": selectors.plan_in_force(plant.pk),
            "monday": monday,
            "sunday": monday + dt.timedelta(days=6),
            "sheets": list(drawn_sheets(selectors.machine_sheets(plant, monday, chosen))),
            "chosen": chosen,
            "before": f"{monday - week:%G-W%V}",
            "after": f"{monday + week:%G-W%V}",
            "back": f"{reverse('aps:board')}?plant={plant.pk}",
        }
        return render(request, "aps/print_week.html", context)


@requires(SEE)
def people_load(request: HttpRequest, plant_id: int) -> HttpResponse:
    """Heads by hour, see `selectors.people_load`; without `from` the two weeks from now on."""
    plant = plant_or_404(request, plant_id)
    now = timezone.now()
    try:
        first = int(request.GET.get("from") or minute_of(now))
        until = int(request.GET.get("until") or first + AHEAD)
    except ValueError:
        return HttpResponseBadRequest(_("Give from and until as whole minutes of the board."))
    if not 0 <= first < until < LARGEST:
        return HttpResponseBadRequest(_("Give from and until as minutes of the board, the later one last."))
    answer = JsonResponse(
        selectors.people_load(plant.pk, first=first, until=until, now=now),
        json_dumps_params={"separators": (",", ":")},
    )
    answer["Cache-Control"] = "private, no-cache"
    return answer
