"""A week of the plan on paper and people against the plan, through the front door."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from aps import services as aps
from aps.minutes import minute_of
from masterdata.models import Employee, EmployeeSkill, Membership, Skill, SkillRequirement, User, WorkCentre
from tests.aps.shop import NOW, Shop, at, build
from tests.pages.counting import assert_query_count

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    """Two saws, a packing place; one order sawn 09:14 to 10:14 and packed until 10:44, one sawn beside it until 11:14.

    Shifts on weekdays: Early 06:00 to 14:00, Late 14:00 to 22:00.
    """
    days = range(5)
    shifts = [(day, "06:00", "14:00") for day in days] + [(day, "14:00", "22:00") for day in days]
    shop = build(["SAW-1", "SAW-2", "PACK-1"], shifts=shifts)
    for one in shop.plant.calendar.shifts.all():
        one.name = "Early" if one.starts.hour == 6 else "Late"
        one.save()
    shop.order([("SAW", 60), ("PACK", 30)], promised_at=at("10:14"), setup=0, quantity=3)
    shop.order([("SAW", 120)], promised_at=at("10:20"))
    aps.plan_plant(plant_id=shop.plant.pk, now=NOW)
    return shop


@pytest.fixture
def planner(client: Client, shop: Shop) -> Client:
    user = User.objects.create_user("planner", password="a-long-password")
    Membership.objects.create(user=user, role="planner", company=shop.plant.company)
    client.force_login(user)
    return client


def employ(shop: Shop, name: str, shift: str, skill: Skill | None = None, until: dt.date | None = None) -> None:
    person = Employee.objects.create(code=name, name=name, badge=name, plant=shop.plant, shift_name=shift)
    if skill is not None:
        EmployeeSkill.objects.create(employee=person, skill=skill, valid_until=until)


def load(client: Client, shop: Shop, first: str, until: str, day: int = 23) -> dict[str, Any]:
    address = reverse("aps:people_load", args=[shop.plant.pk])
    wanted = {"from": minute_of(at(first, day)), "until": minute_of(at(until, day))}
    found: dict[str, Any] = client.get(address, wanted).json()
    return found


def test_heads_are_counted_by_hour_and_skill(planner: Client, shop: Shop) -> None:
    """09:00 to 10:00 both saws from 09:14: 46 minutes each, 92 of 60, so 1.5 heads. 10:00 to 11:00: 14 and 60 minutes
    sawn, 30 packed: 104 minutes, 1.7. 11:00 to 12:00: 14 minutes, 0.2. Licensed sawyers are asked for 1.5, 1.2, 0.2.

    There: two in the early shift, one of them licensed.
    """
    licence = Skill.objects.create(code="SAW", name="Saw licence")
    SkillRequirement.objects.create(work_centre=WorkCentre.objects.get(code="SAW"), skill=licence)
    employ(shop, "ANA", "Early", licence)
    employ(shop, "BEN", "Early")
    employ(shop, "CEM", "Late", licence)
    with assert_query_count("aps:people_load"):
        found = load(planner, shop, "09:14", "12:00")
    groups = {one["name"]: one for one in found["groups"]}
    assert [one["name"] for one in found["groups"]] == ["Everybody", "Any training", "Saw licence"]
    assert {one["from"] for one in found["groups"]} == {minute_of(at("09:00"))}
    assert groups["Everybody"]["need"] == [1.5, 1.7, 0.2]
    assert groups["Everybody"]["there"] == [2, 2, 2]
    assert groups["Saw licence"]["need"] == [1.5, 1.2, 0.2]
    assert groups["Saw licence"]["there"] == [1, 1, 1]
    assert groups["Any training"]["need"] == [0, 0.5, 0]
    assert found["no_shift"] == 0


def test_one_person_tends_machines_that_are_tended_together(planner: Client, shop: Shop) -> None:
    """Both saws from 09:14: 46 minutes of one person, 0.8; then 60 minutes with 30 packed beside, 1.5."""
    WorkCentre.objects.filter(code="SAW").update(is_tended_together=True)
    found = load(planner, shop, "09:00", "11:00")
    assert found["groups"][0]["need"] == [0.8, 1.5]


def test_a_skill_counts_until_its_last_day(planner: Client, shop: Shop) -> None:
    """The licence ends on Sunday 22 November: on Monday nobody has it. An early shift is over at 14:00."""
    licence = Skill.objects.create(code="SAW", name="Saw licence")
    SkillRequirement.objects.create(work_centre=WorkCentre.objects.get(code="SAW"), skill=licence)
    employ(shop, "ANA", "Early", licence, until=dt.date(2026, 11, 22))
    found = load(planner, shop, "09:00", "15:00")
    groups = {one["name"]: one["there"] for one in found["groups"]}
    assert groups == {"Everybody": [1, 1, 1, 1, 1, 0], "Any training": [1, 1, 1, 1, 1, 0], "Saw licence": [0] * 6}


def test_who_has_no_shift_is_said_and_not_counted(planner: Client, shop: Shop) -> None:
    employ(shop, "ANA", "")
    found = load(planner, shop, "09:00", "10:00")
    assert found["no_shift"] == 1
    assert found["groups"][0]["there"] == [0]
    assert "sick" in found["made_of"]


def test_times_that_are_no_minutes_are_refused(planner: Client, shop: Shop) -> None:
    address = reverse("aps:people_load", args=[shop.plant.pk])
    assert planner.get(address, {"from": "soon"}).status_code == 400
    assert planner.get(address, {"from": "20", "until": "10"}).status_code == 400
    assert len(planner.get(address).json()["groups"][0]["need"]) in (336, 337)


def test_a_machine_has_a_sheet_with_its_week(planner: Client, shop: Shop) -> None:
    """Week 48 of 2026 begins on Monday 23 November. The packing place: 30 minutes of 80 hours."""
    address = reverse("aps:print_week", args=[shop.plant.pk])
    with assert_query_count("aps:print_week"):
        page = planner.get(address, {"week": "2026-W48"}).content.decode()
    assert page.count('class="print-sheet"') == 3
    assert "Plan of week 48" in page
    assert "Nordhaus" in page
    pack = shop.machines["PACK-1"]
    one = planner.get(address, {"week": "2026-W48", "machine": pack.pk}).content.decode()
    assert one.count('class="print-sheet"') == 1
    assert "0.5 of 80.0 h of working time taken (1 %)" in one
    assert "10:14" in one
    assert "10:44" in one
    assert "3 PC" in one
    assert f"?week=2026-W49&amp;machine={pack.pk}" in one


def test_a_week_without_work_says_so(planner: Client, shop: Shop) -> None:
    address = reverse("aps:print_week", args=[shop.plant.pk])
    assert "Nothing is planned in this week" in planner.get(address, {"week": "2026-W40"}).content.decode()
    assert planner.get(address, {"week": "0001-W01"}).status_code == 200
    saw = planner.get(address, {"week": "2026-W40", "machine": shop.machines["SAW-1"].pk}).content.decode()
    assert "Nothing is planned on this machine" in saw


def test_another_company_s_planner_sees_neither(client: Client, shop: Shop) -> None:
    client.force_login(User.objects.create_user("nobody", password="a-long-password"))
    for name in ("aps:people_load", "aps:print_week"):
        assert client.get(reverse(name, args=[shop.plant.pk])).status_code in (403, 404)
