"""Whole rows by prepared statements."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from masterdata.models import Calendar, Company, Currency, Location, Plant, Warehouse
from masterdata.whole import Whole

pytestmark = pytest.mark.django_db

IN_PLANT = Whole(
    Location, "t.plant_id = %s ORDER BY t.code", "plant", "plant__company", "plant__company__currency", "parent"
)


@pytest.fixture
def plant() -> Plant:
    currency = Currency.objects.create(code="EUR", name="Euro")
    company = Company.objects.create(code="C", name="Company", currency=currency)
    calendar = Calendar.objects.create(code="K", name="Calendar")
    plant = Plant.objects.create(code="P", name="Plant", company=company, calendar=calendar, time_zone="Europe/Berlin")
    house = Warehouse.objects.create(code="W", name="W", plant=plant)
    top = Location.objects.create(code="A", name="Top", plant=plant, warehouse=house, kind="stock")
    Location.objects.create(code="B", name="Below", plant=plant, warehouse=house, kind="stock", parent=top)
    return plant


def test_rows_are_as_djangos_and_so_are_those_that_they_point_to(plant: Plant) -> None:
    with CaptureQueriesContext(connection) as queries:
        top, below = IN_PLANT.read(plant.pk)
        assert below.plant.company.currency.code == "EUR"
        assert below.parent == top
        assert top.parent is None
    assert len(queries) == 1
    same = Location.objects.get(code="B")
    for field in Location._meta.concrete_fields:
        assert getattr(below, field.attname) == getattr(same, field.attname)
    below.name = "Changed"
    below.save(update_fields=["name"])
    assert Location.objects.get(code="B").name == "Changed"


def test_nothing_is_found_where_nothing_is(plant: Plant) -> None:
    assert IN_PLANT.read(plant.pk + 1) == []
