"""The crew of the demo: grades, skills and shifts, the hours of this week, who is here now, the last handover."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator, Sequence
from decimal import Decimal
from zoneinfo import ZoneInfo

from erp import services as erp
from masterdata.models import (
    Employee,
    EmployeeSkill,
    LabourGrade,
    ShiftBreak,
    Skill,
    SkillRequirement,
    User,
    WorkCentre,
)
from mes import services as mes
from mes import shifts
from mes.models import ExecutionEvent
from mes.services import log
from mes.services.events import FloorEvent
from suite.demo.factory import Demo

Kind = ExecutionEvent.Kind
GRADES = [
    ("HELPER", "Helper", {"DG": 16, "PZ": 20}),
    ("SKILLED", "Skilled worker", {"DG": 24, "PZ": 29}),
    ("MASTER", "Master", {"DG": 31, "PZ": 36}),
]
SKILLS = [
    ("SAW", "Panel saw licence"),
    ("SPRAY", "Spray painting"),
    ("FORK", "Forklift licence"),
    ("CNC", "CNC set-up"),
]
NEEDS = [("SAW", "SAW"), ("PAINT", "SPRAY"), ("CNC", "CNC"), ("PSAW", "SAW"), ("PLAC", "SPRAY"), ("PCNC", "CNC")]
ENDING = {"FORK": -6, "SAW": 12}
"""Days from now until somebody's skill ends."""
TOGETHER = ["OVEN", "PAINT", "SAND", "CNC"]  # one person tends several of these
PIECES = [("PACK", Decimal("0.35")), ("PPACK", Decimal("0.42"))]
DAYS = 3
MINUTE = dt.timedelta(minutes=1)


def prepare(demo: Demo) -> None:
    """Who is what, can what and works when; before anything is worked."""
    first = demo.now.date() - dt.timedelta(days=60)
    grades = {}
    for code, name, rates in GRADES:
        grades[code] = LabourGrade.objects.create(code=code, name=name)
        for plant, rate in rates.items():
            erp.set_hour_rate(
                kind="labour", grade=grades[code], plant=demo.plants[plant], per_hour=Decimal(rate), valid_from=first
            )
    skills = {code: Skill.objects.create(code=code, name=name) for code, name in SKILLS}
    centres = {one.code: one for one in WorkCentre.objects.all()}
    SkillRequirement.objects.bulk_create(
        SkillRequirement(work_centre=centres[centre], skill=skills[skill]) for centre, skill in NEEDS
    )
    WorkCentre.objects.filter(code__in=TOGETHER).update(is_tended_together=True)
    ShiftBreak.objects.filter(starts=dt.time(9, 30)).update(is_paid=True)
    for centre, a_piece in PIECES:
        erp.set_piece_rate(work_centre=centres[centre], per_piece=a_piece, valid_from=first)
    for number, person in enumerate(Employee.objects.select_related("plant__calendar").order_by("code")):
        person.grade = grades[("SKILLED", "HELPER", "SKILLED", "MASTER")[number % 4]]
        person.pay = Employee.Pay.PIECE if number % 7 == 5 else Employee.Pay.TIME
        if person.plant.code == "DG":
            person.calendar = centres["SAW"].calendar
            person.shift_name = "Late" if number % 3 == 2 else "Early"
        person.save()
        person.skills.set(one for place, one in enumerate(skills.values()) if (number + place) % 3 != 2)
    for code, days in ENDING.items():
        last = EmployeeSkill.objects.filter(skill__code=code).order_by("employee__code").first()
        if last is not None:
            last.valid_until, last.level = demo.now.date() + dt.timedelta(days=days), EmployeeSkill.Level.TEACHES
            last.save(update_fields=["valid_until", "level"])


def tell(demo: Demo, users: dict[str, User]) -> None:
    """The hours of the last days through the log, and the handover of the shift before."""
    people = list(Employee.objects.select_related("plant__calendar", "calendar").order_by("code"))
    for number, person in enumerate(people):
        for kind, at in _moments(person, number, demo.now):
            log.take(event=_event(person, kind, at), now=demo.now, is_late=True)
    _hand_over(demo, users["zhaomin"])


def _moments(person: Employee, number: int, now: dt.datetime) -> Iterator[tuple[str, dt.datetime]]:
    """Clock-in, break and clock-out of each shift so far. Every fifth comes late today, every ninth not at all."""
    calendar = shifts.calendar_of(person)
    today = now.astimezone(ZoneInfo(calendar.time_zone)).date()
    turns = shifts.turns(calendar, today - DAYS * shifts.DAY, today)
    mine = [one for one in turns if one.starts_at < now and person.shift_name in ("", one.name)]
    for place, turn in enumerate(mine):
        is_last = place == len(mine) - 1
        if is_last and number % 9 == 7:
            continue
        came = turn.starts_at + MINUTE * ((25 if is_last and number % 5 == 3 else -6) + number % 4)
        middle = turn.starts_at + (turn.ends_at - turn.starts_at) / 2
        found: Sequence[tuple[str, dt.datetime]] = [
            (Kind.CLOCK_IN, came),
            (Kind.BREAK_START, middle + MINUTE * (number % 5)),
            (Kind.BREAK_END, middle + MINUTE * (30 + number % 6)),
            (Kind.CLOCK_OUT, turn.ends_at + MINUTE * (number % 8)),
        ]
        yield from ((kind, at) for kind, at in found if at <= now)


def _event(person: Employee, kind: str, at: dt.datetime) -> FloorEvent:
    return FloorEvent(kind=kind, event_id=uuid.uuid4(), operator_id=person.pk, happened_at=at)


def _hand_over(demo: Demo, lead: User) -> None:
    """The shift before is handed over and waits for the one who comes; this one is being written."""
    plant = demo.plants["DG"]
    calendar = shifts.calendar_of_plant(plant)
    turn = shifts.turn_at(calendar, demo.now)
    before = turn and shifts.turn_at(calendar, turn.starts_at - MINUTE)
    if before is None:
        return
    handover = mes.begin_handover(plant=plant, now=before.starts_at, by=lead)
    mes.write_notes(
        handover=handover,
        notes="EDGE-02 stands until the glue unit comes; its jobs run on EDGE-01 and EDGE-03.\n"
        "White PVC edge, 22 mm: two rolls left, more is on the way.",
        by=lead,
    )
    mes.sign_handover(handover=handover, by=lead, now=demo.now)
