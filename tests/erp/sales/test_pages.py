"""Pages of sales orders: the list, the order down to the operation, its money, and what is done from it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from erp import services as erp
from erp.models import Invoice, Payment, SalesOrder, Shipment, WorkOrderOperation
from masterdata.models import Company, Plant
from tests.flows import workshop
from tests.flows.workshop import Workshop
from tests.pages.conftest import person
from tests.pages.counting import assert_query_count, pinned

D = Decimal


@pytest.fixture
def shop(db: None) -> Workshop:
    """The small workshop with legs and boards for a few pieces."""
    built = workshop.build()
    built.quantity("LEG", 100)
    built.quantity("BOARD", 100)
    return built


@pytest.fixture
def sara(client: Client, shop: Workshop) -> Client:
    client.force_login(person("sara", "sales", shop.plant))
    return client


def draft(shop: Workshop, code: str = "TABLE", quantity: int = 2) -> SalesOrder:
    material = shop.materials[code]
    return erp.create_order(
        company=shop.company,
        customer=shop.customer,
        currency=shop.company.currency,
        lines=[
            erp.OrderLineInput(
                plant_id=shop.plant.pk,
                material_id=material.pk,
                quantity=D(quantity),
                unit_price=material.list_price,
                wanted_on=timezone.now().date() + dt.timedelta(days=9),
            )
        ],
        now=timezone.now(),
        reference="4500-88213",
    )


def confirmed(shop: Workshop, code: str = "TABLE", quantity: int = 2) -> SalesOrder:
    return erp.confirm_order(order_id=draft(shop, code, quantity).pk, now=timezone.now())


def make(order: SalesOrder, good: str | None = None) -> None:
    """Report every operation, 30 minutes each; or so many pieces of the first one."""
    rows = WorkOrderOperation.objects.filter(work_order__sales_order_line__order=order).select_related("work_order")
    for step in sorted(rows, key=lambda row: (-row.work_order.path.count("."), row.sequence)):
        machine = step.work_centre.machines.get()
        erp.start_operation(operation_id=step.pk, machine_id=machine.pk, now=timezone.now())
        erp.report_operation(
            operation_id=step.pk,
            good_qty=D(good) if good else step.work_order.quantity,
            scrap_qty=D(0),
            worked_min=D(30),
            now=timezone.now(),
        )
        if good:
            return


def page(client: Client, order: SalesOrder, tab: str = "overview") -> str:
    answer = client.get(reverse("erp:order", args=[order.pk]), {"tab": tab})
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_list_shows_each_orders_line_and_finds_drafts(sara: Client, shop: Workshop) -> None:
    first, second = confirmed(shop), draft(shop, "STOOL", 3)
    everything = sara.get(reverse("erp:orders")).content.decode()
    assert everything.count('class="rail-small"') == 2
    assert "their no. 4500-88213" in everything
    drafts = sara.get(reverse("erp:orders"), {"draft": "1"}).content.decode()
    assert second.number in drafts
    assert first.number not in drafts
    assert "300.00" in drafts


def test_to_be_shipped_shows_what_is_ready_or_packed_and_nothing_else(sara: Client, shop: Workshop) -> None:
    """Of three orders of 1, 3 and 5 stools the first is made, the second packed, the third not begun."""
    ready, packed, waiting = [confirmed(shop, "STOOL", number) for number in (1, 3, 5)]
    make(ready)
    make(packed)
    erp.pack_shipment(order_id=packed.pk, now=timezone.now())
    with assert_query_count("erp:orders", pinned()["erp:orders"] + 1):  # the sum of what is chosen
        listed = sara.get(reverse("erp:orders"), {"to_ship": "1"}).content.decode()
    assert ready.number in listed
    assert packed.number in listed
    assert waiting.number not in listed
    shipment = erp.pack_shipment(order_id=ready.pk, now=timezone.now())
    erp.ship(shipment_id=shipment.pk, now=timezone.now())
    assert ready.number not in sara.get(reverse("erp:orders"), {"to_ship": "1"}).content.decode()


def test_some_minutes_are_not_late_anywhere(sara: Client, shop: Workshop) -> None:
    """Expected 8 minutes after the promise, on the same day: no red chip, no late order in the count; 15: both."""
    order = confirmed(shop)
    promised = (timezone.now() + dt.timedelta(days=3)).replace(hour=12, minute=0)
    order.lines.update(promised_at=promised, expected_at=promised + dt.timedelta(minutes=8))
    assert order.number not in sara.get(reverse("erp:orders"), {"late": "1"}).content.decode()
    order.lines.update(expected_at=promised + dt.timedelta(minutes=15))
    late = sara.get(reverse("erp:orders"), {"late": "1"}).content.decode()
    assert order.number in late
    assert "15 min late" in late


def test_an_empty_list_says_what_comes_next(sara: Client) -> None:
    assert "Accept a quotation and it becomes the first one." in sara.get(reverse("erp:orders")).content.decode()


def test_lines_go_down_to_the_operation_at_its_machine(sara: Client, shop: Workshop) -> None:
    """The table's top is sawed first: 1 of 2 is done at the saw."""
    order = confirmed(shop)
    make(order, "1")
    shown = page(sara, order)
    assert "Now at Saw, SAW-01: 1 of 2 Table top." in shown
    assert "1 part made for it" in shown
    assert "1 of 2" in shown
    assert "Saw at SAW-01: 1 good" in shown


