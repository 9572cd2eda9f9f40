"""Working time: shifts in wall time become UTC intervals, clock changes and midnights included."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from masterdata.models import Calendar, CalendarException, Shift, ShiftBreak
from masterdata.worktime import (
    DayThatDiffers,
    WeeklyShift,
    WorkPattern,
    end_of_day,
    end_of_work,
    expand,
    instant,
    is_working,
    shop_time,
    without,
    worked_minutes,
    working_times,
)

ZONES = [
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Australia/Sydney",
    "Asia/Shanghai",
    "Asia/Kolkata",
    "America/Sao_Paulo",
    "Africa/Casablanca",
]
DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)
EARLY, LATE, NIGHT = (dt.time(6), dt.time(14)), (dt.time(14), dt.time(22)), (dt.time(22), dt.time(6))


def utc(*parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=dt.UTC)  # type: ignore[misc]


def weekly(zone: str, *periods: tuple[dt.time, dt.time], days: tuple[DayThatDiffers, ...] = ()) -> WorkPattern:
    """The periods on each day of the week."""
    shifts = tuple(WeeklyShift(day, starts, ends) for day in range(7) for starts, ends in periods)
    return WorkPattern(zone, shifts, days)


def clock_changes(zone: str) -> list[dt.datetime]:
    """Every change of the offset 2024 to 2035, to the minute, found by looking at each hour."""
    tz = ZoneInfo(zone)
    found, at = [], utc(2024, 1, 1)
    while at < utc(2036, 1, 1):
        if at.astimezone(tz).utcoffset() != (at + HOUR).astimezone(tz).utcoffset():
            minute = next(
                m for m in range(60)
                if (at + dt.timedelta(minutes=m)).astimezone(tz).utcoffset()
                != (at + dt.timedelta(minutes=m + 1)).astimezone(tz).utcoffset()
            )  # fmt: skip
            found.append(at + dt.timedelta(minutes=minute + 1))
        at += HOUR
    return found


CHANGES = {zone: clock_changes(zone) for zone in ZONES}


def test_zones_really_change_their_clocks() -> None:
    """Berlin and New York 24 times in twelve years, Shanghai, Kolkata and Sao Paulo never."""
    counts = {zone: len(changes) for zone, changes in CHANGES.items()}
    assert counts["Europe/Berlin"] == counts["America/New_York"] == counts["Australia/Lord_Howe"] == 24
    assert counts["Asia/Shanghai"] == counts["Asia/Kolkata"] == counts["America/Sao_Paulo"] == 0
    assert counts["Africa/Casablanca"] > 20


@pytest.mark.parametrize("zone", ZONES)
def test_three_shifts_work_every_minute_over_every_clock_change(zone: str) -> None:
    """Early, late and night shift touch: over two days around each change there is one interval without gap."""
    pattern = weekly(zone, EARLY, LATE, NIGHT)
    for change in CHANGES[zone] or [utc(2026, 3, 29, 1)]:
        start, end = change - DAY, change + DAY
        assert expand(pattern, start, end) == [(start, end)]
        assert worked_minutes(expand(pattern, start, end), start, end) == 48 * 60


@pytest.mark.parametrize("zone", ZONES)
def test_night_over_a_clock_change_has_its_real_hours(zone: str) -> None:
    """A shift from 18:00 to 12:00 the next day (18 h) is longer or shorter by exactly the change of the offset."""
    tz = ZoneInfo(zone)
    pattern = weekly(zone, (dt.time(18), dt.time(12)))
    for change in CHANGES[zone]:
        offsets = [(change + side).astimezone(tz).utcoffset() or dt.timedelta() for side in (-HOUR, HOUR)]
        local = (change - dt.timedelta(minutes=1)).astimezone(tz)
        on = local.date() - DAY if local.hour < 12 else local.date()
        start = instant(dt.datetime.combine(on, dt.time(18)), tz)
        [(begin, end)] = [one for one in expand(pattern, start - DAY, start + 2 * DAY) if one[0] == start]
        assert end - begin == 18 * HOUR - (offsets[1] - offsets[0])


def test_berlin_nights_have_seven_and_nine_hours() -> None:
    """Night shift 22:00 to 06:00. 29 March 2026 02:00 becomes 03:00: 21:00 to 04:00 UTC, 7 h. 25 October 2026 03:00
    becomes 02:00: 20:00 to 05:00 UTC, 9 h. The night before: 20:00 to 04:00 UTC, 8 h."""
    pattern = weekly("Europe/Berlin", NIGHT)
    assert expand(pattern, utc(2026, 3, 28, 12), utc(2026, 3, 29, 12)) == [(utc(2026, 3, 28, 21), utc(2026, 3, 29, 4))]
    assert expand(pattern, utc(2026, 10, 24, 12), utc(2026, 10, 25, 12)) == [
        (utc(2026, 10, 24, 20), utc(2026, 10, 25, 5))
    ]
    assert expand(pattern, utc(2026, 10, 23, 12), utc(2026, 10, 24, 12)) == [
        (utc(2026, 10, 23, 20), utc(2026, 10, 24, 4))
    ]


def test_skipped_wall_time_is_the_instant_of_the_change_and_the_doubled_hour_its_first_showing() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert instant(dt.datetime(2026, 3, 29, 2, 30), berlin) == utc(2026, 3, 29, 1)  # noqa: DTZ001
    assert instant(dt.datetime(2026, 10, 25, 2, 30), berlin) == utc(2026, 10, 25, 0, 30)  # noqa: DTZ001
    lord_howe = ZoneInfo("Australia/Lord_Howe")  # half an hour: 02:00 becomes 02:30 on 4 October 2026
    assert instant(dt.datetime(2026, 10, 4, 2, 10), lord_howe) == utc(2026, 10, 3, 15, 30)  # noqa: DTZ001


@settings(max_examples=150, deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    near=st.integers(0, 23),
    first=st.times(),
    cuts=st.lists(st.times(), min_size=1, max_size=4),
)
def test_shifts_that_touch_on_the_wall_neither_overlap_nor_leave_gaps(
    zone: str, near: int, first: dt.time, cuts: list[dt.time]
) -> None:
    """Any cutting of the day into touching shifts works round the clock, whatever the clock does."""
    edges = sorted({time.replace(second=0, microsecond=0) for time in [first, *cuts]})
    periods = [*pairwise(edges), (edges[-1], edges[0])]
    changes = CHANGES[zone] or [utc(2027, 6, 1)]
    change = changes[near % len(changes)]
    start, end = change - DAY, change + DAY
    assert expand(weekly(zone, *periods), start, end) == [(start, end)]


@settings(max_examples=150, deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    near=st.integers(0, 23),
    period=st.tuples(st.times(), st.times()),
    rest=st.tuples(st.times(), st.times()),
    hours=st.integers(1, 60),
)
def test_intervals_are_sorted_apart_and_within_the_question(
    zone: str, near: int, period: tuple[dt.time, dt.time], rest: tuple[dt.time, dt.time], hours: int
) -> None:
    """Whatever shift and break: sorted, half-open, not touching, clipped; two halves have the minutes of the whole."""
    changes = CHANGES[zone] or [utc(2027, 6, 1)]
    start = changes[near % len(changes)] - DAY
    middle, end = start + hours * HOUR, start + 3 * DAY
    pattern = WorkPattern(zone, tuple(WeeklyShift(day, *period, breaks=(rest,)) for day in range(7)))
    found = expand(pattern, start, end)
    assert all(begin < finish for begin, finish in found)
    assert all(one[1] < two[0] for one, two in pairwise(found))
    assert all(start <= begin and finish <= end for begin, finish in found)
    seconds = sum(((finish - begin) for begin, finish in found), dt.timedelta())
    halves = [*expand(pattern, start, middle), *expand(pattern, middle, end)]
    assert sum(((finish - begin) for begin, finish in halves), dt.timedelta()) == seconds


def test_break_after_midnight_belongs_to_the_night() -> None:
    """22:00 to 06:00 with a break 02:00 to 02:30, Shanghai (UTC+8): 14:00 to 18:00 and 18:30 to 22:00 UTC."""
    night = WeeklyShift(0, *NIGHT, breaks=((dt.time(2), dt.time(2, 30)),))
    found = expand(WorkPattern("Asia/Shanghai", (night,)), utc(2026, 11, 23), utc(2026, 11, 25))
    assert found == [(utc(2026, 11, 23, 14), utc(2026, 11, 23, 18)), (utc(2026, 11, 23, 18, 30), utc(2026, 11, 23, 22))]


def test_holiday_closes_shifts_that_begin_that_day_and_extra_shift_opens() -> None:
    """Night shifts 22:00 to 06:00. Thursday 24 Dec is a holiday: Wednesday's night still ends at 06:00 on it, its own
    does not begin. An extra shift 08:00 to 12:00 on it works. Friday is closed from 22:00 to 23:00."""
    days = (
        DayThatDiffers(dt.date(2026, 12, 24), False),
        DayThatDiffers(dt.date(2026, 12, 24), True, dt.time(8), dt.time(12)),
        DayThatDiffers(dt.date(2026, 12, 25), False, dt.time(22), dt.time(23)),
    )
    found = expand(weekly("UTC", NIGHT, days=days), utc(2026, 12, 23, 12), utc(2026, 12, 26, 12))
    assert found == [
        (utc(2026, 12, 23, 22), utc(2026, 12, 24, 6)),
        (utc(2026, 12, 24, 8), utc(2026, 12, 24, 12)),
        (utc(2026, 12, 25, 23), utc(2026, 12, 26, 6)),
    ]


def test_minutes_are_counted_and_added_in_working_time() -> None:
    """Early shift 06:00 to 14:00 UTC. From Monday 13:00, 120 min end on Tuesday at 07:00; between lie 120 min."""
    working = expand(weekly("UTC", EARLY), utc(2026, 11, 23), utc(2026, 11, 26))
    assert end_of_work(working, utc(2026, 11, 23, 13), 120) == utc(2026, 11, 24, 7)
    assert worked_minutes(working, utc(2026, 11, 23, 13), utc(2026, 11, 24, 7)) == 120
    assert end_of_work(working, utc(2026, 11, 25, 13), 120) is None
    assert is_working(working, utc(2026, 11, 23, 6))
    assert not is_working(working, utc(2026, 11, 23, 14))
    holes = [(utc(2026, 11, 23, 8), utc(2026, 11, 23, 9)), (utc(2026, 11, 23, 0), utc(2026, 11, 23, 7))]
    assert without(working[:1], holes) == [
        (utc(2026, 11, 23, 7), utc(2026, 11, 23, 8)),
        (utc(2026, 11, 23, 9), utc(2026, 11, 23, 14)),
    ]  # fmt: skip


def test_times_are_said_in_the_plants_zone() -> None:
    assert shop_time(utc(2026, 11, 23, 8, 14), "Europe/Berlin") == "Mon 23 Nov, 09:14"
    assert end_of_day(dt.date(2026, 11, 23), "Europe/Berlin") == utc(2026, 11, 23, 23)


@pytest.mark.django_db
def test_calendars_are_read_with_four_queries() -> None:
    """Two calendars, one with a break and a holiday: Monday 23 Nov, 06:00 to 14:00 Berlin less 30 min, and nothing."""
    early = Calendar.objects.create(code="EARLY", name="Early", time_zone="Europe/Berlin")
    shift = Shift.objects.create(calendar=early, name="Early", weekday=0, starts=dt.time(6), ends=dt.time(14))
    ShiftBreak.objects.create(shift=shift, starts=dt.time(9), ends=dt.time(9, 30))
    CalendarException.objects.create(calendar=early, on=dt.date(2026, 11, 30), name="Stocktaking")
    never = Calendar.objects.create(code="NEVER", name="Never")
    with CaptureQueriesContext(connection) as queries:
        found = working_times([early.pk, never.pk], utc(2026, 11, 23), utc(2026, 12, 7))
    assert len(queries) == 4
    assert list(found[early.pk]) == [
        (utc(2026, 11, 23, 5), utc(2026, 11, 23, 8)),
        (utc(2026, 11, 23, 8, 30), utc(2026, 11, 23, 13)),
    ]
    assert list(found[never.pk]) == []
