"""What was earned by product, customer, plant and month: each view is the same ledger, cut differently."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from erp import services as erp
from erp.models import SalesOrder, WorkOrderOperation
from erp.profit.selectors import By, Group, profit_by, total_of
from masterdata.models import Partner
from tests.api.conftest import make_caller
from tests.erp.shop import NOW, Shop
from tests.pages.conftest import person

YEAR = {"first": dt.date(2026, 1, 1), "last": dt.date(2026, 12, 31)}


@pytest.fixture
def sold(shop: Shop) -> SalesOrder:
    """Two tables for 50.00 and three lamps for 30.00, all shipped and invoiced, and the van.

    Tables: 8 legs at 1.00 and 20 min at the saw, 10.00 labour and 20.00 machine: 38.00. Lamps at 20.00: 60.00.
    Van 19.00, spread by net 100 : 90 : 10.00 and 9.00. Table: 100 - 38 - 10 = 52.00. Lamp: 90 - 60 - 9 = 21.00.
    """
    table, leg, lamp = shop.make("TABLE"), shop.buy("LEG"), shop.buy("LAMP", cost="20")
    shop.bom(table, (leg, "4"))
    shop.stock(leg, "50")
    shop.stock(lamp, "10", "20")
    order = shop.order((table, "2", "50"), (lamp, "3", "30"))
    erp.report_operation(
        operation_id=WorkOrderOperation.objects.get().pk,
        good_qty=Decimal(2),
        scrap_qty=Decimal(0),
        worked_min=Decimal(20),
        machine_id=shop.saw_one.pk,
        now=NOW,
    )
    erp.ship(shipment_id=erp.pack_shipment(order_id=order.pk, now=NOW).pk, now=NOW)
    erp.post_invoice(order_id=order.pk, now=NOW)
    erp.book_order_cost(
        order_id=order.pk, plant_id=shop.plant.pk, element="freight", amount=Decimal(19), text="Van", now=NOW
    )
    return order


def cut(shop: Shop, by: str) -> dict[str, tuple[Decimal, Decimal, Decimal]]:
    groups = profit_by(by, company_ids=[shop.company.pk], **YEAR)
    total = total_of(groups)
    assert (total.revenue, total.cost, total.variances, total.profit) == (190, 117, 0, 73)
    return {group.label or group.key: (group.revenue, group.cost, group.profit) for group in groups}


def test_by_product_the_van_is_shared_by_what_was_charged(shop: Shop, sold: SalesOrder) -> None:
    assert cut(shop, By.PRODUCT) == {"TABLE Table": (100, 48, 52), "LAMP Lamp": (90, 69, 21)}


def test_by_customer_plant_and_month(shop: Shop, sold: SalesOrder) -> None:
    assert cut(shop, By.CUSTOMER) == {"Corner shop": (190, 117, 73)}
    assert cut(shop, By.PLANT) == {"First plant": (190, 117, 73)}
    assert cut(shop, By.MONTH) == {"2026-03-01": (190, 117, 73)}


def test_only_what_was_posted_in_the_time_counts(shop: Shop, sold: SalesOrder) -> None:
    """A lamp more for another customer in April: the first quarter does not have it."""
    later = NOW + dt.timedelta(days=35)
    shop.customer = Partner.objects.create(code="C2", name="Lamp house", is_customer=True, tax_code=shop.vat)
    lamp = sold.lines.get(line_no=2).material
    order = shop.order((lamp, "1", "30"))
    erp.ship(shipment_id=erp.pack_shipment(order_id=order.pk, now=later).pk, now=later)
    erp.post_invoice(order_id=order.pk, now=later)
    quarter = {"first": dt.date(2026, 1, 1), "last": dt.date(2026, 3, 31)}
    groups = profit_by(By.CUSTOMER, company_ids=[shop.company.pk], **quarter)
    assert [group.label for group in groups] == ["Corner shop"]
    year = profit_by(By.CUSTOMER, company_ids=[shop.company.pk], **YEAR)
    assert [(group.label, group.profit) for group in year] == [("Corner shop", 73), ("Lamp house", 10)]
    assert profit_by(By.PLANT, company_ids=[shop.company.pk], plant_id=0, **YEAR) == []


def test_an_invoice_for_several_orders_gives_each_product_its_own(shop: Shop) -> None:
    """One invoice over an order of 2 legs for 6.00 and one of a lamp for 30.00: what each sold is its product's."""
    leg, lamp = shop.buy("LEG", cost="2"), shop.buy("LAMP", cost="20")
    shop.stock(leg, "10", "2")
    shop.stock(lamp, "10", "20")
    for order in (shop.order((leg, "2", "3")), shop.order((lamp, "1", "30"))):
        erp.ship(shipment_id=erp.pack_shipment(order_id=order.pk, now=NOW).pk, now=NOW)
    erp.post_collective_invoice(
        company_id=shop.company.pk, customer_id=shop.customer.pk, currency_id=shop.euro.pk, now=NOW
    )
    groups = profit_by(By.PRODUCT, company_ids=[shop.company.pk], **YEAR)
    assert {group.label: (group.revenue, group.profit) for group in groups} == {
        "LAMP Lamp": (30, 10),
        "LEG Leg": (6, 2),
    }


