"""The line: the nine stations every quote and order passes, as data that a rail draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.utils.translation import ngettext as _n

STATION_LABELS = {
    "quoted": gettext_lazy("Quoted"),
    "confirmed": gettext_lazy("Confirmed"),
    "material": gettext_lazy("Material"),
    "scheduled": gettext_lazy("Scheduled"),
    "in_production": gettext_lazy("In production"),
    "ready": gettext_lazy("Ready"),
    "shipped": gettext_lazy("Shipped"),
    "invoiced": gettext_lazy("Invoiced"),
    "paid": gettext_lazy("Paid"),
}
STATION_KEYS = tuple(STATION_LABELS)
BESIDE_PRODUCTION = {"material", "scheduled"}


@dataclass(frozen=True, slots=True)
class Station:
    """One station of an order.

    `percent` is what is done (0 to 100), `planned_percent` what the plan has by now, `late` says that the station will
    be reached after the promise, `is_now` that the order waits here (else the rail finds out by itself).
    """

    key: str
    label: str = ""
    percent: Decimal | int = 0
    at: datetime | None = None
    planned_percent: int | None = None
    late: bool = False
    note: str = ""
    held: bool = False
    is_now: bool = False
    url: str = ""

    @property
    def title(self) -> str:
        return self.label or str(STATION_LABELS.get(self.key, self.key))

    @property
    def is_done(self) -> bool:
        return self.percent >= 100

    @property
    def is_behind(self) -> bool:
        return self.planned_percent is not None and self.planned_percent > self.percent


@dataclass(frozen=True, slots=True)
class OperationBar:
    """One operation of a work order on its rail; `tone` is done, running, late, held or planned."""

    label: str
    percent: Decimal | int
    tone: str = "planned"


def station_now(stations: Sequence[Station]) -> Station | None:
    """The station where the order is: the marked one, else the first unfinished.

    Material and scheduling run beside production, so once that has begun they no longer count as "now".
    """
    for station in stations:
        if station.is_now:
            return station
    has_begun = any(s.key == "in_production" and s.percent > 0 for s in stations)
    for station in stations:
        if not station.is_done and not (has_begun and station.key in BESIDE_PRODUCTION):
            return station
    return stations[-1] if stations else None


def caption(stations: Sequence[Station]) -> str:
    """One line under a small rail: where the order is and how far."""
    station = station_now(stations)
    if station is None:
        return ""
    if station.held:
        return _("Held, %(station)s %(percent)d %%") % {
            "station": station.title.lower(),
            "percent": station.percent,
        }
    if station.is_done:
        return station.title
    return _("%(station)s %(percent)d %%") % {"station": station.title, "percent": station.percent}


def spoken(stations: Sequence[Station]) -> str:
    """The whole rail as a sentence for those who do not see it."""
    done = [s.title for s in stations if s.is_done]
    under_way = [f"{s.title} {int(s.percent)} %" for s in stations if 0 < s.percent < 100]
    late = [s.title for s in stations if s.late]
    parts = []
    if done:
        parts.append(_("done: %(names)s") % {"names": ", ".join(done)})
    if under_way:
        parts.append(_("under way: %(names)s") % {"names": ", ".join(under_way)})
    if late:
        parts.append(_n("late: %(names)s", "late: %(names)s", len(late)) % {"names": ", ".join(late)})
    return "; ".join(parts) or _("nothing done yet")
