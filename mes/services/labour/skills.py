"""Who may work where: skills that a machine, a work centre or an operation needs, and who was let work without."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from erp.models import WorkOrderOperation
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import Employee, EmployeeSkill, Machine, Skill, SkillRequirement, User
from masterdata.rights import demand
from masterdata.services import pins
from mes.models import Attendance, SkillOverride

MOST_NAMES = 4


class SkillMissing(Refusal):
    """The person lacks a skill that the work needs."""

    code = "skill_missing"


class NoPinToAsk(Refusal):
    """Whoever should allow it cannot be recognised at a tablet."""

    code = "no_pin"


@dataclass(frozen=True, slots=True)
class Lack:
    """A skill that the work needs and the person has not, no longer (`ended_on` was its last day) or not far enough."""

    skill: Skill
    level: int
    ended_on: dt.date | None = None
    has: EmployeeSkill | None = None

    @property
    def sentence(self) -> str:
        if self.ended_on is not None:
            return f"has no valid {self.skill.name} any more (it ended on {self.ended_on:%-d %b %Y})"
        if self.has is not None:
            wanted = EmployeeSkill.Level(self.level).label.lower()
            return f"is not far enough in {self.skill.name} ({self.has.get_level_display().lower()}; needed: {wanted})"
        return f"lacks {self.skill.name}"


def missing_skills(*, person: Employee, machine: Machine, operation: WorkOrderOperation, at: dt.datetime) -> list[Lack]:
    """What the person lacks at that time for the operation on this machine, whoever let them."""
    rows = SkillRequirement.objects.filter(
        Q(machine=machine) | Q(machine=None, work_centre=machine.work_centre_id), Q(operation__in=("", operation.name))
    )
    needed: dict[int, int] = {}
    for skill_id, level in rows.values_list("skill", "level"):
        needed[skill_id] = max(level, needed.get(skill_id, 0))
    skills = Skill.objects.in_bulk(needed)
    has = {one.skill_id: one for one in EmployeeSkill.objects.filter(employee=person, skill__in=needed)}
    on = _day(person, at)
    found = [_lack(skills[pk], level, has.get(pk), on) for pk, level in needed.items()]
    return sorted((one for one in found if one), key=lambda one: one.skill.name)


def _day(person: Employee, at: dt.datetime) -> dt.date:
    return at.astimezone(ZoneInfo(person.plant.time_zone)).date()


def _lack(skill: Skill, level: int, has: EmployeeSkill | None, on: dt.date) -> Lack | None:
    if has is None:
        return Lack(skill, level)
    if has.valid_until is not None and has.valid_until < on:
        return Lack(skill, level, ended_on=has.valid_until)
    return Lack(skill, level, has=has) if has.level < level else None


def check_skills(*, person: Employee, machine_id: int, operation_id: int, at: dt.datetime) -> None:
    """Raises SkillMissing unless the person has what the work needs then, or a shift lead let them do it."""
    centres = SkillRequirement.objects.filter(work_centre__machines=machine_id)
    if not centres.exists():
        return
    machine = Machine.objects.get(pk=machine_id)
    operation = WorkOrderOperation.objects.get(pk=operation_id)
    lacks = missing_skills(person=person, machine=machine, operation=operation, at=at)
    if not lacks:
        return
    let = SkillOverride.objects.filter(person=person, machine=machine, operation=operation).first()
    if let is not None and {one.skill.pk for one in lacks} <= set(let.skills.values_list("pk", flat=True)):
        return
    said = " and ".join(one.sentence for one in lacks)
    raise SkillMissing(
        f"{person.name} {said}, which {machine.code} needs. {_who_has(lacks, person, at)} "
        "A shift lead can allow it this once.",
        field="operator",
        person=person.pk,
        machine=machine.code,
        skills=[one.skill.code for one in lacks],
        ended={one.skill.code: one.ended_on.isoformat() for one in lacks if one.ended_on},
    )


def _who_has(lacks: Iterable[Lack], person: Employee, at: dt.datetime) -> str:
    """Who of the plant has all of it: those who are here, else those who are not."""
    rows = Employee.objects.filter(plant_id=person.plant_id, is_active=True).exclude(pk=person.pk)
    valid = Q(valid_until=None) | Q(valid_until__gte=_day(person, at))
    for one in lacks:
        holds = EmployeeSkill.objects.filter(valid, skill=one.skill, level__gte=one.level, employee=OuterRef("pk"))
        rows = rows.filter(Exists(holds))
    able = {one.pk: one.name for one in rows.order_by("name")}
    here = set(Attendance.objects.filter(person__in=able, until_at=None).values_list("person_id", flat=True))
    if names := [name for pk, name in able.items() if pk in here]:
        return f"Here now with it: {_listed(names)}."
    if able:
        return f"With it, but not clocked in: {_listed(list(able.values()))}."
    return "Nobody in the plant has it."


def _listed(names: list[str]) -> str:
    more = len(names) - MOST_NAMES
    return ", ".join(names[:MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def allow_by_pin(
    *,
    lead: Employee,
    pin: str,
    person: Employee,
    machine: Machine,
    operation: WorkOrderOperation,
    reason: str,
    now: dt.datetime,
) -> SkillOverride:
    """At a tablet: the shift lead's PIN says who allows it. A wrong one is counted, so call it in no transaction.

    Raises NoPinToAsk, PinWrong, PinLocked, and what `allow_without_skill` raises.
    """
    if lead.user is None or not lead.pin_hash:
        raise NoPinToAsk(
            f"{lead.name} has no log-in or no PIN, so nobody can tell who allows it here. Choose another shift lead, "
            "or allow it in the office: Floor, people, skill overrides.",
            field="lead",
        )
    pins.check_pin(employee_id=lead.pk, pin=pin, now=now)
    return allow_without_skill(
        person=person, machine=machine, operation=operation, reason=reason, by=lead.user, now=now
    )


@transaction.atomic
def allow_without_skill(
    *, person: Employee, machine: Machine, operation: WorkOrderOperation, reason: str, by: User, now: dt.datetime
) -> SkillOverride:
    """Let the person do this operation on this machine without the skills that it needs; who, when and why is kept.

    Whoever calls has made sure that it is `by`: by the log-in in the office, by the PIN on a tablet. Nobody allows
    themselves. Raises NotAllowed, InvalidInput.
    """
    demand(by, "mes.override_skill", machine.work_centre.plant_id)
    if person.user_id == by.pk:
        raise InvalidInput("Nobody allows themselves: ask another shift lead.", field="person")
    if not reason.strip():
        raise InvalidInput("Say why it may be done without the skill.", field="reason")
    lacks = missing_skills(person=person, machine=machine, operation=operation, at=now)
    if not lacks:
        raise InvalidInput(f"{person.name} has every skill that {machine.code} needs for this.", field="person")
    Employee.objects.select_for_update(no_key=True).order_by("pk").get(pk=person.pk)
    row, _ = SkillOverride.objects.update_or_create(
        person=person,
        machine=machine,
        operation=operation,
        defaults={"plant_id": machine.work_centre.plant_id, "reason": reason.strip()[:200], "by": by, "at": now},
    )
    row.skills.set(one.skill for one in lacks)
    return row
