"""How values are shown to people: numbers, money, quantities, dates and lateness, as plain text."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext as _n

from masterdata import lateness as threshold

DASH = "–"
MINUS = "−"


def number(value: Decimal | int | None, places: int | None = None) -> str:
    """Thousands with commas and a true minus; without `places` trailing zeros go."""
    if value is None:
        return DASH
    amount = Decimal(value)
    if places is not None:
        amount = amount.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    text = f"{abs(amount):,f}"
    if places is None and "." in text:
        text = text.rstrip("0").rstrip(".")
    return MINUS + text if amount < 0 else text


def price(value: Decimal | None) -> str:
    """Of one unit: at least two decimals, more as far as they say something. "4.40", "0.0125"."""
    if value is None:
        return DASH
    text = number(value)
    whole, _, decimals = text.partition(".")
    return f"{whole}.{decimals:0<2}"


def plain(value: Decimal) -> str:
    """As one types it: no thousands, no trailing zeros."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def money(amount: Decimal | int | None, currency: Any = "", places: int | None = None) -> str:
    """ "EUR 149,544.00"; `currency` is a code or a currency row, whose decimals then count."""
    if amount is None:
        return DASH
    if places is None:
        places = getattr(currency, "decimals", 2)
    return f"{currency} {number(amount, places)}".strip()


def quantity(value: Decimal | int | None, unit: Any = "") -> str:
    """ "48 pcs", without trailing zeros."""
    if value is None:
        return DASH
    return f"{number(value)} {unit or ''}".strip()


def percent(value: Decimal | int | None, places: int = 0) -> str:
    return DASH if value is None else f"{number(value, places)} %"


def day(value: date | datetime | None, today: date | None = None) -> str:
    """ "Thu 26 Nov", with the year when it is another one."""
    if value is None:
        return DASH
    shown = _local_date(value)
    year = (today or timezone.localdate()).year
    return formats.date_format(shown, "D j M" if shown.year == year else "D j M Y")


def when(value: datetime | None, today: date | None = None) -> str:
    """ "Thu 26 Nov, 14:30" in the active time zone."""
    if value is None:
        return DASH
    return f"{day(value, today)}, {clock(value)}"


def clock(value: datetime | None) -> str:
    return DASH if value is None else timezone.localtime(value).strftime("%H:%M")


def clock_day(value: datetime | None, now: datetime) -> str:
    """ "08:13" today, "Wed 25 Nov, 08:13" on any other day, with the year when it is another one."""
    if value is None:
        return DASH
    today = timezone.localtime(now).date()
    return clock(value) if timezone.localtime(value).date() == today else when(value, today)


def clock_soon(value: datetime | None, now: datetime) -> str:
    """ "06:00" today, "Mon 06:00" within six days, "Mon 7 Dec, 06:00" farther away."""
    if value is None:
        return DASH
    days = abs((timezone.localtime(value).date() - timezone.localtime(now).date()).days)
    return f"{timezone.localtime(value):%a} {clock(value)}" if 0 < days < 7 else clock_day(value, now)


def clock_from(value: datetime | None, start: datetime | None, now: datetime) -> str:
    """The end of a span whose start is said: its day only when that is another one."""
    if value is None or start is None:
        return clock_soon(value, now)
    is_same_day = timezone.localtime(value).date() == timezone.localtime(start).date()
    return clock(value) if is_same_day else clock_soon(value, now)


def how_many(value: Decimal | int | None) -> int:
    """The whole number by which a word takes its plural: 1 only for exactly one."""
    amount = Decimal(value or 0)
    return int(amount) if amount == int(amount) else 2


def duration(minutes: int | None) -> str:
    """ "1 h 28 min"; days only from two days on."""
    if minutes is None:
        return DASH
    if minutes < 60:
        return _("%(min)d min") % {"min": minutes}
    if minutes < 48 * 60:
        hours, rest = divmod(minutes, 60)
        return _("%(h)d h %(min)02d min") % {"h": hours, "min": rest} if rest else _("%(h)d h") % {"h": hours}
    days = minutes // (24 * 60)
    return _n("%(n)d day", "%(n)d days", days) % {"n": days}


def ago(value: datetime | None, now: datetime) -> str:
    """ "in 3 days", "12 min ago"."""
    if value is None:
        return DASH
    seconds = (value - now).total_seconds()
    minutes = int(abs(seconds) // 60)
    if minutes == 0:
        return _("now")
    shown = {"span": duration(minutes)}
    return _("in %(span)s") % shown if seconds > 0 else _("%(span)s ago") % shown


def days_late(due: date | datetime | None, expected: date | datetime | None) -> int | None:
    """Days from due to expected, negative when early; None when either is unknown."""
    if due is None or expected is None:
        return None
    return (_local_date(expected) - _local_date(due)) // timedelta(days=1)


def is_late(due: date | datetime | None, expected: date | datetime | None) -> bool:
    """By the house's threshold between two moments, by the day when one of them is only a day."""
    if isinstance(due, datetime) and isinstance(expected, datetime):
        return threshold.is_late(due, expected)
    return (days_late(due, expected) or 0) > 0


def lateness(due: date | datetime | None, expected: date | datetime | None) -> str:
    """ "2 days late", "40 min late" on the day itself, "on the day", "3 days early"."""
    days = days_late(due, expected)
    if days is None:
        return DASH
    if is_late(due, expected):
        if days == 0 and isinstance(due, datetime) and isinstance(expected, datetime):
            return _("%(time)s late") % {"time": duration((expected - due) // timedelta(minutes=1))}
        return _n("%(n)d day late", "%(n)d days late", days) % {"n": days}
    if days >= 0:
        return _("on the day")
    return _n("%(n)d day early", "%(n)d days early", -days) % {"n": -days}


def _local_date(value: date | datetime) -> date:
    if isinstance(value, datetime):
        return timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    return value
