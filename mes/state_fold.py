"""What a machine did, folded from what was told of it: runs, downtimes, the machine's own messages, reasons of stops.

Pure: no database, no clock. The signals are sorted here, so any order of arrival folds to the same intervals. The last
one told wins, read in its context: a machine that says "idle" while an order runs on it stands still with an order.

States follow OPC 40550 (woodworking machines): OFFLINE is off, STANDBY idle, READY stopped with an order and else idle,
WORKING producing (or setup while the order is set up), ERROR fault; a lost link is unknown.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum

UNKNOWN, OFF, IDLE, SETUP = "unknown", "off", "idle", "setup"
PRODUCING, STOPPED, FAULT, MAINTENANCE = "producing", "stopped", "fault", "maintenance"

OPC_40550 = {
    "OFFLINE": OFF,
    "STANDBY": IDLE,
    "READY": IDLE,
    "WORKING": PRODUCING,
    "ERROR": FAULT,
    "LINK_LOST": UNKNOWN,
}
EXPLAINED = frozenset({STOPPED, FAULT, IDLE})
"""States that a reason can be given for."""


class Kind(IntEnum):
    """What a signal says; of one instant they count in this order."""

    DOWN = 0
    UP = 1
    LEAVE = 2
    SETUP = 3
    RUN = 4
    PAUSE = 5
    REPORT = 6
    MESSAGE = 7


@dataclass(frozen=True, slots=True)
class Signal:
    """Something told of a machine. `key` (sequence, id) orders signals of one instant and kind."""

    at: dt.datetime
    kind: Kind
    key: tuple[int, str] = (0, "")
    operation_id: int | None = None
    reason_id: int | None = None
    state: str = ""
    event_id: str | None = None
    message_id: str = ""
    downtime_id: int | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """A reason given afterwards for the stop in which `start` lies, from there to `until` (or to its end)."""

    start: dt.datetime
    until: dt.datetime | None
    reason_id: int
    event_id: str
    order: tuple[dt.datetime, int, str]


@dataclass(frozen=True, slots=True)
class Interval:
    """One state from `since` to `until` (None: still). `begun` is where the stop began that reasons divided."""

    since: dt.datetime
    until: dt.datetime | None
    state: str
    begun: dt.datetime
    operation_id: int | None = None
    reason_id: int | None = None
    event_id: str | None = None
    message_id: str = ""
    downtime_id: int | None = None
    reason_event_id: str | None = None


@dataclass(slots=True)
class _Axes:
    """What is known: open downtimes, the order on the machine and how it stands, the machine's own word since then."""

    downs: dict[int, tuple[dt.datetime, int | None, int | None]] = field(default_factory=dict)
    operation_id: int | None = None
    run: str = ""  # setup, running, paused; empty: no order
    reason_id: int | None = None
    message: str = ""

    def take(self, signal: Signal) -> None:
        """One more signal, the next in time."""
        if signal.kind in (Kind.DOWN, Kind.UP):
            self._take_downtime(signal)
        elif signal.kind in (Kind.SETUP, Kind.RUN):
            self.operation_id, self.reason_id, self.message = signal.operation_id, None, ""
            self.run = "setup" if signal.kind == Kind.SETUP else "running"
        elif signal.kind == Kind.MESSAGE:
            self.message = signal.state
        elif self.operation_id in (None, signal.operation_id):
            self._take_of_the_job(signal)

    def _take_downtime(self, signal: Signal) -> None:
        assert signal.downtime_id is not None
        if signal.kind == Kind.DOWN:
            self.downs[signal.downtime_id] = signal.at, signal.reason_id, self.operation_id
        elif self.downs.pop(signal.downtime_id, None) is not None and not self.downs:
            self._leave()

    def _take_of_the_job(self, signal: Signal) -> None:
        if signal.kind == Kind.PAUSE:
            self.operation_id, self.run = signal.operation_id, "paused"
            self.reason_id, self.message = signal.reason_id, ""
        elif signal.kind == Kind.LEAVE:
            self._leave()
        elif self.run == "setup":  # who reports pieces has set up
            self.run, self.message = "running", ""

    def _leave(self) -> None:
        self.operation_id, self.run, self.reason_id, self.message = None, "", None, ""

    def now(self) -> tuple[str, int | None, int | None]:
        """State, operation and reason."""
        if self.downs:
            _since, reason_id, operation_id = max(self.downs.values(), key=lambda one: one[0])
            return FAULT, operation_id, reason_id
        if not self.message:
            return (
                {"setup": SETUP, "running": PRODUCING, "paused": STOPPED}.get(self.run, IDLE),
                self.operation_id,
                (self.reason_id if self.run == "paused" else None),
            )
        if self.message in (IDLE, STOPPED):
            if self.run:
                return STOPPED, self.operation_id, self.reason_id if self.run == "paused" else None
            return self.message, None, None
        if self.message == PRODUCING and self.run == "setup":
            return SETUP, self.operation_id, None
        return self.message, self.operation_id, None


