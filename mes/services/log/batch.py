"""What a device sends together: up to a hundred events in its own order, each done by itself and answered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from itertools import groupby

import structlog
from django.db import OperationalError, transaction

from masterdata.errors import Refusal
from mes.models import Device
from mes.services.events import FloorEvent, ReusedEventId
from mes.services.log import deciding, doing, quarantine, quiet, series, taking
from mes.services.log.doing import Answer

log = structlog.get_logger(__name__)
MOST_EVENTS = 100
MOST_TRIES = 5
AGAIN = ("40001", "40P01")
"""PostgreSQL gave up because of somebody else: serialisation, deadlock."""
TRUSTED = dt.timedelta(seconds=2)
"""A clock that differs by less is right: that is the time a message takes."""


@dataclass(frozen=True, slots=True)
class Said:
    """An event as a device sends it, with times as its own clock says them. `is_online`: whoever tapped looks at the
    answer, so what can't be is refused instead of kept. `problem`: why it can't be read, and it is kept for that."""

    event: FloorEvent
    is_online: bool = False
    problem: Refusal | None = None


class Together(Enum):
    """How events that follow each other are done: all at once, in one transaction, or each by itself."""

    QUIET = "quiet"
    SERIES = "series"
    ALONE = "alone"

    @property
    def most(self) -> int:
        return series.MOST if self is Together.SERIES else MOST_EVENTS


class OutOfTurn(Refusal):
    """Something that the device said before has not come yet."""

    code = quarantine.WAITS


class NumberUsed(Refusal):
    """The device's number stands at another event."""

    code = "number_used"


def take_batch(
    *,
    device: Device,
    said: Sequence[Said],
    sent_at: dt.datetime,
    now: dt.datetime,
    oldest: int | None = None,
    waiting: int = 0,
    version: str = "",
    unreadable: Collection[int] = (),
) -> tuple[int, list[Answer]]:
    """The device's clock offset in ms (added to its time it is ours), and an answer per event, in their order.

    Events of one device count in the order of their numbers: one that comes before its turn is kept and counts when
    those before it have come (or after a quarter of an hour). `oldest`: the lowest number that the device still has;
    what is below and never came is not waited for. `waiting`: how many it holds after these. `unreadable`: numbers of
    what came with these and can't be kept, because it has no id: nothing waits for them either.
    """
    difference = now - sent_at
    offset = difference if abs(difference) > TRUSTED else dt.timedelta(0)
    offset_ms = round(offset.total_seconds() * 1000)
    Device.objects.filter(pk=device.pk).update(
        clock_offset_ms=offset_ms, last_seen_at=now, queue_length=waiting, app_version=version[:40]
    )
    if oldest is not None:
        _wait_no_longer(device, oldest - 1, now)
    answers: list[Answer] = []
    for sort, group in groupby([_here(one, device, offset) for one in said], key=_sort):
        rows = list(group)
        for first in range(0, len(rows), sort[0].most):
            answers += _together(device, rows[first : first + sort[0].most], sort[0], now)
    for number in sorted(unreadable):
        _pass_over(device, number, now)
    return offset_ms, answers


def _here(one: Said, device: Device, offset: dt.timedelta) -> Said:
    own = one.event.happened_at
    return replace(one, event=replace(one.event, happened_at=own + offset, said_at=own, device_id=device.pk))


def _sort(one: Said) -> tuple[Together, int, int]:
    """How the event may be done, and of which job it is where that matters."""
    if one.problem is not None or one.is_online:
        return Together.ALONE, 0, 0
    if quiet.is_quiet(one.event):
        return Together.QUIET, 0, 0
    if series.belongs(one.event):
        return Together.SERIES, one.event.operation_id, one.event.machine_id
    return Together.ALONE, 0, 0


def _together(device: Device, rows: Sequence[Said], how: Together, now: dt.datetime) -> list[Answer]:
    said = [one.event for one in rows]
    found = None
    if how is Together.QUIET:
        found = quiet.take_quiet(device, said, now)
    elif how is Together.SERIES and len(said) > 1:
        found = series.take_reports(device, said, now)
    return found or [_answered(device, one, now) for one in rows]


def _answered(device: Device, one: Said, now: dt.datetime) -> Answer:
    """Again when PostgreSQL gave up because of others; a refusal is an answer."""
    for attempt in range(MOST_TRIES):
        try:
            return _in_turn(device, one, now)
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", "") not in AGAIN or attempt == MOST_TRIES - 1:
                raise
        except Refusal as refusal:
            event = one.event
            log.info("floor_event_rejected", kind=event.kind, code=refusal.code, sentence=refusal.sentence)
            values = {} if isinstance(refusal, ReusedEventId) else refusal.values
            return Answer(doing.REJECTED, refusal.code, refusal.sentence, values)
    raise AssertionError("unreachable")


@transaction.atomic
def _in_turn(device: Device, one: Said, now: dt.datetime) -> Answer:
    """Locks the device before anything else, so that its events are done one after the other."""
    row = Device.objects.select_for_update(no_key=True).order_by("pk").get(pk=device.pk)
    number = one.event.device_seq
    if one.problem is not None:
        answer = doing.keep_back(one.event, one.problem, now)
    elif number is not None and number > row.told_seq + 1:
        refusal = OutOfTurn(f"Kept: {row.name} has said something before that which has not come yet.")
        first = doing.keep_back(one.event, refusal, now)
        return Answer(doing.APPLIED, refusal.code, refusal.sentence) if first.code == refusal.code else first
    elif number is not None and number <= row.told_seq and _is_taken(row, one.event):
        used = NumberUsed("The tablet has used this number for another event. The shift lead decides.")
        answer = doing.keep_back(replace(one.event, device_seq=None), used, now)
    else:
        answer = taking.take(event=one.event, now=now, is_late=not one.is_online)
    if number is not None and number == row.told_seq + 1:
        _go_on(row, number, now)
    return answer


def _is_taken(device: Device, event: FloorEvent) -> bool:
    return device.events.filter(device_seq=event.device_seq).exclude(pk=event.event_id).exists()


@transaction.atomic
def _wait_no_longer(device: Device, number: int, now: dt.datetime) -> None:
    """What the device has said up to this number has come or never will: what waits in between follows, in turn."""
    row = Device.objects.select_for_update(no_key=True).order_by("pk").get(pk=device.pk)
    if row.told_seq >= number:
        return
    for quarantine_id in deciding.waiting_until(row, number):
        deciding.let_go_on(quarantine_id, now)
    _go_on(row, number, now)


@transaction.atomic
def _pass_over(device: Device, number: int, now: dt.datetime) -> None:
    """The number is told when it is the next: nothing of it can be kept."""
    row = Device.objects.select_for_update(no_key=True).order_by("pk").get(pk=device.pk)
    if number == row.told_seq + 1:
        _go_on(row, number, now)


def _go_on(device: Device, number: int, now: dt.datetime) -> None:
    """This number is told; those that came before their turn follow."""
    device.told_seq = number
    while (waiting := deciding.next_waiting(device)) is not None:
        deciding.let_go_on(waiting, now)
        device.told_seq += 1
    device.save(update_fields=["told_seq"])
