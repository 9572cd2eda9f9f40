"""Days that somebody names: those that are to come."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from masterdata.errors import InvalidInput


class DayPassed(InvalidInput):
    """The day lies in the past."""

    code = "day_passed"


def check_day_ahead(day: dt.date, *, time_zone: str, now: dt.datetime, field: str) -> None:
    """Raises DayPassed before today. Programs count days in UTC, plants in their own zone: both todays are taken."""
    today = now.astimezone(ZoneInfo(time_zone)).date()
    if day < min(today, now.astimezone(dt.UTC).date()):
        raise DayPassed(
            f"{day.day} {day:%B %Y} has passed: enter today or a later day.", field=field, earliest=today.isoformat()
        )
