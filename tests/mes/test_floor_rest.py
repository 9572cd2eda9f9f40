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


def post(client: Client, path: str, **body: Any) -> Any:
    key = {"HTTP_IDEMPOTENCY_KEY": str(uuid.uuid4())}
    return client.post(f"/api/v1/mes/{path}/", body, content_type="application/json", **key)


def test_people_come_join_leave_and_go(client: Client, shop: Hall) -> None:
    """Li Wei comes 50 minutes ago, joins the saw's job 40 ago, leaves it 10 ago, rests and goes."""
    saw = step(shop.shelves(), 10)
    now = timezone.now()
    begun = replace(shop.event(saw, "SAW-1", 0), happened_at=now - dt.timedelta(minutes=45), operator_id=None)
    mes.start(event=begun, now=now)
    client.force_login(shop.person("operator"))

    def ago(minutes: int) -> str:
        return (now - dt.timedelta(minutes=minutes)).isoformat()

    person, job = {"person": shop.operator.pk}, {"operator": shop.operator.pk, "machine": shop.machine("SAW-1")}
    first = {"event_id": str(uuid.uuid4()), **person, "happened_at": ago(50)}
    for _ in range(2):  # the same message again is answered again
        came = post(client, "attendances/clock-in", **first)
        assert (came.status_code, came.json()["until_at"]) == (200, None), came.content
    again = post(client, "attendances/clock-in", event_id=str(uuid.uuid4()), **person, happened_at=ago(30))
    assert (again.status_code, again.json()["code"]) == (409, "already_clocked_in")
    joined = post(client, f"operations/{saw.pk}/join", event_id=str(uuid.uuid4()), **job, happened_at=ago(40))
    assert (joined.status_code, joined.json()["until_at"]) == (200, None), joined.content
    left = post(client, f"operations/{saw.pk}/leave", event_id=str(uuid.uuid4()), **job, happened_at=ago(10))
    assert dt.datetime.fromisoformat(left.json()["until_at"]) == now - dt.timedelta(minutes=10)
    for deed, minutes in (("break-start", 9), ("break-end", 4), ("clock-out", 1)):
        told = post(client, f"attendances/{deed}", event_id=str(uuid.uuid4()), **person, happened_at=ago(minutes))
        assert told.status_code == 200, told.content
    assert dt.datetime.fromisoformat(told.json()["until_at"]) == now - dt.timedelta(minutes=1)
    assert len(told.json()["breaks"]) == 1


def test_a_tablet_is_offered_a_code_and_alarms_get_steps(client: Client, shop: Hall) -> None:
    plant = shop.shop.plant.pk
    client.force_login(shop.person("shift_lead"))
    offered = post(client, "devices/offer-enrolment", name="Saw", plant=plant, machine=shop.machine("SAW-1"))
    assert offered.status_code == 201, offered.content
    device, _token = mes.enrol(code=offered.json()["code"], uid=uuid.uuid4(), now=timezone.now())
    assert (device.name, device.machine_id) == ("Saw", shop.machine("SAW-1"))
    steps = [{"after_min": 5, "told": "Shift lead"}, {"after_min": 15, "told": "Plant manager"}]
    told = post(client, "escalations/set", plant=plant, steps=steps)
    assert [(one["level"], one["after_min"]) for one in told.json()["steps"]] == [(1, 5), (2, 15)]
    wrong = post(client, "escalations/set", plant=plant, steps=steps[::-1])
    assert (wrong.status_code, client.get("/api/v1/mes/escalations/").json()["count"]) == (400, 2)
    client.force_login(shop.person("operator"))
    assert post(client, "devices/offer-enrolment", name="Saw", plant=plant).status_code == 403


def test_labels_are_printed_on_paper_too(client: Client, shop: Hall) -> None:
    client.force_login(shop.person("shift_lead"))
    address, body = "/api/v1/mes/labels/pdf/", {"kind": "work-orders", "ids": [shop.shelves().pk]}
    answer = client.post(address, body, content_type="application/json")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf"), answer.status_code
    assert answer.content.startswith(b"%PDF")
    for _ in range(2):
        assert client.post(
            address, body, content_type="application/json", HTTP_IDEMPOTENCY_KEY="k1"
        ).content.startswith(b"%PDF")
    assert client.post(address, body | {"ids": [10**9]}, content_type="application/json").status_code == 400
