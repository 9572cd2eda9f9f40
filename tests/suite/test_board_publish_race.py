"""Drafts that are published at the same moment over connections of their own: nothing is lost, nothing done twice."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from time_machine import TimeMachineFixture

from aps.models import BoardDraft, OperationPin, Plan, PlannedOperation
from erp.models import SalesOrder
from masterdata.models import Membership, Plant, User
from suite.asks import offer
from tests.aps.test_draft_plants import at, ordered, planned, round_the_clock, whole
from tests.crew import Crew
from tests.erp.sales.test_replant import second_plant
from tests.erp.shop import NOW, Shop


@pytest.fixture
def shop(alone: Crew, monkeypatch: pytest.MonkeyPatch, time_machine: TimeMachineFixture) -> Shop:
    """The web process answers; it is 08:00."""
    time_machine.move_to(NOW, tick=False)
    monkeypatch.setattr(offer.warm, "is_there", lambda: False)
    return round_the_clock()


@pytest.fixture
def plant(shop: Shop) -> Plant:
    return second_plant(shop)


def planner(shop: Shop, name: str) -> Client:
    user = User.objects.create_user(name, password="a-long-password")
    Membership.objects.create(user=user, role="planner", company=shop.company)
    client = Client()
    client.force_login(user)
    return client


def kept(client: Client, plant: Plant, *edits: dict[str, Any]) -> dict[str, Any]:
    """The body that publishes this draft."""
    address = reverse("aps:draft", args=[plant.pk])
    version = client.get(address).json()["version"]
    answer = client.put(address, {"version": version, "edits": list(edits)}, content_type="application/json")
    return {"plant": plant.pk, f"version-{plant.pk}": answer.json()["version"]}


def published(client: Client, body: dict[str, Any]) -> int:
    return client.post(reverse("suite:board_summary"), body).status_code


def at_once(*deeds: Callable[[], int]) -> list[int]:
    start = Barrier(len(deeds))

    def run(deed: Callable[[], int]) -> int:
        try:
            start.wait()
            return deed()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(run, deeds))


def test_one_sends_a_line_while_the_other_publishes_the_plant_that_gets_it(shop: Shop, plant: Plant) -> None:
    """The 25 tables stand there 08:00 to 09:00 by now; Bert pins them while Anna sends the 95, which come behind them:
    09:00 to 12:20, at once or, when Bert's plan came between her look and her deed, by that plant's next plan.
    """
    order = ordered(shop, plant)
    other = SalesOrder.objects.exclude(pk=order.pk).get()
    anna, bert = planner(shop, "anna"), planner(shop, "bert")
    sends = [{"do": "plant", "line": one.lines.get().pk, "plant": plant.pk} for one in (order, other)]
    assert published(anna, kept(anna, shop.plant, sends[0])) == 204
    row = PlannedOperation.objects.get(plant=plant)
    first, second = kept(anna, shop.plant, sends[1]), kept(bert, plant, {"do": "pin", "ops": [row.operation_id]})
    assert at_once(lambda: published(anna, first), lambda: published(bert, second)) == [204, 204]
    assert not BoardDraft.objects.exclude(edits=[]).exists()
    assert OperationPin.objects.get().operation_id == row.operation_id
    assert other.lines.get().plant_id == plant.pk
    planned(plant)
    rows = PlannedOperation.objects.filter(plant=plant).order_by("starts_at")
    assert [(one.starts_at, one.ends_at) for one in rows] == [(at("08:00"), at("09:00")), (at("09:00"), at("12:20"))]
    whole()


def test_a_draft_that_is_published_twice_at_once_becomes_one_plan(shop: Shop, plant: Plant) -> None:
    """Both lines in one draft; the second of two clicks hears that there is nothing to publish any more."""
    order = ordered(shop, plant)
    other = SalesOrder.objects.exclude(pk=order.pk).get()
    anna = planner(shop, "anna")
    sends = [{"do": "plant", "line": one.lines.get().pk, "plant": plant.pk} for one in (order, other)]
    body, before = kept(anna, shop.plant, *sends), Plan.objects.filter(plant=shop.plant).count()
    again = Client()
    again.force_login(User.objects.get(username="anna"))
    said = at_once(lambda: published(anna, body), lambda: published(again, body))
    assert said.count(204) == 1
    assert set(said) - {204} <= {409, 422}
    assert Plan.objects.filter(plant=shop.plant).count() == before + 1
    assert [one.number for one in Plan.objects.filter(plant=plant)] == [1]
    assert PlannedOperation.objects.filter(plant=plant).count() == 2
    whole()
