"""The SPC page: control charts of a characteristic, drawn on the server, with the same figures as a table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from masterdata.access import Guarded, visible_to
from masterdata.pages.zones import plant_time
from mes import selectors, spc
from mes.models import Characteristic
from mes.quality_forms import PeriodForm, allowed
from mes.selectors.control import ControlChart
from mes.views.quality import plants_of

SEE = "mes.view_quality"
WIDTH, HEIGHT, LOW = 1000.0, 260.0, 120.0
LEFT, RIGHT, TOP = 12.0, 118.0, 14.0
LAST_DAYS = 30


@dataclass(frozen=True, slots=True)
class Point:
    """A drawn point: `shape` is circle, square (out of control) or triangle (out of tolerance)."""

    x: float
    y: float
    shape: str
    said: str
    url: str


@dataclass(frozen=True, slots=True)
class Line:
    """A limit: `kind` centre, control or spec; `word` and figure stand at its right end."""

    y: float
    kind: str
    word: str
    figure: str
    text_y: float


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart as the template draws it."""

    height: float
    points: list[Point]
    path: str
    lines: list[Line]


class Control(Guarded):
    """Charts of one characteristic; without one, those of the first."""

    permission = SEE

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        plants = plants_of(request)
        choices = selectors.measured_characteristics(plants)
        asked = kwargs.get("pk") or (choices[0].pk if choices else None)
        if asked is None:
            return render(request, "mes/quality/spc.html", {"page_title": _("Control charts"), "choices": []})
        rows = Characteristic.objects.filter(kind="measured").select_related("plan__plant")
        one = get_object_or_404(visible_to(request.user, rows, SEE), pk=asked)
        with plant_time(request, one.plan.plant_id):
            return render(request, "mes/quality/spc.html", self._context(one, choices, plants))

    def _context(self, one: Characteristic, choices: Sequence[Characteristic], plants: Sequence[int]) -> dict[str, Any]:
        today = timezone.localdate()
        given = self.request.GET.copy()
        given.setdefault("since", (today - dt.timedelta(days=LAST_DAYS)).isoformat())
        form = PeriodForm(given, plant_ids=plants)
        form.full_clean()
        since, until, machine = (form.cleaned_data.get(name) for name in ("since", "until", "machine"))
        chart = selectors.control_chart(
            one,
            machine_id=machine.pk if machine else None,
            since_at=_midnight(since) if since else None,
            until_at=_midnight(until + dt.timedelta(days=1)) if until else None,
        )
        return {
            "page_title": one.name,
            "one": one,
            "choices": choices,
            "form": form,
            "chart": chart,
            "allowed": allowed(one),
            "points": points_drawn(chart),
            "ranges": ranges_drawn(chart),
            "rows": table(chart),
            "rules": sorted({rule for rules in chart.broken.values() for rule in rules}),
            "names": spc.NAMES,
            "outside": sum(not group.is_within for group in chart.subgroups),
        }


def _midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))


def shown(value: float, one: Characteristic, more: int = 1) -> str:
    """A figure with one more decimal than the values have."""
    return f"{value:.{one.decimals + more}f}"


def points_drawn(chart: ControlChart) -> Drawing | None:
    """Means or single values with control limits; single values also with the tolerance."""
    control, one = chart.control, chart.characteristic
    if control is None:
        return None
    lines = [
        (control.of_points.upper, "control", _("UCL")),
        (control.of_points.centre, "centre", _("Mean")),
        (control.of_points.lower, "control", _("LCL")),
    ]
    lines += [
        (float(limit), "spec", word)
        for limit, word in ((one.upper, _("USL")), (one.lower, _("LSL")))
        if limit is not None
    ]
    said, shapes, urls = [], [], []
    for index, (group, value) in enumerate(zip(chart.subgroups, control.points, strict=True)):
        words = [f"{group.work_order}, {_('piece')} {group.piece_no}: {shown(value, one)} {one.unit}"]
        words += [spc.NAMES[rule] for rule in chart.broken.get(index, [])]
        words += [] if group.is_within else [_("out of tolerance")]
        said.append(", ".join(words))
        shapes.append("triangle" if not group.is_within else "square" if index in chart.broken else "circle")
        urls.append(reverse("mes:check_result", args=[group.result_id]))
    return _drawing(control.points, lines, shapes, said, urls, HEIGHT, one)


def ranges_drawn(chart: ControlChart) -> Drawing | None:
    """Ranges, or moving ranges, with their limits."""
    control, one = chart.control, chart.characteristic
    if control is None:
        return None
    of = control.of_ranges
    lines = [(of.upper, "control", _("UCL")), (of.centre, "centre", _("Mean"))]
    if of.lower:
        lines.append((of.lower, "control", _("LCL")))
    shapes = ["square" if value > of.upper or value < of.lower else "circle" for value in control.ranges]
    groups = chart.subgroups[len(chart.subgroups) - len(control.ranges) :]
    said = [f"{group.work_order}: {shown(value, one)}" for group, value in zip(groups, control.ranges, strict=True)]
    urls = [reverse("mes:check_result", args=[group.result_id]) for group in groups]
    return _drawing(control.ranges, lines, shapes, said, urls, LOW, one)


def _drawing(
    values: Sequence[float],
    lines: Sequence[tuple[float, str, str]],
    shapes: Sequence[str],
    said: Sequence[str],
    urls: Sequence[str],
    height: float,
    one: Characteristic,
) -> Drawing:
    every = [*values, *(value for value, _kind, _word in lines)]
    low, high = min(every), max(every)
    room = (high - low) or 1.0

    def y(value: float) -> float:
        return round(TOP + (height - 2 * TOP) * (high - value) / room, 1)

    step = (WIDTH - LEFT - RIGHT) / max(1, len(values) - 1)
    points = [
        Point(round(LEFT + index * step, 1), y(value), *rest)
        for index, (value, *rest) in enumerate(zip(values, shapes, said, urls, strict=True))
    ]
    drawn, last = [], -100.0
    for value, kind, word in sorted(lines, key=lambda line: -line[0]):
        last = max(y(value) + 4, last + 13)  # words of neighbouring limits do not lie on one another
        drawn.append(Line(y(value), kind, word, shown(value, one), round(last, 1)))
    return Drawing(height, points, " ".join(f"{'L' if n else 'M'}{p.x} {p.y}" for n, p in enumerate(points)), drawn)


def table(chart: ControlChart) -> list[dict[str, Any]]:
    """The same as a table, newest first."""
    one, control = chart.characteristic, chart.control
    rows = []
    for index, group in enumerate(chart.subgroups):
        mean = sum(group.values) / len(group.values)
        rows.append(
            {
                "group": group,
                "values": ", ".join(f"{value:.{one.decimals}f}" for value in group.values),
                "mean": shown(mean, one),
                "range": shown(max(group.values) - min(group.values), one) if len(group.values) > 1 else "",
                "rules": [spc.NAMES[rule] for rule in chart.broken.get(index, [])] if control else [],
                "url": reverse("mes:check_result", args=[group.result_id]),
            }
        )
    return rows[::-1]
