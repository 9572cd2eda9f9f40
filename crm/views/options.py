"""How the answer to a rush request looks: option cards side by side."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext as _n

from crm.models import RushOption, RushPart
from crm.selectors.fit import best_fit
from masterdata import shown

HARDLY_MIN = 60
"""What an order gains below that is not worth making others later."""


@dataclass(frozen=True)
class VictimShown:
    """An order that the option makes later, from when to when."""

    number: str
    customer: str
    url: str
    old_at: dt.datetime
    new_at: dt.datetime
    promised_at: dt.datetime | None = None

    @property
    def late(self) -> str:
        """How late it becomes against what its customer was promised; empty when it stays in time."""
        days = shown.days_late(self.promised_at, self.new_at) if self.promised_at is not None else None
        if days is None or self.promised_at is None or self.new_at <= self.promised_at:
            return ""
        if days > 0:
            return _n("%(n)d day late", "%(n)d days late", days) % {"n": days}
        return _("%(time)s late") % {
            "time": shown.duration(int((self.new_at - self.promised_at).total_seconds() // 60))
        }

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
    """One option: `days` after the wanted day (negative: before); `margin_change` against the margin without any rush,
    `margin_amount` the same in money. `approval` says why somebody has to approve it."""

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
    parts: Sequence[RushPart] = ()
    bound_at: dt.datetime | None = None
    lever: str = ""
    margin_amount: Decimal | None = None
    moved_count: int = 0
    sure_percent: int | None = None
    sure_why: str = ""
    p50_at: dt.datetime | None = None
    p90_at: dt.datetime | None = None
    approval: str = ""

    @property
    def bars(self) -> list[bool]:
        """Sureness as ten bars."""
        return [number * 10 < (self.sure_percent or 0) for number in range(10)]

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


def cards_of(
    options: Sequence[Any],
    wanted_on: dt.date,
    *,
    sees_cost: bool,
    base_margin: Decimal | None = None,
    approvals: Mapping[str, str] | None = None,
) -> list[OptionCard]:
    """The cards, from stored options or from an answer of planning: both carry the same names.

    `base_margin` is the percentage without any rush; `approvals` says by key why an option has to be approved.
    """
    approvals = approvals or {}
    best = best_fit(options, wanted_on)
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
            margin_change=_change(one, base_margin) if sees_cost else None,
            margin_amount=-one.extra_cost if sees_cost and one.is_possible else None,
            victims=_victims(one),
            drivers=_drivers(one) if sees_cost else (),
            ask_first=getattr(one, "ask_first", ""),
            rest_at=getattr(one, "rest_at", None),
            parts=list(one.parts.all()) if isinstance(one, RushOption) else (),
            bound_at=getattr(one, "bound_at", None),
            lever=getattr(one, "lever", ""),
            moved_count=one.moved_count,
            sure_percent=getattr(one, "sure_percent", None),
            sure_why=getattr(one, "sure_why", ""),
            p50_at=getattr(one, "p50_at", None),
            p90_at=getattr(one, "p90_at", None),
            approval=approvals.get(one.key, ""),
        )
        for one in options
    ]


def _change(option: Any, base_margin: Decimal | None) -> Decimal | None:
    """Points of margin that it costs, or wins."""
    if base_margin is None or option.margin_percent is None or not option.is_possible:
        return None
    return option.margin_percent - base_margin


def _drivers(option: Any) -> list[tuple[str, Decimal]]:
    """What it costs more and for what, when it is more than one sum says."""
    if not isinstance(option, RushOption):
        return []
    return [(one.text, one.amount) for one in option.drivers.all()]


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
            one.promised_at,
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


def standing(cards: Sequence[OptionCard], now_at: dt.datetime | None) -> str:
    """What an order that is to come earlier gains by the best card against the plan as it is."""
    if now_at is None:
        return ""
    said = [_("As planned now: %(when)s.") % {"when": shown.when(now_at)}]
    best = next((card for card in cards if card.is_best), None)
    gain = dt.timedelta(0) if best is None or best.deliver_at is None else now_at - best.deliver_at
    minutes = int(gain.total_seconds() // 60)
    if best is None or minutes <= 0:
        said.append(_("Nothing here is earlier: leave it as it is."))
    else:
        said.append(_("%(key)s brings it %(time)s earlier.") % {"key": best.key, "time": shown.duration(minutes)})
    if best is not None and best.victims and 0 < minutes < HARDLY_MIN:
        said.append(_("That is little for %(harm)s: leave it as it is.") % {"harm": best.harm})
    return " ".join(said)
