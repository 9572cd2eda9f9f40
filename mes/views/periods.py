"""The periods that pages about machine time offer."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mes.oee import Period

DAY = dt.timedelta(days=1)
CHOICES: dict[str, Any] = {
    "8h": _("Last 8 hours"),
    "24h": _("Last 24 hours"),
    "today": _("Today"),
    "yesterday": _("Yesterday"),
    "week": _("This week"),
    "7d": _("Last 7 days"),
    "30d": _("Last 30 days"),
}


@dataclass(frozen=True, slots=True)
class Chosen:
    """A period by name; `end` may lie ahead."""

    key: str
    start: dt.datetime
    end: dt.datetime

    @property
    def label(self) -> Any:
        return CHOICES[self.key]

    @property
    def period(self) -> Period:
        return self.start, self.end


def chosen(request: HttpRequest, now: dt.datetime, default: str = "24h") -> Chosen:
    """What `?period=` names, in the time zone that is active."""
    key = request.GET.get("period", default)
    key = key if key in CHOICES else default
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    spans = {
        "8h": (now - dt.timedelta(hours=8), now),
        "24h": (now - DAY, now),
        "today": (midnight, _next(midnight)),
        "yesterday": (_before(midnight, 1), midnight),
        "week": (_before(midnight, midnight.weekday()), now),
        "7d": (_before(midnight, 6), now),
        "30d": (_before(midnight, 29), now),
    }
    start, end = spans[key]
    return Chosen(key, start.astimezone(dt.UTC), end.astimezone(dt.UTC))


def _next(midnight: dt.datetime) -> dt.datetime:
    return _at_midnight(midnight + DAY)


def _before(midnight: dt.datetime, days: int) -> dt.datetime:
    return _at_midnight(midnight - days * DAY)


def _at_midnight(near: dt.datetime) -> dt.datetime:
    """The local midnight of the day, whatever the clock did since."""
    return timezone.make_aware(dt.datetime.combine(near.date(), dt.time(0)))
