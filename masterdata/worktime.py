"""Working time: weekly shifts in wall time, breaks, holidays and extra shifts expanded to half-open UTC intervals.

Wall times become instants first, durations are taken from instants only: a night with a clock change has 7 or 9 hours.
A wall time that the clock skips is the instant of the change; one that it shows twice is its first showing. Both are
monotone, so shifts that touch on the wall touch in UTC.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

from masterdata import statements

Interval: TypeAlias = tuple[dt.datetime, dt.datetime]
WallPeriod: TypeAlias = tuple[dt.time, dt.time]

DAY = dt.timedelta(days=1)
MINUTE = dt.timedelta(minutes=1)


@dataclass(frozen=True)
class WeeklyShift:
    """A shift of every `weekday` (0 is Monday); an end that is not after the start is on the next day.

    Its name makes no difference to when somebody works.
    """

    weekday: int
    starts: dt.time
    ends: dt.time
    breaks: tuple[WallPeriod, ...] = ()
    name: str = field(default="", compare=False)


@dataclass(frozen=True)
class DayThatDiffers:
    """A holiday (no times: shifts that begin that day do not work; with times: closed in between) or an extra shift."""

    on: dt.date
    is_working: bool
    starts: dt.time | None = None
    ends: dt.time | None = None


@dataclass(frozen=True)
class WorkPattern:
    """A calendar as plain data: equal patterns have equal working times."""

    time_zone: str
    shifts: tuple[WeeklyShift, ...]
    days: tuple[DayThatDiffers, ...] = ()


class NamedShift(NamedTuple):
    """A shift of one day."""

    starts_at: dt.datetime
    ends_at: dt.datetime
    name: str


def instant(wall: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """The UTC instant of a naive wall time; skipped times are the instant of the clock change."""
    early = wall.replace(tzinfo=zone, fold=0).astimezone(dt.UTC)
    if early.astimezone(zone).replace(tzinfo=None) == wall:
        return early
    before, after = wall.replace(tzinfo=zone, fold=1).astimezone(dt.UTC), early
    old = before.astimezone(zone).utcoffset()
    while after - before > dt.timedelta(seconds=1):
        middle = before + (after - before) // 2
        if middle.astimezone(zone).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)


def _span(on: dt.date, period: WallPeriod, zone: ZoneInfo, not_before: dt.time | None = None) -> Interval:
    """The period on that day; next day when it begins before the shift does, or ends on the next day itself."""
    starts, ends = period
    first = on + DAY if not_before is not None and starts < not_before else on
    last = first + DAY if ends <= starts else first
    return instant(dt.datetime.combine(first, starts), zone), instant(dt.datetime.combine(last, ends), zone)


def merged(intervals: Iterable[Interval]) -> list[Interval]:
    """Sorted, overlapping and touching ones joined, empty ones left out."""
    found: list[Interval] = []
    for start, end in sorted(interval for interval in intervals if interval[0] < interval[1]):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def without(intervals: Sequence[Interval], holes: Iterable[Interval]) -> list[Interval]:
    """The intervals (sorted, not overlapping) less the holes (any order)."""
    left = list(intervals)
    for begin, finish in merged(holes):
        cut: list[Interval] = []
        for start, end in left:
            cut += [part for part in ((start, min(end, begin)), (max(start, finish), end)) if part[0] < part[1]]
        left = cut
    return left


def expand(pattern: WorkPattern, start: dt.datetime, end: dt.datetime) -> list[Interval]:
    """The working intervals of [start, end): sorted, half-open, in UTC, clipped to the period."""
    zone = ZoneInfo(pattern.time_zone)
    first, last = start.astimezone(zone).date() - 2 * DAY, end.astimezone(zone).date() + DAY
    holidays = _holidays(pattern)
    work: list[Interval] = []
    for on in _days(first, last):
        if on not in holidays:
            for shift in pattern.shifts:
                if shift.weekday == on.weekday():
                    work += _worked(on, shift, zone)
    extra: list[Interval] = []
    closed: list[Interval] = []
    for day in pattern.days:
        if day.starts is not None and day.ends is not None and first <= day.on <= last:
            (extra if day.is_working else closed).append(_span(day.on, (day.starts, day.ends), zone))
    whole = merged([*without(merged(work), closed), *extra])
    return [(max(begin, start), min(finish, end)) for begin, finish in whole if finish > start and begin < end]


def named_shifts(pattern: WorkPattern, start: dt.datetime, end: dt.datetime) -> Sequence[NamedShift]:
    """Shifts that touch [start, end), breaks and all, by begin; an extra one has no name. Kept: ask for whole days."""
    return _named_shifts(pattern, tuple(shift.name for shift in pattern.shifts), start, end)


@lru_cache(maxsize=64)
def _named_shifts(
    pattern: WorkPattern, names: tuple[str, ...], start: dt.datetime, end: dt.datetime
) -> tuple[NamedShift, ...]:
    zone, holidays = ZoneInfo(pattern.time_zone), _holidays(pattern)
    found = [
        NamedShift(*_span(on, (shift.starts, shift.ends), zone), name)
        for on in _days(start.astimezone(zone).date() - DAY, end.astimezone(zone).date())
        if on not in holidays
        for shift, name in zip(pattern.shifts, names, strict=True)
        if shift.weekday == on.weekday()
    ]
    found += [
        NamedShift(*_span(day.on, (day.starts, day.ends), zone), "")
        for day in pattern.days
        if day.is_working and day.starts is not None and day.ends is not None
    ]
    return tuple(sorted(one for one in found if max(one.starts_at, start) < min(one.ends_at, end)))


def _holidays(pattern: WorkPattern) -> set[dt.date]:
    return {day.on for day in pattern.days if not day.is_working and day.starts is None}


def _days(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    for count in range((last - first).days + 1):
        yield first + count * DAY


def _worked(on: dt.date, shift: WeeklyShift, zone: ZoneInfo) -> list[Interval]:
    whole = _span(on, (shift.starts, shift.ends), zone)
    if whole[0] >= whole[1]:
        return []
    return without([whole], (_span(on, period, zone, shift.starts) for period in shift.breaks))


@lru_cache(maxsize=256)
def expanded(pattern: WorkPattern, start: dt.datetime, end: dt.datetime) -> tuple[Interval, ...]:
    """As `expand`, kept in memory: ask for whole days."""
    return tuple(expand(pattern, start, end))


_CALENDARS = "SELECT id, time_zone FROM masterdata_calendar WHERE id = ANY(%s)"
_SHIFTS = """
    SELECT calendar_id, id, weekday, starts, ends, name FROM masterdata_shift WHERE calendar_id = ANY(%s)
    ORDER BY calendar_id, weekday, starts