def test_confirming_is_one_click_and_happens_once(sara: Client, shop: Workshop) -> None:
    order = draft(shop)
    assert "Not confirmed yet: nothing is reserved or planned." in page(sara, order)
    url = reverse("erp:order_confirm", args=[order.pk])
    assert sara.post(url, {"version": "1", "idempotency_key": "a"})["Location"] == reverse("erp:order", args=[order.pk])
    assert sara.post(url, {"version": "1", "idempotency_key": "a"}).status_code == 302
    order.refresh_from_db()
    assert order.confirmed_at is not None
    assert "Order confirmed" in page(sara, order)


def test_somebody_elses_change_stops_a_confirmation(sara: Client, shop: Workshop) -> None:
    order = draft(shop)
    SalesOrder.objects.filter(pk=order.pk).update(version=2)
    answer = sara.post(reverse("erp:order_confirm", args=[order.pk]), {"version": "1"}, follow=True)
    assert "changed meanwhile" in answer.content.decode()
    order.refresh_from_db()
    assert order.confirmed_at is None


def test_from_finished_to_paid_by_the_people_who_may(client: Client, shop: Workshop) -> None:
    """2 tables at 300.00 and 19 % tax: 714.00 are invoiced, paid, and nothing is left to do."""
    order = confirmed(shop)
    make(order)
    client.force_login(person("wanda", "warehouse", shop.plant))
    assert "2 pieces are ready to be packed." in page(client, order)
    assert "Pack what is ready" in page(client, order)
    client.post(reverse("erp:order_pack", args=[order.pk]))
    shipment = Shipment.objects.get()
    assert f"{shipment.number} is packed and waits to be shipped." in page(client, order)
    assert client.post(reverse("erp:order_invoice", args=[order.pk])).status_code == 403
    client.post(reverse("erp:shipment_ship", args=[shipment.pk]))
    client.force_login(person("anna", "accountant", shop.plant))
    assert "Post invoice" in page(client, order)
    client.post(reverse("erp:order_invoice", args=[order.pk]))
    invoice = Invoice.objects.get()
    assert invoice.gross_amount == D("714.00")
    form = client.get(reverse("erp:invoice_pay", args=[invoice.pk])).content.decode()
    assert 'value="714.00"' in form
    today = timezone.now().date().isoformat()
    url = reverse("erp:invoice_pay", args=[invoice.pk])
    refused = client.post(url, {"amount": "800.00", "received_on": today, "reference": "B-1"})
    assert refused.status_code == 422
    assert "714.00 EUR open" in refused.content.decode()
    client.post(url, {"amount": "714.00", "received_on": today, "reference": "B-1"})
    assert Payment.objects.get().amount == D("714.00")
    shown = page(client, order, "papers")
    assert "Delivered and paid." in shown
    assert "Record payment" not in shown
    assert "EUR 714.00 paid" in shown


def test_money_is_shown_by_element_with_each_estimates_cause(sara: Client, shop: Workshop) -> None:
    """2 tables: 4 boards at 12.50 and 8 legs at 2.00 are 66.00 of material."""
    order = confirmed(shop)
    shown = page(sara, order, "money")
    assert "Cost by element" in shown
    assert "66.00" in shown
    assert "Confirmed" in shown
    assert 'class="waterfall"' in shown


def test_cost_is_hidden_from_who_may_not_see_it(client: Client, shop: Workshop) -> None:
    order = confirmed(shop)
    client.force_login(person("wanda", "warehouse", shop.plant))
    for tab in ("overview", "money"):
        shown = page(client, order, tab)
        assert 'href="?tab=money"' not in shown
        assert "Cost by element" not in shown
        assert "Margin" not in shown


def test_an_order_of_a_foreign_plant_is_not_found(client: Client, shop: Workshop) -> None:
    order = confirmed(shop)
    other = Company.objects.create(code="OT", name="Other", currency=shop.company.currency)
    plant = Plant.objects.create(company=other, code="O1", name="Other plant", calendar=shop.plant.calendar)
    client.force_login(person("far", "sales", plant))
    assert client.get(reverse("erp:order", args=[order.pk])).status_code == 404
    assert client.post(reverse("erp:order_confirm", args=[order.pk])).status_code == 404
    assert order.number not in client.get(reverse("erp:orders")).content.decode()


def test_pages_take_their_pinned_queries(sara: Client, shop: Workshop) -> None:
    """As many for five pieces as for one, whatever was reported."""
    orders = [confirmed(shop, quantity=number) for number in (1, 3, 5)]
    make(orders[0])
    make(orders[1], "1")
    with assert_query_count("erp:orders"):
        sara.get(reverse("erp:orders"))
    with assert_query_count("erp:order"):
        page(sara, orders[0])
    with assert_query_count("erp:order", pinned()["erp:order"] + 1):  # who is at what runs now
        page(sara, orders[1])
