"""The buyer's supply page, planned supply and why, parameters; the same over REST."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from erp import services as erp
from erp.models import ActionMessage, PlannedOrder, PurchaseOrder, SalesOrder, WorkOrder
from masterdata.models import Material
from tests.erp.planning.test_run import for_stock
from tests.erp.shop import Shop
from tests.erp.test_pages import become

D = Decimal


def plan_now(shop: Shop) -> None:
    erp.plan_changes(plant_id=shop.plant.pk, now=timezone.now())


@pytest.fixture
def order(shop: Shop) -> SalesOrder:
    """10 tables for stock, wanted in 30 days: 40 legs are made in lots of 25, each of 2 rods."""
    table, leg, rod = shop.make("TABLE"), shop.make("LEG"), shop.buy("ROD")
    shop.price(rod, "2", days=3)
    shop.bom(leg, (rod, "2"))
    shop.bom(table, (leg, "4"))
    for_stock(shop, table, lead_time_days=2)
    for_stock(shop, leg, lead_time_days=2, lot_rule="multiple", lot_qty=D(25))
    for_stock(shop, rod)
    erp.open_books(company=shop.company, year=timezone.localdate().year) if timezone.localdate().year != 2026 else None
    draft = shop.draft((table, "10"))
    draft.lines.update(wanted_on=timezone.localdate() + dt.timedelta(days=30))
    erp.confirm_order(order_id=draft.pk, now=timezone.now())
    plan_now(shop)
    return draft


def test_one_click_orders_what_is_planned_and_the_message_goes(client: Client, shop: Shop, order: SalesOrder) -> None:
    """Two lots of 25 legs need 100 rods: one planned order, for the customer's order, through two levels."""
    become(client, "buyer", shop.plant)
    page = client.get(reverse("erp:supply_messages")).content.decode()
    assert "ROD" in page
    assert order.number in page
    planned = PlannedOrder.objects.get()
    assert planned.quantity == 100
    client.post(reverse("erp:supply_order"), {"planned": str(planned.pk)})
    line = PurchaseOrder.objects.get().lines.get()
    assert (line.quantity, line.pegged_qty) == (100, 100)
    plan_now(shop)
    assert not ActionMessage.objects.exists()
    assert "Supply fits demand" in client.get(reverse("erp:supply_messages")).content.decode()


def test_why_shows_the_lot_and_the_days_and_who_waits(client: Client, shop: Shop, order: SalesOrder) -> None:
    become(client, "planner", shop.plant)
    legs = WorkOrder.objects.get(material__code="LEG")
    page = client.get(reverse("erp:work_supply", args=[legs.pk])).content.decode()
    assert "50 EA" in page
    assert "40 EA" in page
    assert order.number in page
    client.post(reverse("erp:work_firm", args=[legs.pk]))
    legs.refresh_from_db()
    assert legs.state == "firm"
    planned = client.get(reverse("erp:planned_supply", args=[PlannedOrder.objects.get().pk])).content.decode()
    assert legs.number in planned


def test_a_message_is_quiet_until_its_day_or_until_it_changes(client: Client, shop: Shop, order: SalesOrder) -> None:
    become(client, "buyer", shop.plant)
    message = ActionMessage.objects.get()
    until = (timezone.localdate() + dt.timedelta(days=7)).isoformat()
    client.post(reverse("erp:message_dismiss", args=[message.pk]), {"until": until, "version": message.version})
    assert "ROD" not in client.get(reverse("erp:supply_messages")).content.decode()
    erp.plan_materials(plant_id=shop.plant.pk, now=timezone.now())
    message.refresh_from_db()
    assert message.dismissed_until is not None
    for_stock(shop, Material.objects.create(
        code="X", name="X", category=shop.category, unit=shop.piece, supply="buy"), safety_stock=D(1))  # fmt: skip
    order.lines.update(quantity=20)
    plan_now(shop)
    message.refresh_from_db()
    assert (message.dismissed_until, message.quantity) == (None, 200)


def test_parameters_and_what_is_available_have_their_pages(client: Client, shop: Shop, order: SalesOrder) -> None:
    become(client, "planner", shop.plant)
    assert "Multiple of a lot" in client.get(reverse("erp:planning_parameters")).content.decode()
    become(client, "sales", shop.plant)
    page = client.get(reverse("erp:order_available", args=[order.pk])).content.decode()
    assert WorkOrder.objects.get(material__code="TABLE").number in page
