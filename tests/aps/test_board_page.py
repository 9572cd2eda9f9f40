"""The scheduling board through the front door: page, data, the panel of an order, and who may see which plant."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from aps import services as aps
from aps.models import PlannedOperation
from erp.models import SalesOrderLine
from masterdata.models import Membership, User
from tests.aps.board_message import operations_of
from tests.aps.shop import NOW, Shop, at, build
from tests.pages.counting import assert_query_count

pytestmark = pytest.mark.django_db


def person(shop: Shop, role: str, *, only_here: bool = False) -> User:
    """A log-in with the role, everywhere or in the shop's plant alone."""
    user = User.objects.create_user(f"{role}{shop.plant.code}", password="a-long-password")
    plant = shop.plant if only_here else None
    Membership.objects.create(user=user, role=role, company=shop.plant.company, plant=plant)
    return user


@pytest.fixture
def shop() -> Shop:
    """A planned order: sawn for an hour, packed for half an hour, promised for 10:14, so half an hour late."""
    shop = build(["SAW-1", "PACK-1"])
    shop.order([("SAW", 60), ("PACK", 30)], promised_at=at("10:14"), family="oak")
    aps.plan_plant(plant_id=shop.plant.pk, now=NOW)
    return shop


def test_the_board_has_a_canvas_a_table_and_the_address_of_its_data(client: Client, shop: Shop) -> None:
    client.force_login(person(shop, "planner"))
    page = client.get(reverse("aps:board")).content.decode()
    assert '<canvas id="board-canvas">' in page
    assert reverse("aps:board_data", args=[shop.plant.pk]) in page
    assert 'id="board-table"' in page
    assert "live:plan" in page
    assert reverse("mes:alarm_strip", args=[shop.plant.pk]) in page


def test_who_may_only_look_is_given_no_address_that_says_what_a_change_brings(client: Client, shop: Shop) -> None:
    """Else the page asks, is refused, and says that he has lost his right to see the plan."""
    told = {}
    for role in ("planner", "sales"):
        client.force_login(person(shop, role))
        [told[role]] = client.get(reverse("aps:board")).context["config"]["plants"]
    assert told["planner"]["effect"] == reverse("suite:board_effect", args=[shop.plant.pk])
    assert told["sales"] == told["planner"] | {"effect": ""}


def test_the_data_are_columns_with_the_chain(client: Client, shop: Shop) -> None:
    client.force_login(person(shop, "planner"))
    answer = client.get(reverse("aps:board_data", args=[shop.plant.pk]))
    assert answer["Cache-Control"] == "private, no-cache"
    found = answer.json()
    assert {
        len(values)
        for name, values in found["parts"][0]["operations"].items()
        if name not in ("before", "done", "mends")
    } == {2}
    by_name = {one["name"]: (key, one) for key, one in operations_of(found).items()}
    assert by_name["Step 2"][1]["before"] == [by_name["Step 1"][0]]
    assert by_name["Step 1"][1]["title"] == by_name["Step 2"][1]["title"] == "Table"
    assert found["proposal_url"] == ""


def test_the_panel_shows_the_line_the_operations_and_the_reason(client: Client, shop: Shop) -> None:
    client.force_login(person(shop, "planner"))
    data = client.get(reverse("aps:board_data", args=[shop.plant.pk])).json()
    order = data["parts"][0]["orders"]["id"][0]
    page = client.get(reverse("aps:order_panel", args=[shop.plant.pk, order])).content.decode()
    assert data["parts"][0]["orders"]["number"][0] in page
    assert "rail-small" in page
    assert page.count("data-show=") == 2
    assert "Open the order" in page
    why = client.get(reverse("aps:order_why", args=[shop.plant.pk, order])).content.decode()
    assert "Why not earlier?" in why
    assert "Step 2" in why


def test_each_sees_the_plants_of_the_role_only(client: Client, shop: Shop) -> None:
    other = build(["CNC-1"], code="OTHER")
    client.force_login(person(shop, "shift_lead", only_here=True))
    page = client.get(reverse("aps:board")).content.decode()
    assert other.plant.name not in page
    assert client.get(reverse("aps:board_data", args=[shop.plant.pk])).status_code == 200
    assert client.get(reverse("aps:board_data", args=[other.plant.pk])).status_code == 404
    foreign = other.order([("CNC", 10)])[0].work_order.sales_order_line.order_id
    for name in ("aps:order_panel", "aps:order_why"):
        assert client.get(reverse(name, args=[shop.plant.pk, foreign])).status_code == 404
    client.force_login(person(shop, "buyer"))
    assert client.get(reverse("aps:board")).status_code == 403
    client.force_login(person(other, "planner"))
    switched = client.get(reverse("aps:board"), {"plant": other.plant.pk}).content.decode()
    assert reverse("aps:board_data", args=[other.plant.pk]) in switched


def test_a_role_without_the_floor_gets_no_alarm_band(client: Client, shop: Shop) -> None:
    client.force_login(person(shop, "sales"))
    assert "board-strip" not in client.get(reverse("aps:board")).content.decode()


def test_plans_say_why_and_late_lines_lead_to_the_board(client: Client, shop: Shop) -> None:
    """The order's plan is half an hour late; with its expected date written down it stands in the list."""
    client.force_login(person(shop, "planner"))
    plans = client.get(reverse("aps:plans")).content.decode()
    assert "Order" in plans
    assert "New work inserted" in plans or "Improved by search" in plans
    assert "No order is late" in client.get(reverse("aps:late_orders")).content.decode()
    SalesOrderLine.objects.update(expected_at=at("10:44"))
    late = client.get(reverse("aps:late_orders")).content.decode()
    line = SalesOrderLine.objects.get()
    assert line.order.number in late
    assert f"order={line.order_id}" in late


def test_board_and_panel_take_their_pinned_queries(client: Client, shop: Shop) -> None:
    client.force_login(person(shop, "planner"))
    order = shop.order([("SAW", 10), ("PACK", 5)] * 4)[0].work_order.sales_order_line.order_id
    aps.plan_plant(plant_id=shop.plant.pk, now=NOW)
    SalesOrderLine.objects.update(expected_at=at("10:44"))
    for name, address in {
        "aps:board": reverse("aps:board"),
        "aps:board_data": reverse("aps:board_data", args=[shop.plant.pk]),
        "aps:plans": reverse("aps:plans"),
        "aps:late_orders": reverse("aps:late_orders"),
        "aps:order_panel": reverse("aps:order_panel", args=[shop.plant.pk, order]),
    }.items():
        with assert_query_count(name):
            client.get(address)


def test_of_a_long_chain_the_first_steps_are_read_and_the_others_stand_behind_a_fold(client: Client) -> None:
    """Fourteen orders for one saw: the last waits for thirteen before it. Eight steps, then the other six."""
    shop = build(["SAW-1"])
    for _ in range(14):
        shop.order([("SAW", 60)])
    aps.plan_plant(plant_id=shop.plant.pk, now=NOW)
    last = PlannedOperation.objects.latest("starts_at").operation_id
    client.force_login(person(shop, "planner"))
    page = client.get(reverse("aps:operation_why", args=[shop.plant.pk, last])).content.decode()
    before, _, behind = page.partition('<details class="chain-more">')
    assert (before.count("<li data-op="), behind.count("<li data-op=")) == (8, 6)
    assert "6 more steps" in behind
    assert page.count("data-chain") == 2
