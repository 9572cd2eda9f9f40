"""Hours put right by a shift lead: the wrong event is undone by a correction, the right one is an event of its own."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.db import transaction

from masterdata.errors import InvalidInput, Refusal
from masterdata.models import Employee, User
from masterdata.rights import demand
from mes.models import Attendance, AttendanceBreak, ExecutionEvent
from mes.services import labour, log
from mes.services.events import FloorEvent

Kind = ExecutionEvent.Kind
LONGEST = dt.timedelta(hours=24)


class HoursOverlap(Refusal):
    """The person is here at that time already."""

    code = "hours_overlap"


@transaction.atomic
def correct_hours(
    *,
    attendance: Attendance,
    since_at: dt.datetime,
    until_at: dt.datetime | None,
    reason: str,
    by: User,
    now: dt.datetime,
) -> None:
    """Say when the person really came and went; what did not change stays. `until_at` empty: still here.

    Raises NotAllowed, InvalidInput, HoursOverlap.
    """
    demand(by, "mes.correct_hours", attendance.plant_id)
    _hold(attendance.person_id, min(since_at, attendance.since_at))
    _check(attendance.person, since_at, until_at, reason, now, but=attendance)
    came = _event(attendance.person_id, Kind.CLOCK_IN, attendance.since_at)
    went = _event(attendance.person_id, Kind.CLOCK_OUT, attendance.until_at) if attendance.until_at else None
    if until_at != attendance.until_at and went is not None:
        _undo(went, reason, by, now)
    if since_at != attendance.since_at:
        if came is not None:
            _undo(came, reason, by, now)
        _tell(attendance.person, Kind.CLOCK_IN, since_at, reason, by, now)
    if until_at is not None and until_at != attendance.until_at:
        _tell(attendance.person, Kind.CLOCK_OUT, until_at, reason, by, now)


@transaction.atomic
def add_hours(
    *, person: Employee, since_at: dt.datetime, until_at: dt.datetime | None, reason: str, by: User, now: dt.datetime
) -> None:
    """Hours of somebody who forgot to clock in. Raises NotAllowed, InvalidInput, HoursOverlap."""
    demand(by, "mes.correct_hours", person.plant_id)
    _hold(person.pk, since_at)
    _check(person, since_at, until_at, reason, now)
    _tell(person, Kind.CLOCK_IN, since_at, reason, by, now)
    if until_at is not None:
        _tell(person, Kind.CLOCK_OUT, until_at, reason, by, now)


@transaction.atomic
def strike_hours(*, attendance: Attendance, reason: str, by: User, now: dt.datetime) -> None:
    """The person was not here: undo the clock-in and the clock-out, with the breaks between. Raises NotAllowed."""
    demand(by, "mes.correct_hours", attendance.plant_id)
    if not reason.strip():
        raise InvalidInput("Say why these hours do not count.", field="reason")
    _hold(attendance.person_id, attendance.since_at)
    moments = [(Kind.CLOCK_OUT, attendance.until_at)]
    for rest in AttendanceBreak.objects.filter(attendance=attendance).order_by("-since_at"):
        moments += [(Kind.BREAK_END, rest.until_at), (Kind.BREAK_START, rest.since_at)]
    for kind, at in [*moments, (Kind.CLOCK_IN, attendance.since_at)]:
        if at is not None and (event := _event(attendance.person_id, kind, at)) is not None:
            _undo(event, reason, by, now)


def _hold(person_id: int, at: dt.datetime) -> None:
    """All that the events of one deed may touch, before the first of them."""
    labour.hold_hours(person_ids=[person_id], operation_id=None, at=at)


def _check(
    person: Employee,
    since_at: dt.datetime,
    until_at: dt.datetime | None,
    reason: str,
    now: dt.datetime,
    but: Attendance | None = None,
) -> None:
    if not reason.strip():
        raise InvalidInput("Say why the hours are put right; the person can read it.", field="reason")
    if since_at > now or (until_at is not None and until_at > now):
        raise InvalidInput("Hours can't lie in the future.", field="until_at" if until_at else "since_at")
    if until_at is not None and until_at <= since_at:
        raise InvalidInput("The end must come after the beginning.", field="until_at")
    if (until_at or now) - since_at > LONGEST:
        raise InvalidInput("These are more than 24 hours: enter each day by itself.", field="until_at")
    rows = Attendance.objects.filter(person=person, since_at__lt=until_at or now)
    others = rows.exclude(pk=but.pk) if but else rows
    if any(one.until_at is None or one.until_at > since_at for one in others):
        raise HoursOverlap(f"{person.name} is here at that time already. Correct that entry.", field="since_at")


def _event(person_id: int, kind: str, at: dt.datetime) -> ExecutionEvent | None:
    rows = ExecutionEvent.objects.filter(operator_id=person_id, kind=kind, corrected_at=at, corrections=None)
    return rows.order_by("-received_at").first()


def _undo(event: ExecutionEvent, reason: str, by: User, now: dt.datetime) -> None:
    log.correct(event_id=event.pk, reason=reason, by=by, now=now, correction_id=uuid.uuid4())


def _tell(person: Employee, kind: str, at: dt.datetime, reason: str, by: User, now: dt.datetime) -> None:
    payload: dict[str, Any] = {"reason": reason.strip()[:200], "by": by.pk}
    event = FloorEvent(
        kind=kind, event_id=uuid.uuid4(), operator_id=person.pk, happened_at=at, payload=payload, by_id=by.pk,
    )  # fmt: skip
    log.take(event=event, now=now, is_late=True)
