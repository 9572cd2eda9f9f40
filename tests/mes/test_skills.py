"""Skills have a level and a last day: the start asks for both, and pages say what ends."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from erp.models import WorkOrderOperation
from masterdata.models import Employee, EmployeeSkill, Machine, Skill, SkillRequirement, WorkCentre
from mes import services as mes
from mes.models import OperationRun
from mes.services import labour
from tests.factories import NOW
from tests.mes.hall import Hall, at, hall, step

TODAY = NOW.date()
DAY = dt.timedelta(days=1)


@pytest.fixture
def shop() -> Hall:
    return hall()


@pytest.fixture
def licence(shop: Hall) -> Skill:
    """Sawing needs it, whatever the level."""
    skill = Skill.objects.create(code="SAW-A", name="Panel saw licence")
    SkillRequirement.objects.create(work_centre=WorkCentre.objects.get(code="SAW"), skill=skill)
    return skill


@pytest.fixture
def saw(shop: Hall) -> WorkOrderOperation:
    return step(shop.shelves(), 10)


def held(person: Employee, skill: Skill, until: dt.date | None = None, level: int = 2) -> EmployeeSkill:
    return EmployeeSkill.objects.create(employee=person, skill=skill, valid_until=until, level=level)


def test_a_skill_that_ended_gates_like_a_missing_one_and_says_since_when(
    shop: Hall, licence: Skill, saw: WorkOrderOperation
) -> None:
    """It is the 23rd; Li's licence ended on the 22nd. Wang's holds for good."""
    held(shop.operator, licence, TODAY - DAY)
    wang = Employee.objects.create(code="E2", name="Wang Fang", badge="B-1002", plant=shop.shop.plant)
    held(wang, licence)
    with pytest.raises(labour.SkillMissing) as refused:
        shop.start(saw, "SAW-1")
    assert refused.value.sentence == (
        "Li Wei has no valid Panel saw licence any more (it ended on 22 Nov 2026), which SAW-1 needs. With it, but not "
        "clocked in: Wang Fang. A shift lead can allow it this once."
    )
    assert refused.value.values["ended"] == {"SAW-A": "2026-11-22"}
    labour.allow_without_skill(
        person=shop.operator, machine=Machine.objects.get(code="SAW-1"), operation=saw, reason="Course is on Friday",
        by=shop.person("shift_lead"), now=at(0),
    )  # fmt: skip
    shop.start(saw, "SAW-1")
    assert OperationRun.objects.get().state == "running"


def test_the_last_day_still_counts_in_the_plants_time(licence: Skill, shop: Hall, saw: WorkOrderOperation) -> None:
    """Nine o'clock UTC on the 23rd is five in the afternoon in Shanghai; eight hours later it is the 24th there."""
    shop.shop.plant.time_zone = "Asia/Shanghai"
    shop.shop.plant.save()
    held(shop.operator, licence, TODAY)
    late = shop.event(saw, "SAW-1", 8 * 60)
    with pytest.raises(labour.SkillMissing, match="it ended on 23 Nov 2026"):
        mes.start(event=late, now=at(8 * 60))
    shop.start(saw, "SAW-1", 6 * 60)


def test_who_only_learns_it_is_not_far_enough_where_more_is_needed(
    shop: Hall, licence: Skill, saw: WorkOrderOperation
) -> None:
    has = held(shop.operator, licence, level=1)
    SkillRequirement.objects.update(level=2)
    with pytest.raises(labour.SkillMissing, match=r"\(learns it; needed: works alone\).*Nobody in the plant has it"):
        shop.start(saw, "SAW-1")
    has.level = 2
    has.save()
    shop.start(saw, "SAW-1")


def test_an_ended_skill_is_no_offer_of_somebody_else(shop: Hall, licence: Skill, saw: WorkOrderOperation) -> None:
    wang = Employee.objects.create(code="E2", name="Wang Fang", badge="B-1002", plant=shop.shop.plant)
    held(wang, licence, TODAY - DAY)
    with pytest.raises(labour.SkillMissing, match="Nobody in the plant has it"):
        shop.start(saw, "SAW-1")


def test_pages_show_what_ends_within_thirty_days(client: Client, shop: Hall, licence: Skill) -> None:
    """One ended yesterday, one ends in 30 days, one in 31, one never."""
    today = timezone.localdate()
    for number, until in enumerate((today - DAY, today + 30 * DAY, today + 31 * DAY, None)):
        person = Employee.objects.create(code=f"P{number}", name=f"Person {number}", badge=f"P{number}",
                                         plant=shop.shop.plant)  # fmt: skip
        held(person, licence, until)
    client.force_login(shop.person("shift_lead"))
    people = " ".join(client.get(reverse("mes:people")).content.decode().split())
    banner = people[people.index("2 skills have ended or end within 30 days") :][:400]
    assert "Person 0" in banner
    assert "Person 1" in banner
    assert "Person 2" not in banner
    address = reverse("mes:people_skills")
    found = {ends: client.get(address, {"ends": ends}).content.decode() for ends in ("", "soon", "ended")}
    assert all(f"Person {number}" in found[""] for number in range(4))
    assert ["Person 1" in found["soon"], "Person 0" in found["soon"], "Person 2" in found["soon"]] == [
        True,
        False,
        False,
    ]
    assert ["Person 0" in found["ended"], "Person 1" in found["ended"]] == [True, False]


def test_over_rest_skills_have_level_and_day_and_keep_them(client: Client, shop: Hall, licence: Skill) -> None:
    """A person's list of skills is written as before: what stays keeps its level and day."""
    client.force_login(shop.person("admin", plant=False))
    base = "/api/v1/masterdata"
    body = {"employee": shop.operator.pk, "skill": licence.pk, "level": 3, "valid_until": "2027-01-31"}
    made = client.post(f"{base}/employee-skills/", body, content_type="application/json",
                       headers={"Idempotency-Key": "skill-1"})  # fmt: skip
    assert made.status_code == 201, made.content
    other = Skill.objects.create(code="CNC", name="CNC")
    person = f"{base}/employees/{shop.operator.pk}/"
    changed = client.patch(
        person, {"skills": [licence.pk, other.pk]}, content_type="application/json",
        headers={"If-Match": client.get(person).headers.get("ETag", "*"), "Idempotency-Key": "skill-2"},
    )  # fmt: skip
    assert changed.status_code == 200, changed.content
    rows = EmployeeSkill.objects.order_by("skill__code").values_list("skill__code", "level", "valid_until")
    assert list(rows) == [("CNC", 2, None), ("SAW-A", 3, dt.date(2027, 1, 31))]
