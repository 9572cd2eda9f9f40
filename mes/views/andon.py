"""The andon board: a plant's or a work centre's machines on a screen, readable at eight metres."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from masterdata import access
from masterdata.access import requires
from masterdata.models import Machine, Plant
from masterdata.pages import OneRow, plant_time
from mes import selectors
from mes.models import Alarm
from mes.oee import total

SEE = "mes.view_floor"
LOOKS: dict[str, tuple[str, Any]] = {
    "producing": ("player-play", _("Producing")),
    "setup": ("adjustments-horizontal", _("Setup")),
    "idle": ("clock-pause", _("Idle")),
    "held": ("lock", _("Held")),
    "stopped": ("hand-stop", _("Stopped")),
    "fault": ("alert-octagon", _("Breakdown")),
    "maintenance": ("tool", _("Maintenance")),
    "off": ("power", _("Off")),
    "unknown": ("plug-connected-x", _("NO DATA")),
}


@requires(SEE)
def any_plant(request: HttpRequest) -> HttpResponse:
    """The board of the plant of the switch, else of the first that the user may see."""
    plants = access.visible_to(request.user, Plant.objects.order_by("code"), SEE)
    chosen = request.plant  # type: ignore[attr-defined]
    plant = plants.filter(pk=chosen.pk).first() if chosen is not None else None
    plant = plant or plants.filter(work_centres__machines__is_active=True).first() or plants.first()
    if plant is None:
        raise Http404
    return redirect("mes:andon", plant.pk)


class Andon(OneRow):
    """Which machine needs somebody?"""

    permission = SEE
    slug_kwarg = "plant_id"

    def get_rows(self) -> QuerySet[Plant]:
        return access.visible_to(self.request.user, Plant.objects.all(), SEE)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        plant: Plant = self.get_object()
        is_part = "HX-Request" in request.headers
        with plant_time(request, plant.pk):
            answer = render(request, "mes/_andon.html" if is_part else "mes/andon.html", self.get_context(plant))
        answer["Vary"] = "HX-Request"
        return answer

    def get_context(self, plant: Plant) -> dict[str, Any]:
        """Everything of the board; one centre's with `?centre=`."""
        now = timezone.now()
        machines = selectors.measured_machines(plant_ids=[plant.pk])
        centres = {str(one.work_centre_id): one.work_centre.name for one in machines}
        centre = self.request.GET.get("centre", "")
        if centre in centres:
            machines = [one for one in machines if str(one.work_centre_id) == centre]
        shown = {one.pk for one in machines}
        tiles = [one for one in selectors.tiles(plant_id=plant.pk, machines=machines, now=now) if one.id in shown]
        counts = Counter(one.shown for one in tiles)
        rows = selectors.open_alarms(plant_ids=[plant.pk]).filter(machine__in=shown)
        midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
        ended, wait = selectors.answered_today(plant_id=plant.pk, since=midnight)
        return {
            "page_title": centres.get(centre, plant.name),
            "theme": "dark",
            "plant": plant,
            "shift": _shift_now(machines, now),
            "tiles": [(one, *LOOKS[one.shown], _minutes(one.since, now)) for one in tiles],
            "counts": [(state, icon, word, counts[state]) for state, (icon, word) in LOOKS.items() if counts[state]],
            "alarms": [(alarm, _minutes(alarm.raised_at, now)) for alarm in sorted(rows, key=_oldest)],
            "ended": ended,
            "wait": wait,
            "now": now,
            "behind": f"{reverse('mes:behind')}?{_asked(plant, centre if centre in centres else '')}&period=today",
        } | _today(machines, midnight, now)


def _asked(plant: Plant, centre: str) -> str:
    return f"centre={centre}" if centre else f"plant={plant.pk}"


def _oldest(alarm: Alarm) -> dt.datetime:
    return alarm.raised_at


def _minutes(since: dt.datetime | None, now: dt.datetime) -> int | None:
    return None if since is None else max(0, int((now - since).total_seconds() // 60))


def _shift_now(machines: Sequence[Machine], now: dt.datetime) -> str:
    used = Counter(one.calendar_id or one.work_centre.calendar_id for one in machines)
    if not used:
        return ""
    found = selectors.shifts(now - dt.timedelta(days=1), now, used.most_common(1)[0][0])
    return next((name for name, (start, end) in found if start <= now < end), "")


def _today(machines: Sequence[Machine], midnight: dt.datetime, now: dt.datetime) -> dict[str, Any]:
    """Good pieces against the plan, and the OEE since midnight with its coverage."""
    if not machines:
        return {}
    end = midnight + dt.timedelta(days=1)
    _time, plants = selectors.figures_of(machines=machines, start=midnight, end=now, now=now)
    good = selectors.good_today(machine_ids=[one.pk for one in machines], start=midnight, now=now)
    by_now, by_end = selectors.planned_today(machines=machines, start=midnight, end=end, now=now)
    whole = max(by_end, good, by_now) or 1
    return {
        "figures": total(one.figures for one in plants),
        "good": good,
        "by_now": by_now,
        "ahead": good - by_now,
        "good_percent": int(good * 100 / whole),
        "plan_percent": int(by_now * 100 / whole),
    }