def fold(signals: Iterable[Signal], marks: Iterable[Mark] = (), since: dt.datetime | None = None) -> list[Interval]:
    """The intervals, oldest first, without gaps; with `since` only those from there on, the first cut to begin there.

    An instant's signals are taken together: nothing lasts no time.
    """
    axes, found = _Axes(), list[Interval]()
    ordered = sorted(signals, key=lambda one: (one.at, one.kind, one.key))
    for number, signal in enumerate(ordered):
        axes.take(signal)
        if number + 1 < len(ordered) and ordered[number + 1].at == signal.at:
            continue
        state, operation_id, reason_id = axes.now()
        last = found[-1] if found else None
        if last and (last.state, last.operation_id, last.reason_id) == (state, operation_id, reason_id):
            continue
        if last:
            found[-1] = replace(last, until=signal.at)
        found.append(
            Interval(
                signal.at, None, state, signal.at, operation_id, reason_id,
                signal.event_id, signal.message_id, signal.downtime_id,
            )
        )  # fmt: skip
    if since is not None:
        found = [
            one if one.since >= since else replace(one, since=since, begun=since)
            for one in found
            if one.until is None or one.until > since
        ]
    ordered_marks = sorted(marks, key=lambda one: one.order)
    return [part for one in found for part in _explained(one, ordered_marks)]


def _explained(whole: Interval, marks: Sequence[Mark]) -> list[Interval]:
    """The stop divided by the reasons given for it; a later word replaces an earlier one where both speak."""
    if whole.state not in EXPLAINED:
        return [whole]
    parts = [whole]
    for mark in marks:
        if mark.start < whole.since or (whole.until is not None and mark.start >= whole.until):
            continue
        until = mark.until
        if whole.until is not None and (until is None or until > whole.until):
            until = whole.until
        parts = [piece for part in parts for piece in _marked(part, mark, until)]
    return _joined(parts)


def _marked(part: Interval, mark: Mark, until: dt.datetime | None) -> list[Interval]:
    start = max(part.since, mark.start)
    end = part.until if until is None or (part.until is not None and part.until < until) else until
    if end is not None and start >= end:
        return [part]
    pieces = [replace(part, since=start, until=end, reason_id=mark.reason_id, reason_event_id=mark.event_id)]
    if part.since < start:
        pieces.insert(0, replace(part, until=start))
    if end is not None and (part.until is None or end < part.until):
        pieces.append(replace(part, since=end))
    return pieces


def _joined(parts: Sequence[Interval]) -> list[Interval]:
    found = list[Interval]()
    for part in parts:
        last = found[-1] if found else None
        if last and (last.reason_id, last.reason_event_id) == (part.reason_id, part.reason_event_id):
            found[-1] = replace(last, until=part.until)
        else:
            found.append(part)
    return found
