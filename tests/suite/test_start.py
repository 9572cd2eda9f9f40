"""The start page: what waits for a buyer and in the warehouse, each figure a link into its list."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from erp import services as erp
from masterdata.models import Material
from tests.erp.planning.test_run import for_stock
from tests.erp.shop import Shop
from tests.erp.test_pages import become

D = Decimal


@pytest.fixture
def shop(db: None) -> Shop:
    return Shop()


@pytest.fixture
def lamp(shop: Shop) -> Material:
    """A lamp that is bought for stock at 4.00 and 5 days."""
    lamp = shop.buy("LAMP")
    shop.price(lamp, "4")
    for_stock(shop, lamp)
    year = timezone.localdate().year
    if year != 2026:
        erp.open_books(company=shop.company, year=year)
    return lamp


def bought(shop: Shop, material: Material, quantity: str, days: int) -> None:
    """Ordered ten days ago, due so many days from now."""
    now = timezone.now()
    line = erp.PurchaseLineInput(material.pk, D(quantity), D(4), now + dt.timedelta(days=days))
    erp.create_purchase_order(plant=shop.plant, supplier=shop.supplier, lines=[line], now=now - dt.timedelta(days=10))


def start(client: Client) -> list[str]:
    """The lines that wait: how many, of what, what is said beside it."""
    page = client.get(reverse("suite:home")).content.decode()
    return [
        " ".join(strip_tags(one.replace("><", "> <")).split())
        for one in re.findall(r"<li><a href=[^>]*><b.*?</a>", page)
    ]


def test_a_buyer_sees_what_to_order_and_who_has_not_answered(client: Client, shop: Shop, lamp: Material) -> None:
    """10 lamps are ordered by a customer in 30 days: to order, at standard cost 1.00. Two purchases of 5 for 20.00 wait
    for the supplier's day, one of them was due yesterday; the 5 and 5 cover the lamps, so nothing is left to order."""
    become(client, "buyer", shop.plant)
    draft = shop.draft((lamp, "10"))
    draft.lines.update(wanted_on=timezone.localdate() + dt.timedelta(days=30))
    erp.confirm_order(order_id=draft.pk, now=timezone.now())
    erp.plan_changes(plant_id=shop.plant.pk, now=timezone.now())
    assert start(client) == ["1 Order 10 EUR"]
    bought(shop, lamp, "5", 20)
    bought(shop, lamp, "5", -1)
    erp.plan_changes(plant_id=shop.plant.pk, now=timezone.now())
    assert "1 Overdue 20 EUR" in start(client)
    assert "2 Not confirmed 40 EUR" in start(client)
    for name in ("overdue", "unconfirmed"):
        rows = client.get(reverse("erp:purchase_orders") + f"?{name}=1").content.decode()
        assert rows.count('<td class="w-1') == (1 if name == "overdue" else 2)


def test_a_buyer_sees_whose_orders_stand_still(client: Client, shop: Shop, lamp: Material) -> None:
    """The customer's order waits for lamps that should have come; when they are there it is gone from the page."""
    become(client, "buyer", shop.plant)
    bought(shop, lamp, "3", -2)
    order = shop.draft((lamp, "3"))
    erp.confirm_order(order_id=order.pk, now=timezone.now())
    erp.plan_changes(plant_id=shop.plant.pk, now=timezone.now())
    page = client.get(reverse("suite:home")).content.decode()
    assert f'href="{reverse("erp:order", args=[order.pk])}">{order.number}' in page
    assert "is overdue" in page
    shop.stock(lamp, "3")
    erp.plan_changes(plant_id=shop.plant.pk, now=timezone.now())
    page = client.get(reverse("suite:home")).content.decode()
    assert order.number not in page
    assert "No customer waits" in page


def test_a_buyer_sees_whose_goods_come_after_they_were_promised(client: Client, shop: Shop, lamp: Material) -> None:
    """Promised for day 20, the lamps come on day 40: though not overdue and promised anew for then, it stands there."""
    become(client, "buyer", shop.plant)
    now = timezone.now()
    bought(shop, lamp, "3", 40)
    order = shop.draft((lamp, "3"))
    line = erp.confirm_order(order_id=order.pk, now=now).lines.get()
    erp.set_promise(line_id=line.pk, promised_at=now + dt.timedelta(days=20))
    erp.set_promise(line_id=line.pk, promised_at=now + dt.timedelta(days=41))
    erp.plan_changes(plant_id=shop.plant.pk, now=now)
    page = client.get(reverse("suite:home")).content.decode()
    assert order.number in page
    assert "comes on" in page
    assert "is overdue" not in page


def test_the_warehouse_sees_what_comes_and_what_goes(client: Client, shop: Shop, lamp: Material) -> None:
    """One delivery is overdue; an order of two lamps that are there is to be shipped; a place is to be counted."""
    become(client, "warehouse", shop.plant)
    assert start(client) == []
    bought(shop, lamp, "3", -2)
    shop.stock(lamp, "2")
    erp.confirm_order(order_id=shop.draft((lamp, "2")).pk, now=timezone.now())
    erp.plan_changes(plant_id=shop.plant.pk, now=timezone.now())
    erp.make_count_sheet(plant=shop.plant, material=lamp, location=shop.shelf, now=timezone.now())
    assert start(client) == ["1 Deliveries overdue", "1 Sheets to count", "1 Orders to ship"]


def test_who_neither_buys_nor_receives_sees_the_places_alone(client: Client, shop: Shop) -> None:
    become(client, "sales", shop.plant)
    page = client.get(reverse("suite:home")).content.decode()
    assert 'id="work"' not in page
    assert reverse("erp:orders") in page