def test_goods_without_a_price_share_alike(shop: Shop) -> None:
    """Two samples given away cost 2.00 and 20.00; the van of 5.01 is 2.505 each: the shares sum to 27.01."""
    leg, lamp = shop.buy("LEG", cost="2"), shop.buy("LAMP", cost="20")
    shop.stock(leg, "10", "2")
    shop.stock(lamp, "10", "20")
    order = shop.order((leg, "1", "0"), (lamp, "1", "0"))
    erp.ship(shipment_id=erp.pack_shipment(order_id=order.pk, now=NOW).pk, now=NOW)
    van = {"element": "freight", "amount": Decimal("5.01"), "text": "Van"}
    erp.book_order_cost(order_id=order.pk, plant_id=shop.plant.pk, now=NOW, **van)
    groups = profit_by(By.PRODUCT, company_ids=[shop.company.pk], **YEAR)
    assert {group.label: group.cost for group in groups} == {
        "LEG Leg": Decimal("4.505"),
        "LAMP Lamp": Decimal("22.505"),
    }
    assert total_of(groups).cost == Decimal("27.01")
    assert Group(key="", label="", revenue=Decimal(0), cost=Decimal(5), variances=Decimal(0)).percent is None


def test_the_accountant_sees_and_exports_it(client: Client, shop: Shop, sold: SalesOrder) -> None:
    url, year = reverse("erp:profit"), {"first": "2026-01-01", "last": "2026-12-31"}
    client.force_login(person("anna", "accountant", shop.plant))
    page = client.get(url, {"by": "product"} | year).content.decode()
    for words in ("TABLE Table", "52.00", "73.00", "LAMP Lamp"):
        assert words in page, words
    wrong = client.get(url, {"first": "2026-05-01", "last": "2026-04-01"}).content.decode()
    assert "choose a later one" in wrong
    text = client.get(url, {"by": "customer", "export": "csv"} | year).content.decode("utf-8-sig")
    assert "Corner shop,190.0000,117.0000,0,73.0000,38.42,EUR" in text
    client.force_login(person("sara", "sales", shop.plant))
    assert client.get(url).status_code == 403


def test_programs_read_steps_and_groups(shop: Shop, sold: SalesOrder) -> None:
    """The order's first estimate: legs 8.00, lamps 60.00, 14 min 21.00 = 89.00; now 38 + 60 + 19 = 117.00."""
    auditor = make_caller(shop.company, "auditor")
    shown = auditor.get(f"erp/sales-orders/{sold.pk}/margin/").json()
    assert (Decimal(shown["first_margin"]), Decimal(shown["margin"]), shown["is_final"]) == (101, 73, True)
    assert {step["said"] for step in shown["steps"]} == {"10 Saw: 20 min instead of 14", "Freight: Van"}
    (ours,) = auditor.get("erp/profit/", by="plant", first="2026-01-01", last="2026-12-31").json()["results"]
    assert Decimal(ours["groups"][0]["profit"]) == 73
    assert auditor.get("erp/profit/", by="moon").status_code == 400
    assert auditor.get("erp/profit/", first="soon").status_code == 400
    assert make_caller(shop.company, "sales").get("erp/profit/").status_code == 403
