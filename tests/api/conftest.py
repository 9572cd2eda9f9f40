"""Two companies that must not see each other, and callers with keys."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client

from erp import services as erp
from masterdata import keys
from masterdata.models import (
    Calendar,
    Company,
    Currency,
    Location,
    Machine,
    Material,
    MaterialCategory,
    Membership,
    Partner,
    Plant,
    Unit,
    User,
    Warehouse,
    WorkCentre,
)

NOW = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)
_numbers = itertools.count(1)


@dataclass
class House:
    """One company with a plant, a warehouse, a location, a work centre and a machine."""

    company: Company
    plant: Plant
    warehouse: Warehouse
    location: Location
    work_centre: WorkCentre
    machine: Machine


@dataclass
class World:
    ours: House
    theirs: House
    currency: Currency
    calendar: Calendar
    unit: Unit
    category: MaterialCategory
    material: Material
    partner: Partner


@dataclass
class Caller:
    """A program with an API key. Each POST gets an idempotency key of its own unless one is given ("": none)."""

    user: User
    token: str
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(f"/api/v1/{path}", query, headers=self._headers())

    def post(self, path: str, body: Any = None, *, key: str | None = None, **headers: str) -> Any:
        chosen = f"test-{next(_numbers)}" if key is None else key
        named = {"Idempotency-Key": chosen} if chosen else {}
        return self._send("post", path, body, named | headers)

    def patch(self, path: str, body: Any, **headers: str) -> Any:
        return self._send("patch", path, body, headers)

    def delete(self, path: str, **headers: str) -> Any:
        return self._send("delete", path, None, headers)

    def _send(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Any:
        send = getattr(self.client, method)
        plain = {name.replace("_", "-"): value for name, value in headers.items()}
        content = {} if body is None else {"data": body, "content_type": "application/json"}
        return send(f"/api/v1/{path}", **content, headers=self._headers() | plain)

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}


def house(code: str, currency: Currency, calendar: Calendar) -> House:
    company = Company.objects.create(code=code, name=f"Company {code}", currency=currency)
    plant = Plant.objects.create(company=company, code=f"{code}1", name=f"Plant {code}", calendar=calendar)
    erp.open_buying(plant=plant)
    warehouse = Warehouse.objects.create(plant=plant, code=f"{code}-W", name="Main", is_main=True)
    location = Location.objects.create(plant=plant, warehouse=warehouse, code="A1", name="Rack", is_default=True)
    centre = WorkCentre.objects.create(plant=plant, code="SAW", name="Saws", calendar=calendar, machine_rate=60)
    machine = Machine.objects.create(work_centre=centre, code=f"{code}-SAW1", name="Saw 1")
    return House(company, plant, warehouse, location, centre, machine)


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def make_world() -> World:
    currency = Currency.objects.create(code="EUR", name="Euro")
    calendar = Calendar.objects.create(code="WEEK", name="Week")
    unit = Unit.objects.create(code="pcs", name="Pieces")
    category = MaterialCategory.objects.create(code="FURN", name="Furniture")
    material = Material.objects.create(
        code="TBL", name="Table", category=category, unit=unit, supply="make", is_sellable=True
    )
    partner = Partner.objects.create(code="C1", name="Customer", is_customer=True)
    return World(
        house("OUR", currency, calendar),
        house("THEIR", currency, calendar),
        currency,
        calendar,
        unit,
        category,
        material,
        partner,
    )


def make_caller(
    company: Company, role: str, *, plant: Plant | None = None, scopes: Sequence[str] = (), **key: Any
) -> Caller:
    user = User.objects.create(username=f"{role}-{next(_numbers)}")
    Membership.objects.create(user=user, role=role, company=company, plant=plant)
    issued = keys.issue_key(user=user, name="test", scopes=scopes, now=NOW, **key)
    return Caller(user, issued.token)


@pytest.fixture
def caller(world: World) -> Callable[..., Caller]:
    """`caller("sales")`: a key of a user with that role in our company (`plant=`, `scopes=`, `expires_at=`)."""
    return lambda role, **more: make_caller(world.ours.company, role, **more)
