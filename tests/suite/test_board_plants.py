"""Publishing a draft that makes a line in another plant, through the front door: both plans, or nothing."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from time_machine import TimeMachineFixture

from aps.minutes import minute_of
from aps.models import OperationPin, Plan, PlannedOperation
from erp import services as erp
from erp.models import SalesOrder, WorkOrder
from masterdata.models import Membership, Plant, User
from suite.asks import offer
from tests.aps.test_draft_plants import at, ordered, planned, plant, shop, whole  # noqa: F401 (fixtures)
from tests.erp.shop import NOW, Shop


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch, time_machine: TimeMachineFixture) -> None:
    """The web process answers; it is 08:00."""
    time_machine.move_to(NOW, tick=False)
    monkeypatch.setattr(offer.warm, "is_there", lambda: False)


def planner(shop: Shop, *, only: Plant | None = None) -> Client:  # noqa: F811
    user = User.objects.create_user("planner", password="a-long-password")
    Membership.objects.create(user=user, role="planner", company=shop.company, plant=only)
    client = Client()
    client.force_login(user)
    return client


def drafted(
    client: Client,
    shop: Shop,  # noqa: F811
    order: SalesOrder,
    other: Plant,
    *before: dict[str, Any],
) -> int:
    """The version of a draft that makes the order's line there, `before` other changes."""
    edits = [*before, {"do": "plant", "line": order.lines.get().pk, "plant": other.pk}]
    address = reverse("aps:draft", args=[shop.plant.pk])
    answer = client.put(address, {"version": 0, "edits": edits}, content_type="application/json")
    assert answer.status_code == 200, answer.content
    version: int = answer.json()["version"]
    return version


def published(client: Client, shop: Shop, version: int, note: str = "") -> Any:  # noqa: F811
    body = {"plant": shop.plant.pk, f"version-{shop.plant.pk}": version, "note": note}
    return client.post(reverse("suite:board_summary"), body)


def test_publishing_moves_the_line_and_both_plans(shop: Shop, plant: Plant) -> None:  # noqa: F811
    """Its hour leaves the first plant's plan and stands 08:00 to 09:00 in the other one's; the 95 others stay."""
    order, client = ordered(shop, plant), planner(shop)
    before = Plan.objects.filter(plant=shop.plant).count()
    stays = PlannedOperation.objects.exclude(operation__work_order__sales_order_line__order=order).get(plant=shop.plant)
    version = drafted(client, shop, order, plant)
    page = client.get(reverse("suite:board_summary"), {"plant": shop.plant.pk}).content.decode()
    assert f"<span>{plant.name}</span><span>1 line comes, in a plan of its own</span>" in page
    answer = published(client, shop, version, "No room")
    assert answer.status_code == 204, answer.content
    row = PlannedOperation.objects.get(plant=plant)
    assert (row.starts_at, row.ends_at) == (at("08:00"), at("09:00"))
    assert row.operation.work_order.sales_order_line == order.lines.get(plant=plant)
    left = PlannedOperation.objects.get(plant=shop.plant)
    assert (left.pk, left.starts_at) == (stays.pk, stays.starts_at)
    assert Plan.objects.filter(plant=shop.plant).count() == before + 1
    assert Plan.objects.get(plant=plant).origin == Plan.Origin.BOARD
    whole()


def test_what_began_meanwhile_is_named_and_nothing_is_written(shop: Shop, plant: Plant) -> None:  # noqa: F811
    order, client = ordered(shop, plant), planner(shop)
    version = drafted(client, shop, order, plant)
    work = WorkOrder.objects.get(sales_order_line__order=order)
    erp.release_work_order(work_order_id=work.pk, now=NOW)
    answer = published(client, shop, version)
    assert answer.status_code == 422
    assert work.number in answer.content.decode()
    assert order.lines.get().plant_id == shop.plant.pk
    assert not Plan.objects.filter(plant=plant).exists()


def test_the_right_for_the_other_plant_is_asked(shop: Shop, plant: Plant) -> None:  # noqa: F811
    order, client = ordered(shop, plant), planner(shop, only=shop.plant)
    version = drafted(client, shop, order, plant)
    answer = published(client, shop, version)
    assert answer.status_code in (403, 409, 422)
    assert order.lines.get().plant_id == shop.plant.pk


def test_the_effect_in_a_plant_asks_for_its_right(shop: Shop, plant: Plant) -> None:  # noqa: F811
    """Who may publish both sees the hour's saving; who may publish one only is refused."""
    order = ordered(shop, plant)
    address = reverse("suite:board_effect", args=[shop.plant.pk])
    body = {"edits": [], "trial": {"do": "plant", "line": order.lines.get().pk, "plant": plant.pk}, "seq": 1}
    client = planner(shop)
    found = client.post(address, body, content_type="application/json").json()
    assert (found["effect"]["moved"], found["effect"]["machines"], found["refused"]) == (1, 1, [])
    Membership.objects.filter(user__username="planner").update(plant=shop.plant)
    assert client.post(address, body, content_type="application/json").status_code == 403


def test_what_was_changed_of_a_line_before_it_leaves_is_of_no_account(shop: Shop, plant: Plant) -> None:  # noqa: F811
    """Five of its tables are split off and pinned, then all of it goes: 25 tables stand 08:00 to 09:00 there."""
    order, client = ordered(shop, plant), planner(shop)
    own = PlannedOperation.objects.get(operation__work_order__sales_order_line__order=order)
    start = minute_of(at("20:00"))
    split = {"do": "split", "op": own.operation_id, "quantity": "5", "machine": own.machine_id, "at": start}
    place = {"id": -1010, "machine": own.machine_id, "at": start + 120}
    pin = {"do": "move", "ops": [place], "pin": True}
    hold = {"do": "pin", "ops": [own.operation_id]}
    answer = published(client, shop, drafted(client, shop, order, plant, split, pin, hold))
    assert answer.status_code == 204, answer.content
    row = PlannedOperation.objects.get(plant=plant)
    assert (row.starts_at, row.ends_at) == (at("08:00"), at("09:00"))
    assert not OperationPin.objects.exists()
    assert WorkOrder.objects.filter(sales_order_line__order=order).exclude(state="cancelled").count() == 1
    whole()


def test_several_lines_stand_there_as_the_effect_has_said(shop: Shop, plant: Plant) -> None:  # noqa: F811
    """The 25 tables 08:00 to 09:00, the 95 behind them until 12:20, in one plan."""
    order, client = ordered(shop, plant), planner(shop)
    other = SalesOrder.objects.exclude(pk=order.pk).get()
    first = {"do": "plant", "line": order.lines.get().pk, "plant": plant.pk}
    answer = published(client, shop, drafted(client, shop, other, plant, first))
    assert answer.status_code == 204, answer.content
    rows = PlannedOperation.objects.filter(plant=plant).order_by("starts_at")
    assert [(one.starts_at, one.ends_at) for one in rows] == [(at("08:00"), at("09:00")), (at("09:00"), at("12:20"))]
    assert [one.operation.work_order.sales_order_line.order_id for one in rows] == [order.pk, other.pk]  # type: ignore[union-attr]
    plan = Plan.objects.get(plant=plant)
    assert plan.number == 1
    assert f"Line 1 of {order.number}" in plan.cause
    assert not PlannedOperation.objects.filter(plant=shop.plant).exists()
    whole()
