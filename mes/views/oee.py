"""OEE of plants, work centres and machines, and how it went day by day, week by week or shift by shift."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from masterdata.access import Guarded
from masterdata.models import Machine
from mes import selectors
from mes.oee import Figures, Period, total
from mes.selectors import MachineTime
from mes.views import periods
from mes.views.behind import when_of
from mes.views.floor import plant_ids

HEIGHT = 120
BY = {"day": gettext_lazy("By day"), "week": gettext_lazy("By week"), "shift": gettext_lazy("By shift")}
MOST = 42
Step = tuple[str, Period, Figures]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the trend: OEE as its height, what is not known hatched above the axis."""

    label: str
    figures: Figures
    x: float
    width: float
    height: float
    when: str

    @property
    def lines(self) -> list[str]:
        """The label in one line, a shift's day above its hours."""
        day, _, hours = self.label.partition("\n")
        return [day, hours] if hours else [day]

    @property
    def y(self) -> float:
        return HEIGHT - self.height

    @property
    def middle(self) -> float:
        return self.x + self.width / 2


class Oee(Guarded):
    """Which machine loses most, and is it getting better?"""

    permission = "mes.view_floor"

    def get(self, request: HttpRequest) -> HttpResponseBase:
        now = timezone.now()
        chosen = periods.chosen(request, now, "7d")
        machines = selectors.measured_machines(plant_ids=plant_ids(request))
        time, plants = selectors.figures_of(machines=machines, start=chosen.start, end=chosen.end, now=now)
        by = request.GET.get("by", "day")
        by = by if by in BY else "day"
        context = {
            "page_title": "OEE",
            "choices": periods.CHOICES.items(),
            "chosen": chosen,
            "when": f"period={chosen.key}",
            "by": by,
            "bys": BY.items(),
            "plants": plants,
            "total": total(one.figures for one in plants),
            "columns": columns(_trend(by, machines, time)),
            "worst": _worst(plants),
        }
        return render(request, "mes/oee.html", context)


def _trend(by: str, machines: Sequence[Machine], time: MachineTime) -> list[Step]:
    zone = timezone.get_current_timezone_name()
    if by == "shift":
        return _shifts(machines, time)
    cut = selectors.weeks if by == "week" else selectors.days
    found = selectors.trend(machines, time, cut(time.start, time.end, zone))
    return [(_name(by, period), period, figures) for period, figures in found][-MOST:]


def _name(by: str, period: Period) -> str:
    local = timezone.localtime(period[0])
    if by == "week":
        return _("Week %(week)d") % {"week": local.isocalendar().week}
    return f"{local:%a} {local.day} {local:%b}"


def _shifts(machines: Sequence[Machine], time: MachineTime) -> list[Step]:
    """By the calendar that most machines have."""
    used = Counter(one.calendar_id or one.work_centre.calendar_id for one in machines)
    if not used:
        return []
    day = dt.timedelta(days=1)
    found = selectors.shifts(time.start - day, time.end, used.most_common(1)[0][0])
    rows = [(name, (max(start, time.start), min(end, time.end))) for name, (start, end) in found if end > time.start]
    figures = selectors.trend(machines, time, [period for _name, period in rows])
    return [
        (f"{timezone.localtime(period[0]):%a}\n{name.replace(' to ', chr(0x2013))}", period, one)
        for (name, period), (_period, one) in zip(rows, figures, strict=True)
    ][-MOST:]


def columns(found: Sequence[Step]) -> list[Column]:
    """Places in a drawing 1000 wide."""
    step = 1000 / max(len(found), 7)
    width = min(step * 0.7, 60)
    return [
        Column(
            label,
            figures,
            round(n * step + (step - width) / 2, 1),
            round(width, 1),
            _height(figures.oee),
            when_of(period),
        )
        for n, (label, period, figures) in enumerate(found)
    ]


def _height(share: Decimal | None) -> float:
    return float(round(min(share, Decimal("1.1")) * 100, 1)) if share else 0.0


def _worst(plants: Sequence[selectors.Rolled]) -> Any:
    """The machine whose lost minutes (planned busy less good) are the most; None when nothing ran."""
    rows = [machine for plant in plants for centre in plant.parts for machine in centre.parts]
    lost = [(one.figures.planned_busy - one.figures.planned_good, one) for one in rows if one.figures.planned_busy]
    return max(lost, key=lambda pair: pair[0], default=None)
