"""The shifts of people: paid breaks, and when somebody is expected."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from masterdata.models import Calendar, Employee, Plant, Shift, WorkCentre
from masterdata.worktime import Interval, instant
from mes.labour import Presence

DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Turn:
    """A shift on a day, in UTC."""

    name: str
    starts_at: dt.datetime
    ends_at: dt.datetime


def calendar_of(person: Employee) -> Calendar:
    """The person's own, else the plant's."""
    return person.calendar or person.plant.calendar


def calendar_of_plant(plant: Plant) -> Calendar:
    """By which most of the plant's work centres work, else the plant's own."""
    by_use = Counter(WorkCentre.objects.filter(plant=plant).order_by("pk").values_list("calendar", flat=True))
    return Calendar.objects.get(pk=by_use.most_common(1)[0][0]) if by_use else plant.calendar


def turns(calendar: Calendar, first: dt.date, last: dt.date, shifts: Iterable[Shift] | None = None) -> list[Turn]:
    """The shifts that begin on these days of the calendar's zone, holidays left out, in order."""
    zone = ZoneInfo(calendar.time_zone)
    weekly = list(calendar.shifts.all() if shifts is None else shifts)
    rows = calendar.exceptions.filter(is_working=False, starts=None, on__gte=first, on__lte=last)
    closed = set(rows.values_list("on", flat=True))
    found = [
        Turn(one.name, *span(on, one.starts, one.ends, zone))
        for on in (first + DAY * count for count in range((last - first).days + 1))
        for one in weekly
        if one.weekday == on.weekday() and on not in closed
    ]
    return sorted(found, key=lambda one: one.starts_at)


def span(on: dt.date, starts: dt.time, ends: dt.time, zone: ZoneInfo) -> Interval:
    """The wall times of a day as instants; an end that is not after the start is on the next day."""
    until = on + DAY if ends <= starts else on
    return instant(dt.datetime.combine(on, starts), zone), instant(dt.datetime.combine(until, ends), zone)


def turn_at(calendar: Calendar, at: dt.datetime) -> Turn | None:
    """The shift that is on, else the last one that was, within two weeks."""
    today = at.astimezone(ZoneInfo(calendar.time_zone)).date()
    found = [one for one in turns(calendar, today - 14 * DAY, today) if one.starts_at <= at]
    on = [one for one in found if at < one.ends_at]
    return (on or found)[-1] if found else None


def turn_after(calendar: Calendar, at: dt.datetime) -> Turn | None:
    """The first shift that begins then or later, within two weeks."""
    today = at.astimezone(ZoneInfo(calendar.time_zone)).date()
    return next((one for one in turns(calendar, today - DAY, today + 14 * DAY) if one.starts_at >= at), None)


def paid_breaks(person: Employee, presence: Presence) -> list[Interval]:
    """The paid breaks of the person's calendar on the days of a presence."""
    calendar = calendar_of(person)
    zone = ZoneInfo(calendar.time_zone)
    last = presence.until or presence.breaks[-1].until or presence.breaks[-1].since
    first = presence.since.astimezone(zone).date() - DAY
    days = (last.astimezone(zone).date() - first).days + 1
    rows = _paid(calendar.pk)
    return [
        span(first + DAY * count, starts, ends, zone)
        for count in range(days)
        for weekday, begins, starts, ends in rows
        if weekday == _shift_day(first + DAY * count, starts, begins)
    ]


def _shift_day(on: dt.date, starts: dt.time, begins: dt.time) -> int:
    """The weekday of the shift whose break is on this day: yesterday's when it comes after midnight."""
    return (on if starts >= begins else on - DAY).weekday()


def _paid(calendar_id: int) -> list[tuple[int, dt.time, dt.time, dt.time]]:
    rows = Shift.objects.filter(calendar_id=calendar_id, breaks__is_paid=True)
    return list(rows.values_list("weekday", "starts", "breaks__starts", "breaks__ends"))
