"""Who was here and who worked at what, folded from events: pure, without Django.

Events are told in the order of (`at`, `seq`, `id`), so any order of arrival ends in the same hours. What cannot be (a
second clock-in, one person at two machines that each want a whole person) has no effect and is named as a finding;
what has nothing to end (a clock-out without a clock-in, which may still come) has no effect either.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

SHARED = 0
"""The lane of jobs at machines that one person tends together; any other machine is a lane of its own."""

HARD = frozenset({"already_clocked_in", "works_elsewhere"})
"""Findings that cannot be; the others only have nothing to end."""


@dataclass(frozen=True, slots=True)
class Told:
    """An event that moves people: the one who did it, or (pause, finish) everybody at the job."""

    id: str
    kind: str
    at: dt.datetime
    seq: int = 0
    person_id: int | None = None
    operation_id: int | None = None
    machine_id: int | None = None

    @property
    def order(self) -> tuple[dt.datetime, int, str]:
        return self.at, self.seq, self.id


@dataclass(slots=True)
class Presence:
    """From clock-in to clock-out (None: still here), with the breaks in between."""

    since: dt.datetime
    until: dt.datetime | None = None
    event_id: str = ""
    breaks: list[Span] = field(default_factory=list)


@dataclass(slots=True)
class Span:
    """A break, or any other time between two moments; None: not over yet."""

    since: dt.datetime
    until: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Booking:
    """One person at one job without a change: `tended` jobs share the person in this time, `place` says which part of
    what does not divide is this job's."""

    operation_id: int
    machine_id: int
    lane: int
    since: dt.datetime
    until: dt.datetime | None
    tended: int
    place: int

    def worked_ms(self, horizon: dt.datetime) -> int:
        """This job's share of the time until `horizon`, in milliseconds; the shares of all jobs sum to the time."""
        until = horizon if self.until is None else min(self.until, horizon)
        if until <= self.since:
            return 0
        whole = (until - self.since) // dt.timedelta(milliseconds=1)
        share, rest = divmod(whole, self.tended)
        return share + (1 if self.place < rest else 0)


@dataclass(frozen=True, slots=True)
class Finding:
    """An event without effect, and why; `machine_id` and `operation_id` say what stood in its way."""

    event_id: str
    code: str
    machine_id: int | None = None
    operation_id: int | None = None
    since: dt.datetime | None = None

    @property
    def is_hard(self) -> bool:
        return self.code in HARD


@dataclass(slots=True)
class Hours:
    """What the events of one person come to."""

    presences: list[Presence] = field(default_factory=list)
    bookings: list[Booking] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


