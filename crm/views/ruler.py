"""All dates of an answer to a rush request on one axis."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone

from crm.views.options import OptionCard
from masterdata import shown

ROW = 28
TOP = 16
MOST_LABELS = 14
MOST_ON_A_TABLET = 10
MOST_ON_A_PHONE = 4
DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Ruler:
    """All dates on one axis; positions in percent of the width, as text for SVG."""

    days: Sequence[tuple[str, str, str, bool, bool, bool]]  # left, middle, label, weekend, not on a phone, nor a tablet
    width: str
    wanted: str
    wanted_label_end: bool
    wanted_on: dt.date
    pins: Sequence[tuple[OptionCard, str, int]]  # card, left, top
    bands: Sequence[tuple[OptionCard, str, str, int]]  # card, left, width, top
    height: int


def ruler(cards: Sequence[OptionCard], wanted_on: dt.date) -> Ruler | None:
    """From today, or the earliest date if that is before, to the day after the last date."""
    dated = [(card, timezone.localtime(card.deliver_at)) for card in cards if card.deliver_at is not None]
    if not dated:
        return None
    ends = [timezone.localtime(card.p90_at).date() for card, _at in dated if card.p90_at is not None]
    dates = [wanted_on, *(at.date() for _card, at in dated), *ends]
    first = min(*dates) - DAY
    count = max((max(dates) - first).days + 2, 7)
    step = -(-count // MOST_LABELS)
    wide_step = step * -(-count // (step * MOST_ON_A_PHONE))
    inset = wide_step // step // 2 * step  # so that no label of a phone leaves the panel

    def left(days: float) -> str:
        return f"{100 * days / count:.3f}%"

    columns = [first + number * DAY for number in range(count)]
    asked = (wanted_on - first).days + 1
    return Ruler(
        days=[
            (
                left(n),
                left(n + 0.5),
                "" if n % step else shown.day(day),
                day.weekday() >= 5,
                n % wide_step != inset or n >= count - inset,
                n // step % 2 == 1 and count > MOST_ON_A_TABLET,
            )
            for n, day in enumerate(columns)
        ],
        width=left(1),
        wanted=left(asked),
        wanted_label_end=asked > count * 0.7,
        wanted_on=wanted_on,
        pins=[(card, left(_days_from(first, at)), TOP + ROW * number) for number, (card, at) in enumerate(dated)],
        bands=[_band(card, first, count, TOP + ROW * number) for number, (card, _) in enumerate(dated) if card.p90_at],
        height=TOP + ROW * len(dated) + 4,
    )


def _days_from(first: dt.date, at: dt.datetime) -> float:
    return (at.date() - first).days + (at.hour * 60 + at.minute) / 1440


def _band(card: OptionCard, first: dt.date, count: int, top: int) -> tuple[OptionCard, str, str, int]:
    """From where it is as likely as not to where nine of ten have come; never narrower than a line."""
    begin, end = (_days_from(first, timezone.localtime(at)) for at in (card.p50_at, card.p90_at) if at is not None)
    begin, end = min(begin, end), max(begin, end)
    return card, f"{100 * begin / count:.3f}%", f"{max(100 * (end - begin) / count, 0.2):.3f}%", top
