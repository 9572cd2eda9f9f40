"""People against the plan: heads that the planned work needs in each hour, and heads that are expected then."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from django.db.models import BigIntegerField, Prefetch
from django.db.models.functions import Cast, Extract
from django.utils.translation import gettext as _

from aps import snapshot
from aps.minutes import EPOCH, minute_after, minute_of, time_of
from aps.models import PlannedOperation
from masterdata.models import Employee, EmployeeSkill, Machine, Shift, Skill, SkillRequirement
from masterdata.worktime import Interval, WeeklyShift, WorkPattern, expanded, patterns, without

STEP = 60
MOST = 31 * 24 * 60
EPOCH_S = int(EPOCH.timestamp())
Needed: TypeAlias = frozenset[tuple[int, int]]
"""Skills and the least level of each that somebody must have at once: (skill id, level)."""


@dataclass
class _Hours:
    """Person-minutes in each hour of a period, minutes of the epoch; `first` is on the hour."""

    first: int
    until: int
    worked: list[int] = field(init=False)
    whole: list[int] = field(init=False)

    def __post_init__(self) -> None:
        hours = max(0, -(-(self.until - self.first) // STEP))
        self.worked, self.whole = [0] * hours, [0] * (hours + 1)

    def add(self, spans: Iterable[tuple[int, int]]) -> None:
        """One head for each of the spans: minutes of its first and last hour, and where whole hours begin and end."""
        first, last = self.first, self.first + STEP * len(self.worked)
        for start, end in spans:
            start, end = max(start, first), min(end, last)
            if start >= end:
                continue
            begins, ends = (start - first) // STEP, (end - 1 - first) // STEP
            if begins == ends:
                self.worked[begins] += end - start
                continue
            self.worked[begins] += first + STEP * (begins + 1) - start
            self.worked[ends] += end - first - STEP * ends
            self.whole[begins + 1] += 1
            self.whole[ends] -= 1

    @property
    def heads(self) -> list[float]:
        """As heads, to a tenth."""
        return [
            round((one + STEP * whole) / STEP, 1)
            for one, whole in zip(self.worked, accumulate(self.whole), strict=False)
        ]


def people_load(plant_id: int, *, first: int, until: int, now: dt.datetime) -> dict[str, Any]:
    """Heads by hour of [first, until), minutes from the epoch, at most 31 days; the number of queries is constant.

    `groups`: everybody first, then those who need the same skills. `need`: a person for each machine that is planned
    to work, breaks of its calendar left out; one for all machines of a work centre that one person tends together.
    `there`: active people of the plant whose shift it is and who have the skills then; who has several skills counts
    in each group. `no_shift`: people of whom the calendar does not say which shift is theirs, counted nowhere. Nobody's
    holidays and sick days are known here.
    """
    first -= first % STEP
    until = min(until, first + MOST)
    people = list(
        Employee.objects.filter(plant_id=plant_id, is_active=True)
        .select_related("plant")
        .prefetch_related(Prefetch("trained", EmployeeSkill.objects.all()))
        .order_by("pk")
    )
    machines = {
        one.pk: one for one in Machine.objects.filter(work_centre__plant_id=plant_id).select_related("work_centre")
    }
    known = patterns([*map(_calendar_of, people), *map(_calendar_at, machines.values())])
    need, tended = _needs(plant_id, machines, _windows(machines, known, plant_id, first, until, now), first, until)
    expected = _expected(people, known, first, until)
    groups = sorted(need, key=lambda key: (len(key), sorted(key)))
    names = _names(groups)
    whole = _Hours(first, until)
    for spans in need.values():
        whole.add(spans)
    for spans in tended.values():
        whole.add(spans)
    found = [_group(_("Everybody"), whole, expected, people, frozenset())]
    for key in groups:
        hours = _Hours(first, until)
        hours.add(need[key])
        for (group, _centre), spans in tended.items():
            if group == key:
                hours.add(spans)
        found.append(_group(names[key], hours, expected, people, key))
    return {
        "groups": found,
        "no_shift": sum(1 for one in people if one.pk not in expected),
        "made_of": _(
            "Needed: one person for each machine at work in the published plan, one for all machines that are tended "
            "together. There: people whose shift it is and who have the skill; holidays and sick days are not known."
        ),
    }


def _group(
    name: str, hours: _Hours, expected: Mapping[int, Sequence[Interval]], people: Sequence[Employee], key: Needed
) -> dict[str, Any]:
    there = _Hours(hours.first, hours.until)
    for person in people:
        spans = _able(person, expected.get(person.pk, ()), key)
        there.add((minute_of(start), minute_of(end)) for start, end in spans)
    return {"name": name, "from": hours.first, "step": STEP, "need": hours.heads, "there": there.heads}


def _able(person: Employee, spans: Sequence[Interval], key: Needed) -> Sequence[Interval]:
    """When the person is expected and has all of it: a skill counts until its last day is over."""
    has = {one.skill_id: one for one in person.trained.all()}
    ends: list[dt.date] = []
    for skill_id, level in key:
        one = has.get(skill_id)
        if one is None or one.level < level:
            return ()
        if one.valid_until is not None:
            ends.append(one.valid_until)
    if not ends:
        return spans
    zone = ZoneInfo(person.plant.time_zone)
    return [span for span in spans if span[0].astimezone(zone).date() <= min(ends)]


Spans: TypeAlias = list[tuple[int, int]]


def _needs(
    plant_id: int, machines: Mapping[int, Machine], open_at: Mapping[int, Sequence[Interval]], first: int, until: int
) -> tuple[dict[Needed, Spans], dict[tuple[Needed, int], Spans]]:
    """When a head is needed, by the skills that it takes; and of work tended together, merged, by work centre too."""
    rules = list(
        SkillRequirement.objects.filter(work_centre__plant_id=plant_id).values_list(
            "work_centre_id", "machine_id", "operation", "skill_id", "level"
        )
    )
    rows = PlannedOperation.objects.filter(plant_id=plant_id, starts_at__lt=time_of(until), ends_at__gt=time_of(first))
    alone: dict[Needed, Spans] = {}
    together: dict[tuple[Needed, int], Spans] = defaultdict(list)
    minutes = {
        pk: ([minute_of(begin) for begin, _ in spans], [minute_after(end) for _, end in spans])
        for pk, spans in open_at.items()
    }
    known: dict[tuple[int, str], Needed] = {}
    times = (Cast(Extract(name, "epoch", tzinfo=dt.UTC), BigIntegerField()) for name in ("starts_at", "ends_at"))
    for machine_id, name, starts, ends in rows.values_list("machine_id", "operation__name", *times):
        machine = machines.get(machine_id)
        if machine is None:
            continue
        if (machine_id, name) not in known:
            known[machine_id, name] = _needed(machine, name, rules)
        key = known[machine_id, name]
        worked = _within(*minutes[machine_id], (starts - EPOCH_S) // 60, -((EPOCH_S - ends) // 60))
        spans = alone.setdefault(key, [])
        if machine.is_tended_together or machine.work_centre.is_tended_together:
            together[key, machine.work_centre_id] += worked
        else:
            spans += worked
    return alone, {key: _joined(spans) for key, spans in together.items()}


def _joined(spans: Spans) -> Spans:
    """Sorted, overlapping and touching ones joined."""
    found: Spans = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def _within(begins: Sequence[int], ends: Sequence[int], start: int, end: int) -> Iterator[tuple[int, int]]:
    """What lies in [start, end) of intervals that are sorted and do not overlap; all in minutes."""
    for at in range(bisect_right(ends, start), len(ends)):
        if begins[at] >= end:
            break
        yield max(begins[at], start), min(ends[at], end)


def _needed(machine: Machine, name: str, rules: Iterable[tuple[int, int | None, str, int, int]]) -> Needed:
    """What somebody must be trained for to do the operation on the machine, as the floor checks it."""
    levels: dict[int, int] = {}
    for centre, at, operation, skill, level in rules:
        if centre == machine.work_centre_id and at in (None, machine.pk) and operation in ("", name):
            levels[skill] = max(level, levels.get(skill, 0))
    return frozenset(levels.items())


def _calendar_of(person: Employee) -> int:
    return person.calendar_id or person.plant.calendar_id


def _calendar_at(machine: Machine) -> int:
    return machine.calendar_id or machine.work_centre.calendar_id


def _windows(
    machines: Mapping[int, Machine],
    known: Mapping[int, WorkPattern],
    plant_id: int,
    first: int,
    until: int,
    now: dt.datetime,
) -> dict[int, Sequence[Interval]]:
    """When each machine works, without its stops."""
    calendars = {pk: _calendar_at(one) for pk, one in machines.items()}
    holes: dict[int, list[Interval]] = defaultdict(list)
    for hole in snapshot.holes_of(plant_id, now):
        holes[hole.machine_id].append((hole.starts_at, hole.ends_at))
    start, end = time_of(first), time_of(until)
    return {
        pk: without(expanded(known[calendar], start, end), holes[pk])
        if pk in holes
        else expanded(known[calendar], start, end)
        for pk, calendar in calendars.items()
    }


def _expected(
    people: Sequence[Employee], known: Mapping[int, WorkPattern], first: int, until: int
) -> dict[int, Sequence[Interval]]:
    """When each person is expected, by their shift's name in their calendar; who has no one shift a day is left out."""
    calendars = {one.pk: _calendar_of(one) for one in people}
    named: dict[int, list[tuple[str, WeeklyShift]]] = defaultdict(list)
    rows = Shift.objects.filter(calendar__in=set(calendars.values())).order_by("calendar", "weekday", "starts")
    for row in rows.prefetch_related("breaks"):
        breaks = tuple((one.starts, one.ends) for one in row.breaks.all())
        named[row.calendar_id].append((row.name, WeeklyShift(row.weekday, row.starts, row.ends, breaks)))
    found: dict[int, Sequence[Interval]] = {}
    for person in people:
        calendar = calendars[person.pk]
        mine = tuple(one for name, one in named[calendar] if person.shift_name in ("", name))
        if not mine or max(Counter(one.weekday for one in mine).values()) > 1:
            continue
        closed = tuple(day for day in known[calendar].days if not day.is_working)
        pattern = WorkPattern(known[calendar].time_zone, mine, closed)
        found[person.pk] = expanded(pattern, time_of(first), time_of(until))
    return found


def _names(groups: Sequence[Needed]) -> dict[Needed, str]:
    wanted = {skill for key in groups for skill, _level in key}
    skills = dict(Skill.objects.filter(pk__in=wanted).values_list("pk", "name"))
    able = EmployeeSkill.Level.LEARNS
    words: dict[Needed, str] = {}
    for key in groups:
        parts = [
            skills[skill] if level == able else f"{skills[skill]} ({EmployeeSkill.Level(level).label})"
            for skill, level in sorted(key)
        ]
        words[key] = " + ".join(parts) or _("Any training")
    return words
