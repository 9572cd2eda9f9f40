"""OEE after ISO 22400, in minutes. Pure: no database, no clock.

Planned busy time = production + setup + delay in order + delay without order. Work counts whenever it is done, a delay
only within the machine's shift calendar: a job that is paused over the night loses nothing. Availability = production /
planned busy; effectiveness = sum(planned run time per item x produced) / production, never capped; quality = the good
share of the produced, weighted with planned time; OEE = sum(planned time x good) / planned busy. Their product is the
OEE. Figures add up: machines, days and shifts are rolled up by adding numerators and denominators.

Time of the calendar without data is unknown: it is told as coverage and never counted as production. Maintenance is a
hole in the calendar. Where nothing was planned a share is not applicable: None.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal

ZERO = Decimal(0)
MINUTE = Decimal(60)
DELAYS = frozenset({"stopped", "fault", "idle", "off"})
Period = tuple[dt.datetime, dt.datetime]


@dataclass(frozen=True, slots=True)
class Span:
    """A machine was in a state of mes.MachineState from `start` to `end`, with an order on it or none."""

    start: dt.datetime
    end: dt.datetime
    state: str
    has_order: bool


@dataclass(frozen=True, slots=True)
class Output:
    """Pieces reported; `planned_min` is the planned run time of one on this machine."""

    planned_min: Decimal
    good: Decimal
    scrap: Decimal = ZERO
    rework: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Figures:
    """Minutes of a machine, a work centre, a plant; of a shift, a day, a week. Add them up, never average shares."""

    production: Decimal = ZERO
    setup: Decimal = ZERO
    in_order: Decimal = ZERO
    without_order: Decimal = ZERO
    maintenance: Decimal = ZERO
    unknown: Decimal = ZERO
    planned_run: Decimal = ZERO
    planned_good: Decimal = ZERO
    good: Decimal = ZERO
    scrap: Decimal = ZERO
    rework: Decimal = ZERO

    def __add__(self, other: Figures) -> Figures:
        return Figures(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))

    @property
    def planned_busy(self) -> Decimal:
        return self.production + self.setup + self.in_order + self.without_order

    @property
    def availability(self) -> Decimal | None:
        return _share(self.production, self.planned_busy)

    @property
    def effectiveness(self) -> Decimal | None:
        return _share(self.planned_run, self.production)

    @property
    def quality(self) -> Decimal | None:
        return _share(self.planned_good, self.planned_run)

    @property
    def oee(self) -> Decimal | None:
        return _share(self.planned_good, self.planned_busy)

    @property
    def coverage(self) -> Decimal | None:
        """The part of the time that should have been known and was."""
        return _share(self.planned_busy, self.planned_busy + self.unknown)

    @property
    def produced(self) -> Decimal:
        return self.good + self.scrap + self.rework

    @property
    def yield_(self) -> Decimal | None:
        """Good pieces of all that were made."""
        return _share(self.good, self.produced)

    @property
    def too_slow(self) -> Decimal:
        """Minutes that the pieces took longer than planned; below zero: they took less."""
        return self.production - self.planned_run

    @property
    def lost_pieces(self) -> Decimal:
        """Planned minutes of what was scrapped or went to rework."""
        return self.planned_run - self.planned_good


def _share(part: Decimal, whole: Decimal) -> Decimal | None:
    return part / whole if whole else None


def total(figures: Iterable[Figures]) -> Figures:
    """Numerators and denominators added up."""
    return sum(figures, Figures())


@dataclass(frozen=True, slots=True)
class Counted:
    """A stretch that counts under `kind`, a field of Figures; `span` is its place in what was given."""

    span: int
    kind: str
    start: dt.datetime
    end: dt.datetime

    @property
    def minutes(self) -> Decimal:
        return _minutes(self.end - self.start)


def counted(spans: Sequence[Span], calendar: Sequence[Period], period: Period) -> Iterator[Counted]:
    """The stretches of which the minutes of a figure are the sum: work as it was, all else as the calendar cuts it."""
    planned = _within(calendar, period)
    for number, span in enumerate(spans):
        start, end = max(span.start, period[0]), min(span.end, period[1])
        kind = _kind(span)
        if start >= end or not kind:
            continue
        parts = [(start, end)] if kind in ("production", "setup") else _within(planned, (start, end))
        yield from (Counted(number, kind, *part) for part in parts)


def gaps(spans: Sequence[Span], calendar: Sequence[Period], period: Period) -> list[Period]:
    """Time of the calendar of which nothing is known."""
    found = _within(calendar, period)
    for span in spans:
        if span.state != "unknown":
            found = [
                part
                for start, end in found
                for part in ((start, min(end, span.start)), (max(start, span.end), end))
                if part[0] < part[1]
            ]
    return found


def measure(spans: Sequence[Span], outputs: Iterable[Output], calendar: Sequence[Period], period: Period) -> Figures:
    """The figures of one machine in the period. `spans` do not overlap; `calendar` is sorted and does not touch."""
    minutes = dict.fromkeys(("production", "setup", "in_order", "without_order", "maintenance"), ZERO)
    for part in counted(spans, calendar, period):
        minutes[part.kind] += part.minutes
    unknown = sum((_minutes(end - start) for start, end in gaps(spans, calendar, period)), ZERO)
    return _with_output(Figures(**minutes, unknown=unknown), outputs)


def _kind(span: Span) -> str:
    if span.state in DELAYS:
        return "in_order" if span.has_order else "without_order"
    return {"producing": "production", "setup": "setup", "maintenance": "maintenance"}.get(span.state, "")


def _with_output(time: Figures, outputs: Iterable[Output]) -> Figures:
    made = Figures()
    for one in outputs:
        made += Figures(
            planned_run=one.planned_min * (one.good + one.scrap + one.rework),
            planned_good=one.planned_min * one.good,
            good=one.good,
            scrap=one.scrap,
            rework=one.rework,
        )
    return time + made


def _within(periods: Sequence[Period], outer: Period) -> list[Period]:
    cut = ((max(start, outer[0]), min(end, outer[1])) for start, end in periods)
    return [(start, end) for start, end in cut if start < end]


def _minutes(length: dt.timedelta) -> Decimal:
    return (Decimal(length // dt.timedelta(microseconds=1)) / 1_000_000) / MINUTE
