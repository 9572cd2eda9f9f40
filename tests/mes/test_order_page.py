"""An order's page says where it is at the machine: how many pieces, by whom, and why it stands still."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from erp.models import SalesOrder, WorkOrderOperation
from mes import services as mes
from tests.mes.hall import Hall, at, hall, step
from tests.pages.conftest import person

pytestmark = pytest.mark.django_db


def sawn(shop: Hall) -> tuple[SalesOrder, WorkOrderOperation]:
    """10 shelves of an order; the saw has made 4 of them."""
    work = shop.shelves("10", is_ordered=True)
    saw = step(work, 10)
    shop.start(saw, "SAW-1")
    shop.report(saw, "SAW-1", 30, "4")
    assert work.sales_order_line is not None
    SalesOrder.objects.filter(pk=work.sales_order_line.order_id).update(confirmed_at=at(0))
    return work.sales_order_line.order, saw


def text(client: Client, shop: Hall, order: SalesOrder) -> str:
    client.force_login(person("sara", "sales", shop.shop.plant))
    return " ".join(client.get(reverse("erp:order", args=[order.pk])).content.decode().split())


def test_running_work_names_machine_pieces_and_people(client: Client) -> None:
    shop = hall()
    order, saw = sawn(shop)
    page = text(client, shop, order)
    assert f"Now at {saw.name}, SAW-1: 4 of 10 {saw.work_order.material.name}, Li Wei." in page
    assert "<small>4 of 10, Li Wei</small>" in page


def test_work_that_stands_still_says_since_when_and_why(client: Client) -> None:
    shop = hall()
    order, saw = sawn(shop)
    reason_id = shop.reasons["D-MECH"].pk
    mes.report_machine_down(
        machine_id=shop.machine("SAW-1"), since_at=at(40), now=at(40), reason_id=reason_id, by=shop.operator
    )
    page = text(client, shop, order)
    assert f"Now at {saw.name}: 6 {saw.work_order.material.name} wait for SAW-1, stopped" in page
    assert "(Mechanical fault)." in page
    assert "4 of 10, stopped" in page
