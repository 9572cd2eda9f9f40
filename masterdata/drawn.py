"""Small pieces of markup drawn in Python because lists draw them by the hundred: icons, chips, rails, bars."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from masterdata import access, line, shown, states
from masterdata.line import OperationBar, Station
from masterdata.markup import escaped, filled

RAIL_WIDTH = 126
GAP = 2
FILLS = {tone: f"f-{tone}" for tone in ("planned", "running", "done", "risk", "late", "held", "brand")}
LEAST_RED = 4  # pixels of a small rail: less is not seen


@lru_cache(maxsize=1024)
def icon(name: str, css: str = "") -> SafeString:
    """The inner paths of an outline icon in our own svg element. An unknown name is a bug of the template."""
    path = Path(settings.NODE_MODULES) / "@tabler" / "icons" / "icons" / "outline" / f"{name}.svg"
    paths = re.findall(r"<(?:path|circle|rect|line)[^>]*/>", path.read_text())
    shapes = "".join(p for p in paths if "M0 0h24v24H0z" not in p)
    return filled(
        '<svg class="ic{}" viewBox="0 0 24 24" aria-hidden="true">{}</svg>',
        f" {css}" if css else "",
        mark_safe(shapes),  # noqa: S308 - read from the icon package, never from a person
    )


def chip(state: str, label: Any = "") -> SafeString:
    look = states.look(state)
    return tone_chip(look.tone, look.icon, label or state.replace("_", " ").capitalize())


def tone_chip(tone: str, icon_name: str, label: Any) -> SafeString:
    return filled('<span class="st st-{}">{}{}</span>', tone, icon(icon_name), label)


def dash(reason: Any = "") -> SafeString:
    if not reason:
        return mark_safe('<span class="t3">–</span>')
    return filled('<span class="t3" title="{}">–<span class="sr">{}</span></span>', reason, reason)


def document(url: str, number: str, user: Any) -> SafeString:
    """A document's number, as a link for who may open it."""
    if access.opens(user, url):
        return filled('<a class="link tl-code" href="{}">{}</a>', url, number)
    return filled('<span class="tl-code">{}</span>', number)


def timed(value: date | datetime | None, text: str, empty: Any = "") -> SafeString:
    if value is None:
        return dash(empty)
    stamp = timezone.localtime(value) if isinstance(value, datetime) and timezone.is_aware(value) else value
    return filled('<time datetime="{}">{}</time>', stamp.isoformat(), text)


def late(due: date | datetime | None, expected: date | datetime | None) -> SafeString:
    if due is None or expected is None:
        return dash(_("No date yet"))
    tone = "late" if shown.is_late(due, expected) else "done"
    return filled('<span class="c-{} w5">{}</span>', tone, shown.lateness(due, expected))


def bar(percent: Decimal | int | None, tone: str = "brand", label: str = "") -> SafeString:
    width = _within(percent)
    return filled(
        '<svg class="bar" role="img" aria-label="{}" height="7">'
        '<rect class="f-rest" width="100%" height="7"/><rect class="f-{}" width="{}%" height="7"/></svg>',
        label or f"{width} %",
        tone,
        width,
    )


def rail_small(stations: Sequence[Station], *, with_caption: bool = True) -> SafeString:
    """Nine segments; red from what is done to what the plan has, at least 4 px; pale red: reached after the promise."""
    width = _segment_width(len(stations))
    segments = []
    for index, station in enumerate(stations):
        left = index * (width + GAP)
        done = width * _within(station.percent) / 100
        behind = 0.0
        if station.is_behind:
            behind = max(width * _within(station.planned_percent) / 100 - done, LEAST_RED)
        rest = "f-rail-late" if station.late else "f-rest"
        title = f"{station.title} {int(station.percent)} %"
        segments.append(
            _segment(
                title,
                _rect(rest, left, width),
                _rect("f-held" if station.held else "f-brand", left, done),
                _rect("f-late", left + done, min(behind, width - done)),
            )
        )
    text = line.caption(stations)
    under = filled('<span class="rail-cap">{}</span>', text) if with_caption else ""
    return _small(segments, f"{text}. {line.spoken(stations)}", under)


def rail_operations(bars: Sequence[OperationBar], label: str = "") -> SafeString:
    width = _segment_width(max(len(bars), 1))
    titles = [f"{one.label} {int(one.percent)} %" for one in bars]
    segments = [
        _segment(
            titles[index],
            _rect("f-rest", index * (width + GAP), width),
            _rect(FILLS.get(one.tone, "f-planned"), index * (width + GAP), width * _within(one.percent) / 100),
        )
        for index, one in enumerate(bars)
    ]
    spoken = label or ", ".join(titles)
    return _small(segments, spoken, "")


@dataclass(frozen=True, slots=True)
class Stop:
    """A station as the large rail draws it: what is done, then in red what the plan has beyond that, in percent."""

    station: Station
    icon: str
    css: str
    done: float
    behind: float
    fill: str
    rest: str
    date: str


def stops(stations: Sequence[Station]) -> list[Stop]:
    now = line.station_now(stations)
    return [_stop(station, is_now=station is now) for station in stations]


def _stop(station: Station, *, is_now: bool) -> Stop:
    done = _within(station.percent)
    behind = max(_within(station.planned_percent) - done, 0.0) if station.is_behind else 0.0
    if station.is_done:
        look, css = ("circle-check", "is-done")
    elif station.held:
        look, css = ("hand-stop", "is-held")
    elif station.late:
        look, css = ("clock-exclamation", "is-late")
    elif done or is_now:
        look, css = ("progress", "is-behind" if station.is_behind else "is-under-way")
    else:
        look, css = ("circle", "is-to-come")
    return Stop(
        station=station,
        icon=look,
        css=f"{css} is-now" if is_now else css,
        done=done,
        behind=behind,
        fill="f-held" if station.held else "f-brand",
        rest="f-rail-late" if station.late else "f-rest",
        date=shown.day(station.at) if station.at else "",
    )


def _small(segments: list[SafeString], label: str, under: Any) -> SafeString:
    return filled(
        '<span class="rail-small"><svg class="rail7" viewBox="0 0 {} 7" preserveAspectRatio="none" role="img" '
        'aria-label="{}">{}</svg>{}</span>',
        RAIL_WIDTH,
        label,
        mark_safe("".join(segments)),  # noqa: S308 - segments are safe already
        under,
    )


def _segment_width(count: int) -> float:
    return (RAIL_WIDTH - GAP * (count - 1)) / count if count else RAIL_WIDTH


def _rect(fill: str, x: float, width: float) -> str:
    """Drawn a thousand times on a list: put together of our own words and numbers, so nothing needs escaping."""
    return f'<rect class="{fill}" x="{x:.2f}" width="{width:.2f}" height="7"/>' if width > 0 else ""


def _segment(title: str, *shapes: str) -> SafeString:
    return mark_safe(f"<g><title>{escaped(title)}</title>{''.join(shapes)}</g>")  # noqa: S308 - the one text is escaped


def _within(percent: Decimal | int | None) -> float:
    return float(min(max(percent or 0, 0), 100))
