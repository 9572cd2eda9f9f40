"""Attendances and bookings follow the fold: one person's hours from where they could have changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from masterdata.models import Employee
from mes import labour, shifts
from mes.labour import Booking, Finding, Hours, Presence, Span
from mes.models import Attendance, AttendanceBreak, LabourBooking
from mes.services.labour import reading

EPOCH = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


@dataclass(slots=True)
class Refolded:
    """What changed: `findings` of the fold, ids of the operations whose bookings differ from before."""

    findings: list[Finding] = field(default_factory=list)
    operation_ids: set[int] = field(default_factory=set)
    is_changed: bool = False


def lock(person_ids: Iterable[int]) -> dict[int, Employee]:
    """Hold the people, in the order of their ids, after everything of production."""
    rows = Employee.objects.select_for_update(no_key=True, of=("self",)).select_related("plant__calendar", "calendar")
    return {one.pk: one for one in rows.filter(pk__in=set(person_ids)).order_by("pk")}


def hours_of(person: Employee, since: dt.datetime, without: str = "") -> Hours:
    """The person's hours since a moment at which they were neither here nor at work, as if one event had not come."""
    events = [one for one in reading.events_of(person.pk, since) if one.id != without]
    shared = reading.shared_machines(one.machine_id for one in events if one.machine_id)
    return labour.fold(events, person_id=person.pk, shared=shared)


@transaction.atomic(savepoint=False)
def refold(person: Employee, at: dt.datetime) -> Refolded:
    """Bring the person's hours up to date from the session that holds `at`. Call while holding the person."""
    since = reading.session_start(person.pk, at)
    hours = hours_of(person, since)
    return _write(person, hours, since)


def _write(person: Employee, hours: Hours, since: dt.datetime) -> Refolded:
    done = Refolded(hours.findings)
    done.operation_ids = _write_bookings(person, hours.bookings, since)
    done.is_changed = _write_presences(person, hours.presences, since) or bool(done.operation_ids)
    return done


def _write_bookings(person: Employee, bookings: Sequence[Booking], since: dt.datetime) -> set[int]:
    """Rows that stand stay; one that only ended gets its end; the others are written anew."""
    old = {_key(row): row for row in LabourBooking.objects.filter(person=person, since_at__gte=since)}
    new = {_key_of(one): one for one in bookings}
    changed: set[int] = set()
    gone: list[int] = []
    for key, row in old.items():
        one = new.get(key)
        if one is not None and one.until == row.until_at:
            del new[key]
        elif one is not None and one.until is not None and (row.until_at is None or one.until < row.until_at):
            LabourBooking.objects.filter(pk=row.pk).update(until_at=one.until)
            changed.add(row.operation_id)
            del new[key]
        else:
            gone.append(row.pk)
            changed.add(row.operation_id)
    if gone:
        LabourBooking.objects.filter(pk__in=gone).delete()
    LabourBooking.objects.bulk_create(
        LabourBooking(
            person=person,
            plant_id=person.plant_id,
            operation_id=one.operation_id,
            machine_id=one.machine_id,
            lane=one.lane,
            since_at=one.since,
            until_at=one.until,
            tended=one.tended,
            place=one.place,
        )
        for one in new.values()
    )
    return changed | {one.operation_id for one in new.values()}


def _key(row: LabourBooking) -> tuple[Any, ...]:
    return row.operation_id, row.machine_id, row.lane, row.since_at, row.tended, row.place


def _key_of(one: Booking) -> tuple[Any, ...]:
    return one.operation_id, one.machine_id, one.lane, one.since, one.tended, one.place


def _write_presences(person: Employee, presences: Sequence[Presence], since: dt.datetime) -> bool:
    rows = Attendance.objects.filter(person=person, since_at__gte=since).prefetch_related("breaks")
    old = {row.since_at: row for row in rows}
    new = {one.since: one for one in presences}
    stand = {at for at, row in old.items() if at in new and _same(row, new[at])}
    gone = [row.pk for at, row in old.items() if at not in stand]
    if gone:
        Attendance.objects.filter(pk__in=gone).delete()
    fresh = [one for at, one in new.items() if at not in stand]
    for one in fresh:
        row = Attendance.objects.create(person=person, plant_id=person.plant_id, since_at=one.since, until_at=one.until)
        paid = shifts.paid_breaks(person, one) if one.breaks else []
        AttendanceBreak.objects.bulk_create(
            AttendanceBreak(attendance=row, since_at=rest.since, until_at=rest.until, paid_sec=_paid_sec(rest, paid))
            for rest in one.breaks
        )
    return bool(gone or fresh)


def _same(row: Attendance, one: Presence) -> bool:
    breaks = [(rest.since_at, rest.until_at) for rest in row.breaks.all()]
    return row.until_at == one.until and breaks == [(rest.since, rest.until) for rest in one.breaks]


def _paid_sec(rest: Span, paid: Iterable[tuple[dt.datetime, dt.datetime]]) -> int:
    if rest.until is None:
        return 0
    parts = (min(end, rest.until) - max(start, rest.since) for start, end in paid)
    return sum(max(0, int(part.total_seconds())) for part in parts)


def rebuild_hours(plant_ids: Collection[int], fix: bool = False) -> list[tuple[str, str, str]]:
    """Fold all events of everybody in the plants again: whose rows differ, what they say, what they should say. `fix`
    writes it right."""
    found = []
    for person_id in Employee.objects.filter(plant__in=plant_ids).order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            person = lock([person_id])[person_id]
            hours = hours_of(person, EPOCH)
            is_now, should_be = _said(person), _folded(hours)
            if is_now == should_be:
                continue
            subject = f"{person.code} {person.name}"
            found.append((subject, _words(is_now - should_be), _words(should_be - is_now)))
            if fix:
                _write(person, hours, EPOCH)
    return found


def _said(person: Employee) -> set[tuple[Any, ...]]:
    bookings = {("at", *_key(row), row.until_at) for row in LabourBooking.objects.filter(person=person)}
    rows = Attendance.objects.filter(person=person).prefetch_related("breaks")
    return bookings | {
        ("here", row.since_at, row.until_at, tuple((rest.since_at, rest.until_at) for rest in row.breaks.all()))
        for row in rows
    }


def _folded(hours: Hours) -> set[tuple[Any, ...]]:
    return {("at", *_key_of(one), one.until) for one in hours.bookings} | {
        ("here", one.since, one.until, tuple((rest.since, rest.until) for rest in one.breaks))
        for one in hours.presences
    }


def _words(rows: set[tuple[Any, ...]]) -> str:
    return "; ".join(" ".join(map(str, one)) for one in sorted(rows, key=str)) or "nothing more"
