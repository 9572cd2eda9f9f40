"""Rows and people that the tests of pages share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from masterdata.models import Calendar, Company, Currency, Material, MaterialCategory, Membership, Plant, Unit, User


def person(username: str, role: str, plant: Plant, *, everywhere: bool = True) -> User:
    """A log-in with one role in the plant's company, or in that plant alone."""
    user = User.objects.create_user(username, password="a-long-password", first_name="Sara", last_name="Lang")
    Membership.objects.create(user=user, role=role, company=plant.company, plant=None if everywhere else plant)
    return user


@pytest.fixture(autouse=True)
def gallery_templates(settings: Any) -> None:
    """The gallery's own templates are found beside the tests."""
    own = Path(__file__).with_name("templates")
    settings.TEMPLATES = [{**engine, "DIRS": [*engine["DIRS"], own]} for engine in settings.TEMPLATES]


@pytest.fixture
def plants(db: None) -> list[Plant]:
    currency, _made = Currency.objects.get_or_create(code="EUR", defaults={"name": "Euro"})
    company = Company.objects.create(code="TL", name="Throughline furniture", currency=currency)
    calendar = Calendar.objects.create(code="OFFICE", name="Office")
    return [
        Plant.objects.create(company=company, code="DG", name="Dongguan", calendar=calendar, time_zone="Asia/Shanghai"),
        Plant.objects.create(company=company, code="CD", name="Chengdu", calendar=calendar, time_zone="Asia/Shanghai"),
    ]


@pytest.fixture
def materials(db: None) -> list[Material]:
    """45 materials: M-000 to M-044, every third bought, prices 100.00 to 144.00."""
    unit, _made = Unit.objects.get_or_create(code="pcs", defaults={"name": "Pieces"})
    category = MaterialCategory.objects.create(code="FUR", name="Furniture")
    return Material.objects.bulk_create(
        Material(
            code=f"M-{number:03}",
            name=f"Wardrobe Fjord {number}",
            category=category,
            unit=unit,
            supply=Material.Supply.BUY if number % 3 == 0 else Material.Supply.MAKE,
            list_price=100 + number,
        )
        for number in range(45)
    )


@pytest.fixture
def reader(client: Client, plants: list[Plant]) -> Client:
    """An operator: may look at master data, not change it."""
    client.force_login(person("reader", "operator", plants[0]))
    return client


@pytest.fixture
def editor(client: Client, plants: list[Plant]) -> Client:
    """A planner: may change materials."""
    client.force_login(person("editor", "planner", plants[0]))
    return client
