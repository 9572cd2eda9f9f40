"""How the answer to a rush request looks: option cards side by side, and all dates on one axis."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext as _n

from crm.models import RushOption
from crm.selectors.fit import best_fit
from masterdata import shown

ROW = 28
TOP = 16
MOST_LABELS = 14
MOST_ON_A_TABLET = 10
MOST_ON_A_PHONE = 5
DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class VictimShown:
    """An order that the option makes later, from when to when."""

    number: str
    customer: str
    url: str
    old_at: dt.datetime
    new_at: dt.datetime

    @property
    def dates(self) -> tuple[str, str]:
        """From when to when; the hours when it is the same day."""
        show = shown.clock if shown.days_late(self.old_at, self.new_at) == 0 else shown.day
        return shown.when(self.old_at) if show is shown.clock else shown.day(self.old_at), show(self.new_at)

    @property
    def said(self) -> str:
        days = shown.days_late(self.old_at, self.new_at) or 0
        if days > 0:
            return _n("%(n)d day later", "%(n)d days later", days) % {"n": days}
        return _("%(time)s later") % {"time": shown.duration(int((self.new_at - self.old_at).total_seconds() // 60))}


@dataclass(frozen=True)
class OptionCard:
    """One option: `days` after the wanted day (negative: before); `margin_change` against the best margin."""

    pk: int | None
    key: str
    label: str
    is_possible: bool
    is_best: bool
    state: str
    deliver_at: dt.datetime | None
    days: int | None
    cause: str
    extra_cost: Decimal | None
    margin_percent: Decimal | None
    margin_change: Decimal | None
    victims: Sequence[VictimShown]
    drivers: Sequence[tuple[str, Decimal]] = ()
    ask_first: str = ""
    rest_at: dt.datetime | None = None
    rest_qty: Decimal | None = None
    bound_at: dt.datetime | None = None

    @property
    def proof(self) -> str:
        """What is known of anything earlier with nobody moved: that there is none, or from when on there may be."""
        if self.bound_at is None or self.deliver_at is None:
            return ""
        if self.bound_at >= self.deliver_at:
            return _("Proved: nothing earlier without moving others")
        return _("Without moving others not before %(when)s in any way") % {"when": shown.when(self.bound_at)}

    @property
    def is_marked(self) -> bool:
        """The card that stands out: the one that was taken, else the best while one may be taken."""
        is_open = self.state == RushOption.State.OPEN
        return self.state == RushOption.State.TAKEN or (self.is_best and is_open)

    @property
    def tone(self) -> str:
        if self.days is None:
            return "planned"
        return "done" if self.days <= 0 else "risk" if self.days == 1 else "late"

    @property
    def icon(self) -> str:
        return {"done": "circle-check", "risk": "alert-triangle", "late": "clock-exclamation"}.get(self.tone, "circle")

    @property
    def said(self) -> str:
        days = self.days or 0
        if days == 0:
            return _("as asked")
        if days > 0:
            return _n("%(n)d day after", "%(n)d days after", days) % {"n": days}
        return _n("%(n)d day before", "%(n)d days before", -days) % {"n": -days}

    @property
    def harm(self) -> str:
        count = len({victim.number for victim in self.victims})
        return _n("%(n)d order later", "%(n)d orders later", count) % {"n": count} if count else _("Nobody")


def cards_of(options: Sequence[Any], wanted_on: dt.date, *, sees_cost: bool) -> list[OptionCard]:
    """The cards, from stored options or from an answer of planning: both carry the same names."""
    best = best_fit(options, wanted_on)
    margins = [one.margin_percent for one in options if one.is_possible and one.margin_percent is not None]
    return [
        OptionCard(
            pk=getattr(one, "pk", None),
            key=one.key,
            label=one.label,
            is_possible=one.is_possible,
            is_best=one is best,
            state=getattr(one, "state", RushOption.State.OPEN),
            deliver_at=one.deliver_at,
            days=shown.days_late(wanted_on, one.deliver_at),
            cause=one.cause,
            extra_cost=one.extra_cost if sees_cost else None,
            margin_percent=one.margin_percent if sees_cost else None,
            margin_change=one.margin_percent - max(margins)
            if sees_cost and margins and one.margin_percent is not None
            else None,
            victims=_victims(one),
            drivers=_drivers(one) if sees_cost else (),
            ask_first=getattr(one, "ask_first", ""),
            rest_at=getattr(one, "rest_at", None),
            rest_qty=_rest_of(one),
            bound_at=getattr(one, "bound_at", None),
        )
        for one in options
    ]


def _drivers(option: Any) -> list[tuple[str, Decimal]]:
    """What it costs more and for what, when it is more than one sum says."""
    if not isinstance(option, RushOption):
        return []
    return [(one.text, one.amount) for one in option.drivers.all()]


def _rest_of(option: Any) -> Decimal | None:
    first = getattr(option, "first_qty", None)
    return None if first is None else option.request.quantity - first


def _victims(option: Any) -> list[VictimShown]:
    if not isinstance(option, RushOption):
        return [VictimShown(one.order_number, "", "", one.old_end_at, one.new_end_at) for one in option.victims]
    return [
        VictimShown(
            one.order_line.order.number,
            one.order_line.order.customer.name,
            reverse("erp:order", args=[one.order_line.order_id]),
            one.old_end_at,
            one.new_end_at,
        )
        for one in option.victims.all()
    ]


def verdict(cards: Sequence[OptionCard], wanted_on: dt.date) -> tuple[str, str, str]:
    """Can we promise this? The answer in one word, the rest of the sentence, and its tone."""
    best = next((card for card in cards if card.is_best), None)
    if best is None:
        return _("No."), _("Planning finds no date for it."), "late"
    rest = _("%(day)s, and nobody is later for it.") if not best.victims else _("%(day)s, with %(harm)s.")
    said = rest % {"day": shown.day(best.deliver_at), "harm": best.harm}
    if (best.days or 0) > 0:
        return _("Not by %(day)s.") % {"day": shown.day(wanted_on)}, _("Best is %(rest)s") % {"rest": said}, best.tone
    return (_("Yes, if others move:"), said, "risk") if best.victims else (_("Yes:"), said, "done")


@dataclass(frozen=True)
class Ruler:
    """All dates on one axis; positions in percent of the width, as text for SVG."""

    days: Sequence[tuple[str, str, str, bool, bool, bool]]  # left, middle, label, weekend, not on a phone, nor a tablet
    width: str
    wanted: str
    wanted_label_end: bool
    wanted_on: dt.date
    pins: Sequence[tuple[OptionCard, str, int]]  # card, left, top
    height: int


def ruler(cards: Sequence[OptionCard], wanted_on: dt.date) -> Ruler | None:
    """From today, or the earliest date if that is before, to the day after the last date."""
    dated = [(card, timezone.localtime(card.deliver_at)) for card in cards if card.deliver_at is not None]
    if not dated:
        return None
    dates = [wanted_on, *(at.date() for _card, at in dated)]
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
        pins=[
            (card, left((at.date() - first).days + (at.hour * 60 + at.minute) / 1440), TOP + ROW * number)
            for number, (card, at) in enumerate(dated)
        ],
        height=TOP + ROW * len(dated) + 4,
    )
