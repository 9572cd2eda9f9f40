"""People on the floor: who is here, where, since when, and the hours of a day and a week."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from masterdata.models import Employee, EmployeeSkill
from mes import shifts
from mes.models import Attendance, LabourBooking
from mes.shifts import Turn

GRACE = dt.timedelta(minutes=5)
"""So much after the beginning of the shift nobody is late yet."""
ABSENT = dt.timedelta(minutes=60)
"""So much after it whoever has not come is absent."""
ENDS_SOON = dt.timedelta(days=30)
"""So long before a skill ends it is told."""
WORDS = {
    "working": _("At work"),
    "here": _("Here, no job"),
    "break": _("On a break"),
    "late": _("Late"),
    "absent": _("Absent"),
    "gone": _("Gone"),
    "away": _("Not on shift"),
}
_NOW = """
    SELECT e.id, a.since_at, r.since_at, b.jobs, b.since_at
    FROM masterdata_employee e
    LEFT JOIN mes_attendance a ON a.person_id = e.id AND a.until_at IS NULL
    LEFT JOIN mes_attendancebreak r ON r.attendance_id = a.id AND r.until_at IS NULL
    LEFT JOIN LATERAL (
        SELECT min(l.since_at) AS since_at,
            array_agg(m.code || '|' || w.number || '|' || o.name ORDER BY m.code, w.number) AS jobs
        FROM mes_labourbooking l JOIN masterdata_machine m ON m.id = l.machine_id
        JOIN erp_workorderoperation o ON o.id = l.operation_id JOIN erp_workorder w ON w.id = o.work_order_id
        WHERE l.person_id = e.id AND l.until_at IS NULL) b ON true
    WHERE e.id = ANY(%s)
"""
_HOURS = """
    SELECT a.person_id, sum(
        extract(epoch FROM least(coalesce(a.until_at, %(now)s), %(now)s) - greatest(a.since_at, %(since)s))
        - coalesce((SELECT sum(greatest(0, extract(epoch FROM
                least(coalesce(r.until_at, %(now)s), %(now)s) - greatest(r.since_at, %(since)s))))
            FROM mes_attendancebreak r WHERE r.attendance_id = a.id), 0)
        + coalesce((SELECT sum(r.paid_sec) FROM mes_attendancebreak r
            WHERE r.attendance_id = a.id AND r.since_at >= %(since)s), 0))
    FROM mes_attendance a
    WHERE a.person_id = ANY(%(people)s) AND a.since_at < %(now)s
        AND coalesce(a.until_at, %(now)s) > %(since)s
    GROUP BY a.person_id
