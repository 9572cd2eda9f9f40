"""When a date counts as late: one threshold for promises, lists, chips and boards."""

from __future__ import annotations

import datetime as dt

from django.db.models import F, Q

GRACE = dt.timedelta(minutes=15)
"""What comes less than this after its date has kept it: work that begins some minutes late is noise, not news."""


def is_late(due: dt.datetime | None, expected: dt.datetime | None) -> bool:
    """Whether `expected` comes `GRACE` or more after `due`; what has no date yet is not late."""
    return due is not None and expected is not None and expected >= due + GRACE


def late_when(due: str = "promised_at", expected: str = "expected_at") -> Q:
    """The same as a condition on two columns."""
    return Q(**{f"{expected}__gte": F(due) + GRACE})
