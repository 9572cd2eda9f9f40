"""Instants as the engine's whole minutes: counted from one epoch for every plant, so that all snapshots compare."""

from __future__ import annotations

import datetime as dt

EPOCH = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)


def minute_of(at: dt.datetime) -> int:
    """The minute in which `at` lies."""
    return (at - EPOCH) // MINUTE


def minute_after(at: dt.datetime) -> int:
    """The first minute that begins at or after `at`: something ready at 09:14:20 is ready at 09:15."""
    return -((EPOCH - at) // MINUTE)


def time_of(minute: int) -> dt.datetime:
    """The instant at which the minute begins, in UTC."""
    return EPOCH + minute * MINUTE
