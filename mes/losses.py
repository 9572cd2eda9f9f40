"""Where a machine's minutes went, by reason: setup, stops, no order. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Protocol

from mes.oee import DELAYS, MINUTE, ZERO, Period

NO_REASON = "none"


class Stood(Protocol):
    """What is asked of a state interval."""

    @property
    def state(self) -> str: ...
    @property
    def since(self) -> dt.datetime: ...
    @property
    def until(self) -> dt.datetime | None: ...
    @property
    def reason_id(self) -> int | None: ...
    @property
    def reason(self) -> str: ...
    @property
    def operation_id(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Loss:
    """Minutes lost to one cause and how often; `sum` is the running share. `key` filters the ribbon.

    `kind` is setup, stop (with a reason), unsaid (a stop without one) or idle (no order).
    """

    key: str
    kind: str
    name: str
    minutes: Decimal
    times: int
    sum: Decimal = ZERO


def key_of(stay: Stood) -> tuple[str, str, str] | None:
    """Key, kind and reason of what the interval cost; None: nothing was lost."""
    if stay.state == "setup":
        return "setup", "setup", ""
    if stay.state not in DELAYS:
        return None
    if stay.reason_id is not None:
        return f"r{stay.reason_id}", "stop", stay.reason
    if stay.operation_id is not None or stay.state in ("stopped", "fault"):
        return NO_REASON, "unsaid", ""
    return "idle", "idle", ""


def losses(stays: Sequence[Stood], calendar: Sequence[Period], period: Period) -> list[Loss]:
    """The greatest first. Setup counts whenever it is done, all else within the calendar, as in the OEE."""
    found: dict[str, Loss] = {}
    for stay in stays:
        key = key_of(stay)
        if key is None:
            continue
        minutes = sum((_minutes(part) for part in parts(stay, calendar, period)), ZERO)
        if minutes <= 0:
            continue
        name, kind, reason = key
        one = found.get(name, Loss(name, kind, reason, ZERO, 0))
        found[name] = replace(one, minutes=one.minutes + minutes, times=one.times + 1)
    rows = sorted(found.values(), key=lambda one: (-one.minutes, one.key))
    whole, so_far, told = sum((one.minutes for one in rows), ZERO), ZERO, list[Loss]()
    for one in rows:
        so_far += one.minutes
        told.append(replace(one, sum=so_far / whole))
    return told


def parts(stay: Stood, calendar: Sequence[Period], period: Period) -> list[Period]:
    """The interval within the period; a delay only where it lies in the calendar."""
    start, end = max(stay.since, period[0]), min(stay.until or period[1], period[1])
    if start >= end:
        return []
    if stay.state not in DELAYS:
        return [(start, end)]
    cut = ((max(start, begins), min(end, ends)) for begins, ends in calendar)
    return [one for one in cut if one[0] < one[1]]


def _minutes(part: Period) -> Decimal:
    return Decimal((part[1] - part[0]) // dt.timedelta(microseconds=1)) / 1_000_000 / MINUTE