"""
_BREAKS = """
    SELECT rest.shift_id, rest.starts, rest.ends
    FROM masterdata_shiftbreak rest JOIN masterdata_shift shift ON shift.id = rest.shift_id
    WHERE shift.calendar_id = ANY(%s) ORDER BY rest.shift_id, rest.starts
"""
_EXCEPTIONS = """
    SELECT calendar_id, "on", is_working, starts, ends FROM masterdata_calendarexception WHERE calendar_id = ANY(%s)
    ORDER BY calendar_id, "on", id
"""


def patterns(calendar_ids: Iterable[int]) -> dict[int, WorkPattern]:
    """The calendars as plain data, in one round trip."""
    ids = statements.array(sorted(set(calendar_ids)))
    calendars, shift_rows, break_rows, day_rows = statements.together(
        *((query, [ids]) for query in (_CALENDARS, _SHIFTS, _BREAKS, _EXCEPTIONS))
    )
    breaks: dict[int, list[WallPeriod]] = {}
    for shift_id, starts, ends in break_rows:
        breaks.setdefault(shift_id, []).append((starts, ends))
    shifts: dict[int, list[WeeklyShift]] = {}
    for calendar_id, pk, weekday, starts, ends, name in shift_rows:
        weekly = WeeklyShift(weekday, starts, ends, tuple(breaks.get(pk, ())), name)
        shifts.setdefault(calendar_id, []).append(weekly)
    days: dict[int, list[DayThatDiffers]] = {}
    for calendar_id, *day in day_rows:
        days.setdefault(calendar_id, []).append(DayThatDiffers(*day))
    return {
        pk: WorkPattern(time_zone, tuple(shifts.get(pk, ())), tuple(days.get(pk, ()))) for pk, time_zone in calendars
    }


def working_times(
    calendar_ids: Iterable[int], start: dt.datetime, end: dt.datetime
) -> Mapping[int, Sequence[Interval]]:
    """Working intervals of the calendars within [start, end), by calendar id: UTC, half-open, sorted, not touching."""
    return {key: expanded(pattern, start, end) for key, pattern in patterns(calendar_ids).items()}


def worked_minutes(intervals: Sequence[Interval], start: dt.datetime, end: dt.datetime) -> int:
    """Whole working minutes within [start, end), from UTC differences."""
    total = dt.timedelta()
    for begin, finish in intervals:
        if finish > start and begin < end:
            total += min(finish, end) - max(begin, start)
    return total // MINUTE


def end_of_work(intervals: Sequence[Interval], start: dt.datetime, minutes: int) -> dt.datetime | None:
    """When `minutes` of working time from `start` are over; None when the intervals do not hold them."""
    left = minutes * MINUTE
    at = bisect_right([finish for _, finish in intervals], start)
    for begin, finish in intervals[at:]:
        begin = max(begin, start)
        if finish - begin >= left:
            return begin + left
        left -= finish - begin
    return None


def is_working(intervals: Sequence[Interval], at: dt.datetime) -> bool:
    """Whether `at` lies in working time."""
    found = bisect_right([finish for _, finish in intervals], at)
    return found < len(intervals) and intervals[found][0] <= at


def shop_time(at: dt.datetime, time_zone: str) -> str:
    """ "Mon 23 Nov, 09:14" in the zone."""
    local = at.astimezone(ZoneInfo(time_zone))
    return f"{local:%a} {local.day} {local:%b}, {local:%H:%M}"


def end_of_day(on: dt.date, time_zone: str) -> dt.datetime:
    """The instant at which the day is over in the zone (the next day's midnight), in UTC."""
    midnight = dt.datetime.combine(on + dt.timedelta(days=1), dt.time(0), tzinfo=ZoneInfo(time_zone))
    return midnight.astimezone(dt.UTC)
