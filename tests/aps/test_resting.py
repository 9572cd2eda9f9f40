"""Calm lasts through nights and weekends: a day of it is a day in which somebody works."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pytest

from aps.resting import closed_for

MONDAY = dt.datetime(2026, 11, 30, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


def _week(day: int) -> tuple[dt.datetime, dt.datetime]:
    return MONDAY + (24 * day + 6) * HOUR, MONDAY + (24 * day + 22) * HOUR


SHIFTS = {1: [_week(day) for day in (-4, -3, 0, 1, 2, 3, 4, 7)], 2: [_week(0)]}


@pytest.mark.parametrize(
    ("hours_from_monday", "closed_h"),
    [
        (10, 0),  # Monday 10:00 to Tuesday 10:00: the night is part of a day
        (23, 7),  # Monday 23:00: from Tuesday 06:00 on
        (-19, 25),  # Sunday 05:00: from Monday 06:00 on
        (-15, 21),  # Sunday 09:00
        (-56, 56),  # Friday 16:00: six hours until 22:00, the weekend of 56 hours, and Monday until 24:00
    ],
)
def test_rest_does_not_count(hours_from_monday: int, closed_h: int) -> None:
    """Two shifts, 06:00 to 22:00, from Monday to Friday."""
    inputs: Any = SimpleNamespace(now=MONDAY + hours_from_monday * HOUR, weights=SimpleNamespace(stable_for_h=24))
    assert closed_for(inputs, SHIFTS) == closed_h * 60
