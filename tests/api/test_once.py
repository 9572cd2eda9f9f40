"""A request sent twice has one effect."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from masterdata.models import IdempotencyKey, Partner
from tests.api.conftest import Caller, World, make_caller, make_world

Callers = Callable[..., Caller]
BODY = {"code": "C2", "name": "Second"}


def test_key_is_required_of_a_creating_post(caller: Callers) -> None:
    answer = caller("sales").post("masterdata/partners/", BODY, key="")
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_missing")
    assert not Partner.objects.filter(code="C2").exists()


@pytest.mark.parametrize("key", ["with space", "x" * 121, "caf\u00e9"])
def test_odd_keys_are_refused(caller: Callers, key: str) -> None:
    assert caller("sales").post("masterdata/partners/", BODY, key=key).status_code == 400


def test_twin_gets_the_first_answer(caller: Callers) -> None:
    seller = caller("sales")
    first = seller.post("masterdata/partners/", BODY, key="k1")
    second = seller.post("masterdata/partners/", BODY, key="k1")
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert (first["ETag"], first["Location"]) == (second["ETag"], second["Location"])
    assert "Idempotency-Replayed" not in first
    assert second["Idempotency-Replayed"] == "true"
    assert Partner.objects.filter(code="C2").count() == 1


def test_twin_gets_the_first_answer_even_when_the_row_has_changed(caller: Callers) -> None:
    seller = caller("sales")
    first = seller.post("masterdata/partners/", BODY, key="k1")
    seller.patch(f"masterdata/partners/{first.json()['id']}/", {"name": "Third"}, If_Match=first["ETag"])
    assert seller.post("masterdata/partners/", BODY, key="k1").json()["name"] == "Second"


def test_key_with_another_body_is_422(caller: Callers) -> None:
    seller = caller("sales")
    seller.post("masterdata/partners/", BODY, key="k1")
    answer = seller.post("masterdata/partners/", BODY | {"name": "Other"}, key="k1")
    assert (answer.status_code, answer.json()["code"]) == (422, "key_reused")


def test_key_at_another_address_is_422(caller: Callers) -> None:
    buyer = caller("buyer")
    buyer.post("masterdata/partners/", BODY, key="k1")
    assert buyer.post("masterdata/contacts/", BODY, key="k1").status_code == 422


def test_keys_of_two_users_are_two_keys(caller: Callers) -> None:
    assert caller("sales").post("masterdata/partners/", BODY, key="k1").status_code == 201
    assert caller("sales").post("masterdata/partners/", BODY | {"code": "C3"}, key="k1").status_code == 201


def test_refused_request_leaves_its_key_free(caller: Callers) -> None:
    seller = caller("sales")
    assert seller.post("masterdata/partners/", {"code": "C2"}, key="k1").status_code == 400
    assert not IdempotencyKey.objects.exists()
    assert seller.post("masterdata/partners/", BODY, key="k1").status_code == 201


def test_two_at_the_same_moment_have_one_effect(committed: None) -> None:
    """Eight threads send one request with one key: one partner, eight equal answers."""
    world: World = make_world()
    seller = make_caller(world.ours.company, "sales")
    start = threading.Barrier(8)
    answers: list[Any] = []

    def send() -> None:
        start.wait()
        answers.append(Caller(seller.user, seller.token).post("masterdata/partners/", BODY, key="k1"))
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status_code for answer in answers] == [201] * 8
    assert all(answer.json() == answers[0].json() for answer in answers)
    assert Partner.objects.filter(code="C2").count() == 1
    assert sum("Idempotency-Replayed" in answer for answer in answers) == 7
