"""One threshold for late: 14 minutes after the promise are on the day, 15 are late, wherever they are shown."""

from __future__ import annotations

import datetime as dt

import pytest

from masterdata import drawn, lateness, shown

DUE = dt.datetime(2026, 3, 2, 15, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("minutes", "is_late", "said"),
    [
        (-1500, False, "1 day early"),
        (0, False, "on the day"),
        (8, False, "on the day"),
        (14, False, "on the day"),
        (15, True, "15 min late"),
        (90, True, "1 h 30 min late"),
        (24 * 60, True, "1 day late"),
    ],
)
def test_word_colour_and_rule_agree(minutes: int, is_late: bool, said: str) -> None:
    expected = DUE + dt.timedelta(minutes=minutes)
    assert lateness.is_late(DUE, expected) == is_late
    assert shown.lateness(DUE, expected) == said
    assert ("c-late" in drawn.late(DUE, expected)) == is_late


def test_some_minutes_over_midnight_are_no_day_late() -> None:
    """Promised for 23:59, expected at 00:05."""
    due = dt.datetime(2026, 3, 2, 22, 59, tzinfo=dt.UTC)
    assert shown.lateness(due, due + dt.timedelta(minutes=6)) == "on the day"


def test_what_has_no_date_is_not_late() -> None:
    assert not lateness.is_late(None, DUE)
    assert not lateness.is_late(DUE, None)