"""


@dataclass(frozen=True, slots=True)
class JobNow:
    """A job that somebody is at."""

    machine: str
    work_order: str
    operation: str


@dataclass(slots=True)
class PersonNow:
    """A person as of now. `state` is a key of `WORDS`; `turn` is the shift at which they are expected."""

    person_id: int
    state: str
    since_at: dt.datetime | None = None
    here_since_at: dt.datetime | None = None
    jobs: Sequence[JobNow] = ()
    turn: Turn | None = None
    is_late: bool = False
    today_min: int = 0
    week_min: int = 0

    @property
    def word(self) -> str:
        return str(WORDS[self.state])

    @property
    def is_here(self) -> bool:
        return self.here_since_at is not None or bool(self.jobs)

    @property
    def where(self) -> str:
        return ", ".join(job.machine for job in self.jobs)

    @property
    def doing(self) -> str:
        return ", ".join(f"{job.work_order} {job.operation}" for job in self.jobs)

    @property
    def late_min(self) -> int:
        """Minutes after the shift's beginning that they came."""
        if self.turn is None or self.here_since_at is None or not self.is_late:
            return 0
        return int((self.here_since_at - self.turn.starts_at).total_seconds() // 60)


@dataclass(slots=True)
class _Days:
    """The turns of each kind of shift around now, so that people who share one ask once."""

    now: dt.datetime
    found: dict[tuple[int, str], Turn | None] = field(default_factory=dict)

    def turn_of(self, person: Employee) -> Turn | None:
        """The shift of today at which the person is expected: the one that is on, else the last one begun today."""
        calendar = shifts.calendar_of(person)
        key = calendar.pk, person.shift_name
        if key not in self.found:
            today = self.now.astimezone(ZoneInfo(calendar.time_zone)).date()
            weekly = [one for one in calendar.shifts.all() if not person.shift_name or one.name == person.shift_name]
            by_day: dict[int, int] = defaultdict(int)
            for one in weekly:
                by_day[one.weekday] += 1
            begun: list[Turn] = []
            if all(count == 1 for count in by_day.values()):
                turns = shifts.turns(calendar, today - shifts.DAY, today, weekly)
                begun = [
                    one for one in turns
                    if one.starts_at <= self.now and (one.ends_at > self.now or one.starts_at.astimezone(
                        ZoneInfo(calendar.time_zone)).date() == today)
                ]  # fmt: skip
            self.found[key] = begun[-1] if begun else None
        return self.found[key]


def people_now(people: Collection[Employee], *, now: dt.datetime) -> dict[int, PersonNow]:
    """Each of the people (read with plant and calendars) as of now; a handful of queries for all of them."""
    ids = [one.pk for one in people]
    with connection.cursor() as cursor:
        cursor.execute(_NOW, [ids])
        rows = {row[0]: row[1:] for row in cursor.fetchall()}
    days = _Days(now)
    came = _came(ids, now)
    found = {}
    for person in people:
        here, rest, jobs, at_work = rows[person.pk]
        listed = [JobNow(*job.split("|", 2)) for job in jobs or ()]
        turn = days.turn_of(person)
        state, since = _state(here, rest, at_work, turn, came.get(person.pk), now)
        first = _first(came.get(person.pk, ()), turn)
        late = turn is not None and first is not None and first > turn.starts_at + GRACE and turn.ends_at > first
        found[person.pk] = PersonNow(person.pk, state, since, here, listed, turn, late)
    _add_hours(found, people, now)
    return found


def _state(
    here: dt.datetime | None,
    rest: dt.datetime | None,
    at_work: dt.datetime | None,
    turn: Turn | None,
    came: Sequence[Attendance] | None,
    now: dt.datetime,
) -> tuple[str, dt.datetime | None]:
    if rest is not None:
        return "break", rest
    if at_work is not None:
        return "working", at_work
    if here is not None:
        return "here", here
    if turn is None:
        return "away", None
    if (first := _first(came or (), turn)) is not None:
        last = max((one.until_at for one in came or () if one.until_at), default=first)
        return "gone", last
    if now >= turn.ends_at:
        return "away", None
    if now < turn.starts_at + GRACE:
        return "away", None
    return ("absent" if now >= turn.starts_at + ABSENT else "late"), turn.starts_at


def _first(came: Iterable[Attendance], turn: Turn | None) -> dt.datetime | None:
    """When they came to this shift, also well before it."""
    if turn is None:
        return None
    early = turn.starts_at - dt.timedelta(hours=4)
    return min((one.since_at for one in came if early <= one.since_at < turn.ends_at), default=None)


def _came(ids: Sequence[int], now: dt.datetime) -> dict[int, list[Attendance]]:
    found: dict[int, list[Attendance]] = defaultdict(list)
    for row in Attendance.objects.filter(person__in=ids, since_at__gte=now - dt.timedelta(hours=36)):
        found[row.person_id].append(row)
    return found


def _add_hours(found: dict[int, PersonNow], people: Collection[Employee], now: dt.datetime) -> None:
    """Paid minutes since midnight and since Monday, in each plant's own time."""
    zones: dict[str, list[int]] = defaultdict(list)
    for person in people:
        zones[person.plant.time_zone].append(person.pk)
    for name, ids in zones.items():
        local = now.astimezone(ZoneInfo(name))
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        monday = midnight - dt.timedelta(days=local.weekday())
        for pk, minutes in paid_minutes(ids, midnight, now).items():
            found[pk].today_min = minutes
        for pk, minutes in paid_minutes(ids, monday, now).items():
            found[pk].week_min = minutes


def paid_minutes(person_ids: Sequence[int], since: dt.datetime, now: dt.datetime) -> dict[int, int]:
    """Whole paid minutes of each person from `since` until `now`: here, less breaks, plus their paid part."""
    with connection.cursor() as cursor:
        cursor.execute(_HOURS, {"people": list(person_ids), "since": since, "now": now})
        return {pk: int(seconds // 60) for pk, seconds in cursor.fetchall()}


def staff(plant_ids: Collection[int]) -> list[Employee]:
    """The people of the plants, with what `people_now` needs."""
    rows = Employee.objects.filter(plant__in=plant_ids, is_active=True)
    rows = rows.select_related("plant__calendar", "calendar").order_by("name")
    return list(rows.prefetch_related("plant__calendar__shifts", "calendar__shifts"))


def minutes_of(row: Attendance, *, now: dt.datetime) -> tuple[int, int]:
    """Whole minutes of breaks, and of paid time, of an attendance read with its breaks."""
    rest = sum(int(((one.until_at or now) - one.since_at).total_seconds()) for one in row.breaks.all())
    paid = sum(one.paid_sec for one in row.breaks.all())
    whole = int(((row.until_at or now) - row.since_at).total_seconds())
    return rest // 60, max(0, whole - rest + paid) // 60


def minutes_at_jobs(rows: Sequence[Attendance], *, now: dt.datetime) -> dict[int, int]:
    """Minutes of each attendance at jobs; several tended at once count once."""
    spans: dict[int, set[tuple[dt.datetime, dt.datetime]]] = defaultdict(set)
    if rows:
        first = min(row.since_at for row in rows)
        bookings = LabourBooking.objects.filter(person__in={row.person_id for row in rows}).filter(
            Q(until_at=None) | Q(until_at__gt=first)
        )
        for person_id, since, until in bookings.values_list("person_id", "since_at", "until_at").order_by():
            spans[person_id].add((since, until or now))
    found = {}
    for row in rows:
        end = row.until_at or now
        parts = (min(end, until) - max(row.since_at, since) for since, until in spans[row.person_id])
        found[row.pk] = int(sum(max(0.0, part.total_seconds()) for part in parts) // 60)
    return found


def skills_of(*, plant_ids: Collection[int]) -> QuerySet[EmployeeSkill]:
    """What the active people of the plants are trained for, what ends first before the rest."""
    rows = EmployeeSkill.objects.filter(employee__plant__in=plant_ids, employee__is_active=True)
    return rows.select_related("employee__plant", "skill").order_by(F("valid_until").asc(nulls_last=True), "pk")


def ending_skills(*, plant_ids: Collection[int], today: dt.date) -> QuerySet[EmployeeSkill]:
    """Those that have ended or end within 30 days."""
    return skills_of(plant_ids=plant_ids).filter(valid_until__lte=today + ENDS_SOON)


def skill_state(row: EmployeeSkill, today: dt.date) -> str:
    """ "active", "at_risk" (it ends within 30 days) or "expired"."""
    if row.valid_until is None or row.valid_until > today + ENDS_SOON:
        return "active"
    return "expired" if row.valid_until < today else "at_risk"
