"""Working days of a plant: a day counts when its calendar has a shift that begins on it; without shifts every day."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo

from masterdata.models import Plant
from masterdata.worktime import WorkPattern, patterns

AHEAD = 3 * 366
DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Days:
    """The plant's today and its working days from then on, for three years; later every day works."""

    today: dt.date
    zone: str
    working: Sequence[dt.date]

    def place(self, day: dt.date) -> int:
        """Which working day it is, counted from today's 0; the last one before it when it is none. Below 0: passed."""
        if day < self.today:
            return (day - self.today).days
        if day > self.working[-1]:
            return len(self.working) - 1 + (day - self.working[-1]).days
        return bisect_right(self.working, day) - 1

    def at(self, place: int) -> dt.date:
        """The working day of that number; a number below 0 is so many days before today."""
        if place < 0:
            return self.today + place * DAY
        if place >= len(self.working):
            return self.working[-1] + (place - len(self.working) + 1) * DAY
        return self.working[place]

    def before(self, day: dt.date, count: int) -> dt.date:
        """`count` working days before a day: none of them before the day itself, which stays as it is."""
        return day if count == 0 else self.at(self.place(day) - count)

    def after(self, day: dt.date, count: int) -> dt.date:
        """`count` working days after the first working day from `day` on."""
        return self.at(self.first(day) + count)

    def first(self, day: dt.date) -> int:
        """The number of the first working day from `day` on."""
        found = bisect_left(self.working, max(day, self.today))
        return found if found < len(self.working) else self.place(day)


def days_of(plant: Plant, now: dt.datetime) -> Days:
    """The plant's days as of `now`."""
    today = now.astimezone(ZoneInfo(plant.time_zone)).date()
    pattern = patterns([plant.calendar_id])[plant.calendar_id]
    return Days(today, plant.time_zone, _working(pattern, today))


@lru_cache(maxsize=64)
def _working(pattern: WorkPattern, today: dt.date) -> tuple[dt.date, ...]:
    """Equal calendars have equal days: a change of the calendar is another pattern."""
    whole = [today + count * DAY for count in range(AHEAD)]
    weekdays = {shift.weekday for shift in pattern.shifts}
    if not weekdays:
        return tuple(whole)
    closed = {day.on for day in pattern.days if not day.is_working and day.starts is None}
    extra = {day.on for day in pattern.days if day.is_working}
    return tuple(day for day in whole if day in extra or (day.weekday() in weekdays and day not in closed)) or (today,)
