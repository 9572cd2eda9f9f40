"""The PIN of a person: set by the shift lead, checked with a limit of tries, known to a tablet without the server."""

from __future__ import annotations

import datetime as dt
import hashlib

import pytest
from django.test import Client
from django.urls import reverse

from masterdata.errors import InvalidInput
from masterdata.models import Employee
from masterdata.services import PinLocked, PinWrong, check_pin, set_pin
from masterdata.services.pins import parts
from tests.factories import NOW
from tests.mes.hall import Hall, hall


@pytest.fixture
def shop(db: None) -> Hall:
    return hall()


def test_a_pin_is_checked_and_a_tablet_can_do_it_alone(shop: Hall) -> None:
    set_pin(employee_id=shop.operator.pk, pin="4711")
    person = Employee.objects.get(pk=shop.operator.pk)
    assert "4711" not in person.pin_hash
    assert check_pin(employee_id=person.pk, pin="4711", now=NOW) == person
    stored = parts(person.pin_hash)
    assert stored is not None
    digest = hashlib.pbkdf2_hmac("sha256", b"4711", bytes.fromhex(stored.salt), stored.rounds)
    assert digest.hex() == stored.hash
    set_pin(employee_id=person.pk, pin="")
    assert parts(Employee.objects.get(pk=person.pk).pin_hash) is None


def test_five_wrong_ones_lock_it_for_two_minutes_and_a_new_one_opens_it(shop: Hall) -> None:
    set_pin(employee_id=shop.operator.pk, pin="4711")
    for _ in range(5):
        with pytest.raises(PinWrong):
            check_pin(employee_id=shop.operator.pk, pin="0000", now=NOW)
    with pytest.raises(PinLocked):
        check_pin(employee_id=shop.operator.pk, pin="4711", now=NOW)
    later = NOW + dt.timedelta(minutes=2, seconds=1)
    assert check_pin(employee_id=shop.operator.pk, pin="4711", now=later)
    for _ in range(5):
        with pytest.raises(PinWrong):
            check_pin(employee_id=shop.operator.pk, pin="0000", now=later)
    set_pin(employee_id=shop.operator.pk, pin="2580")
    assert check_pin(employee_id=shop.operator.pk, pin="2580", now=later)


@pytest.mark.parametrize("pin", ["123", "123456789", "12a4", "1111", "1234"])
def test_a_pin_that_is_none_is_refused(shop: Hall, pin: str) -> None:
    with pytest.raises(InvalidInput):
        set_pin(employee_id=shop.operator.pk, pin=pin)


def test_the_shift_lead_sets_it_on_a_page_and_an_operator_does_not(client: Client, shop: Hall) -> None:
    url = reverse("masterdata:employee_pin", args=[shop.operator.pk])
    client.force_login(shop.person("operator"))
    assert client.get(url).status_code == 403
    client.force_login(shop.person("shift_lead"))
    page = client.get(reverse("masterdata:employee", args=[shop.operator.pk])).content.decode()
    assert "Set a PIN" in page
    assert "pbkdf2" not in page
    differs = client.post(url, {"pin": "4711", "again": "4712", "idempotency_key": "a" * 32})
    assert "The two differ" in differs.content.decode()
    easy = client.post(url, {"pin": "1234", "again": "1234", "idempotency_key": "b" * 32})
    assert "the first that anybody tries" in easy.content.decode()
    assert client.post(url, {"pin": "4711", "again": "4711", "idempotency_key": "c" * 32}).status_code == 302
    assert check_pin(employee_id=shop.operator.pk, pin="4711", now=NOW)
