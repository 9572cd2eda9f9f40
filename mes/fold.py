"""How far an operation is, told by its events: a fold, so that any order of arrival ends in the same state.

No Django and no clock here. Events are sorted by (time by the server's clock, number of the device, id); `advance`
takes one more, `fold` all. Stretches of work count in whole seconds each, cut where an event says that work stopped or
was reported, so that taking the newest event and folding all again give the same seconds.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal

ZERO = Decimal(0)
SETUP, RUNNING, PAUSED, FINISHED = "setup", "running", "paused", "finished"
NEEDS_RUN = frozenset({"pause", "resume"})
"""Kinds that say nothing of an operation that nobody has begun."""


@dataclass(frozen=True, slots=True)
class Said:
    """An event as the fold reads it. `at` is the time by the server's clock."""

    id: uuid.UUID
    kind: str
    at: dt.datetime
    device_seq: int | None = None
    machine_id: int | None = None
    operator_id: int | None = None
    good_qty: Decimal = ZERO
    scrap_qty: Decimal = ZERO
    rework_qty: Decimal = ZERO
    reason_id: int | None = None

    @property
    def order(self) -> tuple[dt.datetime, int, uuid.UUID]:
        """Its place among the others; what has no number of a device comes before what has one."""
        return self.at, -1 if self.device_seq is None else self.device_seq, self.id


@dataclass(frozen=True, slots=True)
class Progress:
    """The state of an operation: empty `state` while nobody has begun it.

    `worked_sec`: seconds of work in stretches that have ended; one that runs began at `resumed_at`. `bookable_sec`:
    those until the last report, which is what they are booked with. `told_until`: the last event.
    """

    state: str = ""
    machine_id: int | None = None
    operator_id: int | None = None
    started_at: dt.datetime | None = None
    finished_at: dt.datetime | None = None
    resumed_at: dt.datetime | None = None
    worked_sec: int = 0
    bookable_sec: int = 0
    good_qty: Decimal = field(default=ZERO)
    scrap_qty: Decimal = field(default=ZERO)
    rework_qty: Decimal = field(default=ZERO)
    pause_reason_id: int | None = None
    told_until: tuple[dt.datetime, int, uuid.UUID] | None = None


def fold(events: Iterable[Said], *, ended_at: dt.datetime | None = None) -> Progress:
    """What the events say together. `ended_at`: when the hub ended the operation by itself (all its pieces are in)."""
    progress = Progress()
    for event in sorted(events, key=lambda one: one.order):
        progress = advance(progress, event)
    return ended(progress, ended_at)


def advance(progress: Progress, event: Said) -> Progress:
    """The progress after one more event that is newer than all before it. What makes no sense changes nothing."""
    after = replace(progress, told_until=event.order)
    if event.kind in ("start", "setup"):
        return _begun(after, event)
    if event.kind == "pause" and progress.state in (SETUP, RUNNING):
        return replace(_stopped(after, event.at), state=PAUSED, pause_reason_id=event.reason_id)
    if event.kind == "resume" and progress.state == PAUSED:
        machine_id = event.machine_id or progress.machine_id
        return replace(after, state=RUNNING, resumed_at=event.at, pause_reason_id=None, machine_id=machine_id)
    if event.kind in ("report", "finish"):
        return _reported(after, event)
    return after


def ended(progress: Progress, at: dt.datetime | None) -> Progress:
    """The hub has ended the operation at that time; a clock that still runs stops then."""
    if at is None or not progress.state or progress.state == FINISHED:
        return progress
    return replace(_stopped(progress, at), state=FINISHED, finished_at=at, pause_reason_id=None)


def _begun(progress: Progress, event: Said) -> Progress:
    state = SETUP if event.kind == "setup" else RUNNING
    if progress.state == SETUP and state == RUNNING:
        return replace(progress, state=RUNNING, machine_id=event.machine_id or progress.machine_id)
    if progress.state:
        return progress
    who = {"machine_id": event.machine_id, "operator_id": event.operator_id}
    return replace(progress, state=state, started_at=event.at, resumed_at=event.at, **who)  # type: ignore[arg-type]


def _reported(progress: Progress, event: Said) -> Progress:
    """Pieces count always; a report of what nobody has begun begins it then."""
    if not progress.state:
        progress = _begun(progress, event)
    if progress.state == SETUP:
        progress = replace(progress, state=RUNNING)
    is_running = progress.state == RUNNING
    if is_running:
        progress = replace(_stopped(progress, event.at), resumed_at=event.at)
    progress = replace(
        progress,
        bookable_sec=progress.worked_sec,
        good_qty=progress.good_qty + event.good_qty,
        scrap_qty=progress.scrap_qty + event.scrap_qty,
        rework_qty=progress.rework_qty + event.rework_qty,
    )
    return ended(progress, event.at) if event.kind == "finish" else progress


def _stopped(progress: Progress, at: dt.datetime) -> Progress:
    if progress.resumed_at is None:
        return progress
    stretch = max(0, int((at - progress.resumed_at).total_seconds()))
    return replace(progress, worked_sec=progress.worked_sec + stretch, resumed_at=None)
