"""A machine's ribbon as rectangles: height says the state as well as colour; orders below, hours between."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from masterdata import shown
from mes.losses import key_of, parts
from mes.oee import Period
from mes.selectors import Stay

WIDTH, GROUND = 1104, 78
HEIGHTS = {
    "producing": 50,
    "setup": 50,
    "stopped": 60,
    "fault": 60,
    "idle": 26,
    "off": 26,
    "maintenance": 50,
    "unknown": 60,
}
LABELLED_MIN = 20
LETTER = 6.4  # pixels, about
STEPS_H = (1, 2, 3, 6, 12, 24, 48)
MOST_TICKS = 10
WORDS = {
    "producing": gettext_lazy("Producing"),
    "setup": gettext_lazy("Setup"),
    "stopped": gettext_lazy("Stopped"),
    "fault": gettext_lazy("Breakdown"),
    "idle": gettext_lazy("No order"),
    "off": gettext_lazy("Off"),
    "maintenance": gettext_lazy("Maintenance"),
    "unknown": gettext_lazy("No data"),
}


@dataclass(frozen=True, slots=True)
class Bar:
    """One rectangle, in units of the view box; `key` is its loss, for the filter."""

    x: float
    y: int
    width: float
    height: int
    state: str
    key: str
    title: str
    stay: Stay | None = None


@dataclass(frozen=True, slots=True)
class Label:
    """A word over, under or beside the bars."""

    x: float
    text: str
    anchor: str = "middle"
    tone: str = ""
    url_stay: int | None = None
    width: float = 0


@dataclass(frozen=True, slots=True)
class Ribbon:
    """What the template draws."""

    bars: Sequence[Bar]
    labels: Sequence[Label]
    ticks: Sequence[Label]
    orders: Sequence[Label]
    now_x: float | None


def drawn(stays: Sequence[Stay], calendar: Sequence[Period], period: Period, now: dt.datetime) -> Ribbon:
    """The ribbon of a period; after `now` nothing is known and nothing drawn."""
    scale = WIDTH / (period[1] - period[0]).total_seconds()

    def x_of(at: dt.datetime) -> float:
        return round((at - period[0]).total_seconds() * scale, 1)

    known = (period[0], min(period[1], now))
    bars, labels = list[Bar](), list[Label]()
    for gap in _without_data(stays, calendar, known):
        bars.append(_bar(x_of, gap, "unknown", "unknown", _("No data"), None))
    for stay in stays:
        key = key_of(stay)
        pieces = parts(stay, calendar, known) if stay.state != "unknown" else _cut(calendar, stay, known)
        for piece in pieces:
            bars.append(_bar(x_of, piece, stay.state, key[0] if key else stay.state, _title(stay, piece), stay))
        if pieces and (label := _label(stay, pieces, now, x_of)):
            labels.append(label)
    return Ribbon(
        sorted(bars, key=lambda one: one.x),
        _apart(labels),
        _ticks(period, x_of),
        _orders(stays, known, x_of),
        x_of(now) if period[0] < now < period[1] else None,
    )


def _bar(x_of: Any, piece: Period, state: str, key: str, title: str, stay: Stay | None) -> Bar:
    height = HEIGHTS[state]
    x = x_of(piece[0])
    return Bar(x, GROUND - height, max(round(x_of(piece[1]) - x, 1), 1.5), height, state, key, title, stay)


def _title(stay: Stay, piece: Period) -> str:
    minutes = round((piece[1] - piece[0]).total_seconds() / 60)
    told = [
        f"{shown.clock(timezone.localtime(piece[0]))}–{shown.clock(timezone.localtime(piece[1]))}",
        shown.duration(minutes),
        str(WORDS[stay.state]),
    ]
    if stay.state in ("stopped", "fault"):
        told.append(stay.reason or _("no reason yet"))
    if stay.document:
        told.append(f"{stay.document} {stay.operation}")
    return ", ".join(told)


def _label(stay: Stay, pieces: Sequence[Period], now: dt.datetime, x_of: Any) -> Label | None:
    """Long stops, stops without a reason and the open one carry a word."""
    if stay.state == "unknown":
        return Label((x_of(pieces[0][0]) + x_of(pieces[-1][1])) / 2, _("no data"))
    if not stay.is_stop:
        return None
    minutes = round(sum((end - start).total_seconds() for start, end in pieces) / 60)
    middle = (x_of(pieces[0][0]) + x_of(pieces[-1][1])) / 2
    if stay.until is None:
        text = shown.clock(timezone.localtime(stay.since))
        return Label(middle, text, "end", "late", None if stay.reason_id else stay.id)
    if stay.reason_id is None and minutes >= 1:
        return Label(middle, _("%(time)s, why?") % {"time": shown.duration(minutes)}, url_stay=stay.id)
    if minutes >= LABELLED_MIN:
        return Label(middle, f"{shown.duration(minutes)} {stay.reason.lower()}")
    return None


def _apart(labels: Sequence[Label]) -> list[Label]:
    """Words that would lie on each other: what is open or unsaid stays, then the first."""
    kept = list[tuple[float, float]]()
    found = list[Label]()
    for one in sorted(labels, key=lambda label: (label.tone == "", label.url_stay is None, label.x)):
        width = len(one.text) * LETTER
        left = one.x - (width if one.anchor == "end" else width / 2)
        left = min(max(left, 0), WIDTH - width)
        if all(left + width + 6 < start or left > end + 6 for start, end in kept):
            kept.append((left, left + width))
            found.append(Label(left, one.text, "start", one.tone, one.url_stay, width))
    return found


def _ticks(period: Period, x_of: Any) -> list[Label]:
    hours = (period[1] - period[0]).total_seconds() / 3600
    step = next((one for one in STEPS_H if hours / one <= MOST_TICKS), STEPS_H[-1])
    at = timezone.localtime(period[0]).replace(minute=0, second=0, microsecond=0)
    found = []
    while at <= period[1]:
        at += dt.timedelta(hours=1)
        local = timezone.localtime(at)
        days = step >= 24
        if local.hour % (24 if days else step) == 0 and period[0] < at < period[1] and 24 < x_of(at) < WIDTH - 24:
            text = f"{local:%a} {local.day} {local:%b}" if local.hour == 0 else f"{local:%H:%M}"
            found.append(Label(x_of(at), text, tone="mid" if local.hour == 0 else ""))
    return found


def _orders(stays: Sequence[Stay], period: Period, x_of: Any) -> list[Label]:
    """One line per stretch of work for the same document, with its number where it fits."""
    spans = list[tuple[str, dt.datetime, dt.datetime]]()
    for stay in stays:
        start, end = max(stay.since, period[0]), min(stay.until or period[1], period[1])
        if not stay.document or start >= end:
            continue
        if spans and spans[-1][0] == stay.document and (start - spans[-1][2]).total_seconds() < 3600:
            spans[-1] = (stay.document, spans[-1][1], end)
        else:
            spans.append((stay.document, start, end))
    found = []
    for document, start, end in spans:
        width = max(x_of(end) - x_of(start) - 1, 1.5)
        fits = next((text for text in (document, document.rsplit("-", 1)[-1]) if len(text) * LETTER <= width), "")
        found.append(Label(x_of(start), fits, "start", document, width=round(width, 1)))
    return found


def _without_data(stays: Sequence[Stay], calendar: Sequence[Period], period: Period) -> list[Period]:
    """Time of the calendar before the first word of the machine."""
    first = min((stay.since for stay in stays), default=period[1])
    cut = ((max(start, period[0]), min(end, period[1], first)) for start, end in calendar)
    return [one for one in cut if one[0] < one[1]]


def _cut(calendar: Sequence[Period], stay: Stay, period: Period) -> list[Period]:
    start, end = max(stay.since, period[0]), min(stay.until or period[1], period[1])
    cut = ((max(start, begins), min(end, ends)) for begins, ends in calendar)
    return [one for one in cut if one[0] < one[1]]
