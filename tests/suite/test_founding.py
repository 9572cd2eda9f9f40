"""An empty house: the administrator sets up company, plant and people on pages, and the first order can be written."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from erp.models import Account, Period
from masterdata.models import Company, Location, Membership, Plant, User
from suite import audit

pytestmark = pytest.mark.django_db
GIVEN = {
    "code": "NORD",
    "name": "Nordhaus",
    "currency_code": "eur",
    "plant_code": "N1",
    "plant_name": "Nordhaus Kiel",
    "time_zone": "Europe/Berlin",
}


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("boss", password="a-long-password"))
    return client


def test_an_empty_house_says_what_to_do_first(admin: Client) -> None:
    assert reverse("suite:company_create") in admin.get("/").content.decode()


def test_company_plant_and_first_person_in_two_forms(admin: Client) -> None:
    made = admin.post(reverse("suite:company_create"), GIVEN)
    assert (made.status_code, made["Location"]) == (302, reverse("suite:user_create"))
    plant = Plant.objects.get()
    assert (plant.company.currency.code, plant.time_zone) == ("EUR", "Europe/Berlin")
    assert plant.calendar.shifts.count() == 5
    assert {one.kind for one in Location.objects.filter(plant=plant, is_default=True)} == {
        "stock",
        "supplier",
        "customer",
        "production",
        "loss",
        "transit",
        "quarantine",
    }
    assert Period.objects.filter(company=plant.company).count() == 36
    assert Account.objects.filter(company=plant.company).exists()
    assert reverse("suite:company_create") not in admin.get("/").content.decode()
    person = {"username": "sara", "password": "a-long-password", "role": "sales", "company": plant.company.pk}
    assert admin.post(reverse("suite:user_create"), person).status_code == 302
    assert Membership.objects.get(user__username="sara").role == "sales"
    assert [finding.invariant.name for finding in audit.findings() if not finding.holds] == []


@pytest.mark.parametrize(
    ("name", "value"),
    [("code", "two words"), ("currency_code", "EURO"), ("plant_code", ""), ("time_zone", "Mars/Olympus")],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_made(admin: Client, name: str, value: str) -> None:
    answer = admin.post(reverse("suite:company_create"), GIVEN | {name: value})
    assert answer.status_code == 422
    assert name in answer.context["form"].errors
    assert not Company.objects.exists()


def test_a_code_that_is_taken_is_refused(admin: Client) -> None:
    admin.post(reverse("suite:company_create"), GIVEN)
    answer = admin.post(reverse("suite:company_create"), GIVEN | {"plant_code": "N2"})
    assert "code" in answer.context["form"].errors
    assert Company.objects.count() == 1


def test_sales_may_not_set_up_companies(client: Client, admin: Client) -> None:
    admin.post(reverse("suite:company_create"), GIVEN)
    sara = User.objects.create_user("sara", password="a-long-password")
    Membership.objects.create(user=sara, role="sales", company=Company.objects.get())
    client.force_login(sara)
    assert client.get(reverse("suite:company_create")).status_code == 403