class Fold:
    """One person's events, one after the other."""

    def __init__(self, person_id: int, shared: frozenset[int]) -> None:
        self.person_id, self.shared = person_id, shared
        self.hours = Hours()
        self.here: Presence | None = None
        self.rest: Span | None = None
        self.jobs: dict[int, int] = {}  # operation -> machine
        self.since: dt.datetime | None = None  # when the jobs as they are began

    def take(self, event: Told) -> None:
        """The next event, in order."""
        if event.kind in ("pause", "finish"):
            self._end(event.at, lambda operation, _: operation == event.operation_id)
        elif event.person_id == self.person_id:
            code = getattr(self, f"_{event.kind}")(event)
            if code:
                self._find(event, code)

    def close(self) -> Hours:
        """All that was folded; what is not over has no end."""
        self._book(None)
        if self.here is not None:
            self._leave_house(None)
        return self.hours

    def lane(self, machine_id: int) -> int:
        return SHARED if machine_id in self.shared else machine_id

    def _clock_in(self, event: Told) -> str:
        if self.here is not None:
            return "already_clocked_in"
        self.here = Presence(event.at, event_id=event.id)
        return ""

    def _clock_out(self, event: Told) -> str:
        self._end(event.at, lambda *_: True)
        if self.here is None:
            return "not_clocked_in"
        self._leave_house(event.at)
        return ""

    def _break_start(self, event: Told) -> str:
        if self.rest is not None:
            return "already_on_break"
        if self.here is None:
            return "not_clocked_in"
        self._book(event.at)
        self.rest = Span(event.at)
        return ""

    def _break_end(self, event: Told) -> str:
        if self.rest is None:
            return "not_on_break"
        self._return(event.at)
        return ""

    def _join(self, event: Told) -> str:
        if event.operation_id in self.jobs:
            return "already_on_job"
        return self._start(event)

    def _start(self, event: Told) -> str:
        if event.operation_id is None or event.machine_id is None:
            return "names_no_job"
        if event.operation_id in self.jobs:
            return ""
        if self.in_the_way(event.machine_id) is not None:
            return "works_elsewhere"
        if self.rest is not None:
            self._return(event.at)
        self._book(event.at)
        self.jobs[event.operation_id] = event.machine_id
        return ""

    _setup = _resume = _start

    def _leave(self, event: Told) -> str:
        if event.operation_id not in self.jobs:
            return "not_on_job"
        self._end(event.at, lambda operation, _: operation == event.operation_id)
        return ""

    def in_the_way(self, machine_id: int) -> int | None:
        """The job that keeps the person from working at this machine too."""
        lane = self.lane(machine_id)
        return next((one for one, machine in self.jobs.items() if self.lane(machine) != lane), None)

    def _return(self, at: dt.datetime) -> None:
        """Back from the break, to the same jobs."""
        if self.rest is not None and self.here is not None:
            self.rest.until = at
            self.here.breaks.append(self.rest)
        self.rest, self.since = None, at if self.jobs else None

    def _leave_house(self, at: dt.datetime | None) -> None:
        if self.here is None:
            return
        if self.rest is not None:
            self.rest.until = at
            self.here.breaks.append(self.rest)
        self.here.until = at
        self.hours.presences.append(self.here)
        self.here = self.rest = None

    def _end(self, at: dt.datetime, ends: Callable[[int, int], bool]) -> None:
        gone = [one for one, machine in self.jobs.items() if ends(one, machine)]
        if gone:
            self._book(at)
            for one in gone:
                del self.jobs[one]
            if not self.jobs:
                self.since = None

    def _book(self, at: dt.datetime | None) -> None:
        """The jobs as they were until now, each with its share; from now on they may be others."""
        if self.rest is None and self.since is not None and self.jobs and (at is None or at > self.since):
            for place, (operation, machine) in enumerate(sorted(self.jobs.items())):
                lane = self.lane(machine)
                self.hours.bookings.append(Booking(operation, machine, lane, self.since, at, len(self.jobs), place))
        self.since = at

    def _find(self, event: Told, code: str) -> None:
        other = self.in_the_way(event.machine_id) if code == "works_elsewhere" and event.machine_id else None
        self.hours.findings.append(
            Finding(
                event.id,
                code,
                self.jobs.get(other) if other is not None else None,
                other,
                self.here.since if self.here is not None else None,
            )
        )


def fold(events: Iterable[Told], *, person_id: int, shared: Iterable[int] = ()) -> Hours:
    """The hours of a person, whatever order the events come in. `shared` are the machines that are tended together."""
    found = Fold(person_id, frozenset(shared))
    for event in sorted(events, key=lambda one: one.order):
        found.take(event)
    return found.close()


def worked_ms(bookings: Iterable[Booking], operation_id: int, horizon: dt.datetime) -> int:
    """The person's milliseconds at the operation until `horizon`."""
    return sum(one.worked_ms(horizon) for one in bookings if one.operation_id == operation_id)


def paid_ms(presence: Presence, paid: Sequence[tuple[dt.datetime, dt.datetime]], horizon: dt.datetime) -> int:
    """Milliseconds that are paid: present, less breaks, plus what of the breaks lies in the shift's `paid` breaks."""
    whole = _ms(presence.since, presence.until or horizon)
    for rest in presence.breaks:
        until = min(rest.until or horizon, horizon)
        whole -= _ms(rest.since, until)
        whole += sum(_ms(max(start, rest.since), min(end, until)) for start, end in paid)
    return whole


def _ms(since: dt.datetime, until: dt.datetime) -> int:
    return max(0, (until - since) // dt.timedelta(milliseconds=1))


def overlapping(bookings: Sequence[Booking]) -> list[tuple[Booking, Booking]]:
    """Pairs that cannot be: one person at two lanes, or twice at one job, at once. The fold makes none."""
    far = dt.datetime.max.replace(tzinfo=dt.UTC)
    return [
        (one, other)
        for one, other in itertools.combinations(bookings, 2)
        if (one.lane != other.lane or one.operation_id == other.operation_id)
        and max(one.since, other.since) < min(one.until or far, other.until or far)
    ]
