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
from collections.abc import Iterable, Sequence
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


def measure(spans: Sequence[Span], outputs: Iterable[Output], calendar: Sequence[Period], period: Period) -> Figures:
    """The figures of one machine in the period. `spans` do not overlap; `calendar` is sorted and does not touch."""
    minutes = dict.fromkeys(("production", "setup", "in_order", "without_order", "maintenance"), ZERO)
    planned = [(max(start, period[0]), min(end, period[1])) for start, end in calendar]
    planned = [(start, end) for start, end in planned if start < end]
    known = ZERO
    for span in spans:
        start, end = max(span.start, period[0]), min(span.end, period[1])
        if start >= end or span.state == "unknown":
            continue
        inside = _inside((start, end), planned)
        known += inside
        if span.state == "producing":
            minutes["production"] += _minutes(end - start)
        elif span.state == "setup":
            minutes["setup"] += _minutes(end - start)
        elif span.state == "maintenance":
            minutes["maintenance"] += inside
        elif span.state in DELAYS:
            minutes["in_order" if span.has_order else "without_order"] += inside
    whole = sum((_minutes(end - start) for start, end in planned), ZERO)
    return _with_output(Figures(**minutes, unknown=whole - known), outputs)


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


def _inside(span: Period, planned: Sequence[Period]) -> Decimal:
    return sum(
        (
            _minutes(min(span[1], end) - max(span[0], start))
            for start, end in planned
            if start < span[1] and end > span[0]
        ),
        ZERO,
    )


def _minutes(length: dt.timedelta) -> Decimal:
    return (Decimal(length // dt.timedelta(microseconds=1)) / 1_000_000) / MINUTE
