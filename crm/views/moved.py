"""How far a date moved, in words: days of the plant, or hours and minutes on the same day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext as _n

from crm.models import NoticeLine
from masterdata import shown


def moved(lines: Iterable[NoticeLine]) -> str:
    """How far the line moved that moved most; empty when none did."""
    worst = max(lines, key=lambda line: (abs(_days(line)), abs(_by(line))), default=None)
    if worst is None or not _by(worst):
        return ""
    days, minutes = _days(worst), int(_by(worst).total_seconds() // 60)
    if days > 0:
        return _n("%(n)d day later", "%(n)d days later", days) % {"n": days}
    if days < 0:
        return _n("%(n)d day earlier", "%(n)d days earlier", -days) % {"n": -days}
    if minutes % 60:
        said = _("%(time)s later") if minutes > 0 else _("%(time)s earlier")
        return said % {"time": shown.duration(abs(minutes))}
    hours = minutes // 60
    if hours > 0:
        return _n("%(n)d hour later", "%(n)d hours later", hours) % {"n": hours}
    return _n("%(n)d hour earlier", "%(n)d hours earlier", -hours) % {"n": -hours}


def _by(line: NoticeLine) -> dt.timedelta:
    return line.promise.promised_at - line.before.promised_at


def _days(line: NoticeLine) -> int:
    zone = ZoneInfo(line.order_line.plant.time_zone)
    after, before = (one.promised_at.astimezone(zone).date() for one in (line.promise, line.before))
    return (after - before).days
