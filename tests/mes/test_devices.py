"""Tablets: enrolled by a code, recognised by their token, revoked."""

from __future__ import annotations

import re
import uuid
from dataclasses import replace

import pytest
from django.test import Client
from django.utils import timezone

from masterdata.models import User
from mes import services as mes
from mes.models import Device, EventPhoto, ExecutionEvent, Quarantine
from mes.services.devices import DeviceRevoked, UnusablePhoto, WrongCode
from mes.services.log.doing import NoSubject
from tests.mes.hall import Hall, at, hall, step

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


def enrolled(shop: Hall) -> tuple[Device, str]:
    """A tablet at SAW-1 with its token."""
    _, code = mes.offer_enrolment(name="Saw", plant=shop.shop.plant, by=shop.person("shift_lead"), now=at(0))
    return mes.enrol(code=code, uid=uuid.uuid4(), now=at(5))


def test_a_code_enrols_one_tablet_once_and_for_a_quarter_of_an_hour() -> None:
    shop = hall()
    lead = shop.person("shift_lead")
    _, code = mes.offer_enrolment(name="Saw", plant=shop.shop.plant, by=lead, now=at(0))
    with pytest.raises(WrongCode, match="15 minutes"):
        mes.enrol(code=code, uid=uuid.uuid4(), now=at(16))
    device, token = mes.enrol(code=f"{code[:4]} {code[4:]}", uid=uuid.uuid4(), now=at(14))
    assert mes.device_by_token(token) == device
    assert device.user is not None
    assert not device.user.has_usable_password()
    with pytest.raises(WrongCode):
        mes.enrol(code=code, uid=uuid.uuid4(), now=at(14))
    mes.revoke_device(device_id=device.pk, now=at(20))
    assert mes.device_by_token(token) is None
    with pytest.raises(DeviceRevoked):
        mes.browser(uid=device.uid, name="", plant_id=shop.shop.plant.pk)


def test_an_enrolled_tablet_opens_the_floor_without_a_log_in_and_nothing_else(client: Client) -> None:
    shop = hall()
    _, token = enrolled(shop)
    assert client.get("/tablet/").status_code == 302
    client.cookies["device"] = token
    page = client.get("/tablet/SAW-1/")
    assert (page.status_code, "SAW-1" in page.content.decode()) == (200, True)
    assert client.get("/floor/").status_code == 302
    client.cookies["device"] = "not-a-token"
    assert client.get("/tablet/SAW-1/").status_code == 302


def test_a_tablet_sends_its_queue_over_rest_and_each_event_is_answered(client: Client) -> None:
    """A start and 4 good pieces count; a report of an operation that is not there is kept and asked about; one without
    an id can't be kept; the same queue again changes nothing."""
    shop = hall()
    saw = step(shop.shelves(), 10)
    _, token = enrolled(shop)
    client.cookies["device"] = token
    now = timezone.now()
    base = {"machine": shop.machine("SAW-1"), "operator": shop.operator.pk, "at": now.isoformat()}
    events = [
        base | {"id": str(uuid.uuid4()), "seq": 1, "kind": "start", "operation": saw.pk},
        base | {"id": str(uuid.uuid4()), "seq": 2, "kind": "report", "operation": saw.pk, "good": "4"},
        base | {"id": str(uuid.uuid4()), "seq": 3, "kind": "report", "operation": 10**9, "good": "1"},
        base | {"id": "no id", "seq": 4, "kind": "note"},
        base | {"id": str(uuid.uuid4()), "seq": 4, "kind": "note", "at": "2026-13-45T99:00:00Z"},
    ]
    body = {"device": str(uuid.uuid4()), "plant": shop.shop.plant.pk, "sent_at": now.isoformat(), "events": events}
    for expected in (["applied", "applied"], ["replay", "replay"]):
        answer = client.post("/api/v1/mes/sync/", body, "application/json")
        assert answer.status_code == 200, answer.content
        assert [one["status"] for one in answer.json()["answers"]] == [
            *expected,
            "quarantined",
            "rejected",
            "quarantined",
        ]
    assert step(saw.work_order, 10).good_qty == 4
    assert "not there" in Quarantine.objects.earliest("pk").sentence
    assert ExecutionEvent.objects.count() == 4


def test_a_photo_is_kept_once_and_only_if_it_is_one() -> None:
    shop = hall()
    photo_id, plant_id = uuid.uuid4(), shop.shop.plant.pk
    mes.keep_photo(photo_id=photo_id, content=PNG, plant_id=plant_id)
    mes.keep_photo(photo_id=photo_id, content=PNG + b"other", plant_id=plant_id)
    assert bytes(EventPhoto.objects.get().content) == PNG
    for content, word in ((b"<svg onload=alert(1)>", "JPEG"), (PNG + b"0" * 4 * 1024 * 1024, "4 MB")):
        with pytest.raises(UnusablePhoto, match=word):
            mes.keep_photo(photo_id=uuid.uuid4(), content=content, plant_id=plant_id)


def test_the_office_makes_a_code_and_revokes_a_tablet(client: Client) -> None:
    shop = hall()
    client.force_login(shop.person("shift_lead"))
    assert "No tablets yet" in client.get("/floor/devices/").content.decode()
    made = client.post("/floor/devices/enrol/", {"name": "Edge 2", "plant": shop.shop.plant.pk}, follow=True)
    page = made.content.decode()
    digits = re.search(r'enrol-digits">(\d{4}) (\d{4})<', page)
    assert digits is not None
    device, _ = mes.enrol(code="".join(digits.groups()), uid=uuid.uuid4(), now=timezone.now())
    assert "Edge 2" in client.get("/floor/devices/").content.decode()
    assert "The tablet is enrolled" in client.get(made.redirect_chain[-1][0]).content.decode()
    client.post(f"/floor/devices/{device.pk}/revoke/")
    device.refresh_from_db()
    assert device.is_revoked


def test_an_operator_manages_no_tablets(client: Client) -> None:
    shop = hall()
    client.force_login(shop.person("operator"))
    assert client.get("/floor/devices/").status_code == 403
    assert User.objects.filter(username="operator").exists()


def test_an_event_of_a_run_needs_its_operation() -> None:
    shop = hall()
    event = replace(shop.event(step(shop.shelves(), 10), "SAW-1", 0), kind="start", operation_id=0)
    with pytest.raises(NoSubject, match="which operation"):
        mes.take(event=event, now=at(1))
