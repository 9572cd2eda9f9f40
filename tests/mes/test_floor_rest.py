"""Over REST: what was scanned comes with a report, and badges are seen by those who manage people alone."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from erp.models import Lot, StockMove
from mes import services as mes
from mes.models import ExecutionEvent
from tests.mes.hall import Hall, hall, step

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Hall:
    return hall()


def report(client: Client, shop: Hall, **body: Any) -> Any:
    """A report of the saw job that began an hour ago, at the machine's own address."""
    saw = step(shop.shelves(), 10)
    now = timezone.now()
    mes.start(event=replace(shop.event(saw, "SAW-1", 0), happened_at=now - dt.timedelta(hours=1)), now=now)
    client.force_login(shop.person("operator"))
    given = {"event_id": str(uuid.uuid4()), "machine": shop.machine("SAW-1"), "happened_at": now.isoformat()}
    address = f"/api/v1/mes/operations/{saw.pk}/report/"
    return client.post(address, given | body, content_type="application/json")


def test_a_report_takes_the_parts_that_were_scanned(client: Client, shop: Hall) -> None:
    """Two shelves of ten, three boards scanned where four are planned: those three, and the fourth as planned."""
    board = shop.shop.materials["BOARD"]
    parts = [{"material": board.pk, "quantity": "3"}]
    answer = report(client, shop, good_qty="2", consumed=parts)
    assert answer.status_code == 200, answer.content
    assert ExecutionEvent.objects.get(kind="report").payload["consumed"][0]["quantity"] == "3"
    assert sorted(row.quantity for row in StockMove.objects.filter(kind="issue", material=board)) == [1, 3]


def test_a_lot_that_there_is_not_is_said_at_the_report(client: Client, shop: Hall) -> None:
    parts = [{"material": shop.shop.materials["BOARD"].pk, "lot": "NO-SUCH-LOT", "quantity": "3"}]
    answer = report(client, shop, good_qty="2", consumed=parts)
    assert (answer.status_code, answer.json()["code"]) == (409, "unknown_lot")
    assert not ExecutionEvent.objects.filter(kind="report").exists()


def test_serials_need_a_material_that_has_them(client: Client, shop: Hall) -> None:
    """They reach the hub, which says that shelves at the saw have none."""
    answer = report(client, shop, good_qty="1", serials=["S-1"])
    assert answer.status_code == 400, answer.content
    assert "SHELF is kept by quantity" in str(answer.json())
    assert not Lot.objects.filter(number="S-1").exists()


@pytest.mark.parametrize(("role", "sees"), [("operator", False), ("quality", False), ("shift_lead", True)])
def test_a_badge_is_seen_by_those_who_manage_people(client: Client, shop: Hall, role: str, sees: bool) -> None:
    """Neither in the rows nor by asking whose it is."""
    client.force_login(shop.person(role))
    address = "/api/v1/masterdata/employees/"
    (row,) = client.get(address, {"code": "E1"}).json()["results"]
    assert ("badge" in row) == sees
    found = client.get(address, {"badge": "B-1001"}).json()["results"]
    assert len(found) == sees
