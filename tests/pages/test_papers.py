"""Documents as people get them: from the page, over REST, in the reader's language, for whom it concerns."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from crm import services as crm
from crm.models import Quotation
from erp import services as erp
from erp.models import PurchaseOrder, SalesOrder, WorkOrder
from masterdata.models import Address, Company, PaymentTerm, Plant
from tests.api.conftest import make_caller
from tests.erp.shop import NOW, WANTED, Shop
from tests.pages.conftest import person
from tests.papers import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    """Oak and Sons of Berlin, whose customer in Lyon reads French."""
    built = Shop()
    built.company.address = "Mill Lane 1\n10115 Berlin"
    built.company.tax_no = "DE123456789"
    built.company.save()
    built.customer.language = "fr"
    built.customer.save()
    Address.objects.create(
        partner=built.customer, kind="billing", line1="1 rue Neuve", postal_code="69001", city="Lyon", country="FR"
    )
    return built


@pytest.fixture
def sales(client: Client, shop: Shop) -> Client:
    client.force_login(person("sara", "sales", shop.plant))
    return client


@pytest.fixture
def order(shop: Shop) -> SalesOrder:
    """4 lamps for 30.00 and 3 shades for 9.99, both with 19 %."""
    lamp, shade = shop.buy("LAMP"), shop.buy("SHADE")
    shop.stock(lamp, "10")
    shop.stock(shade, "10")
    return shop.order((lamp, "4", "30"), (shade, "3", "9.99"))


def test_a_confirmation_speaks_the_customers_language_and_taxes_the_document(sales: Client, order: SalesOrder) -> None:
    """Net 120.00 + 29.97 = 149.97; tax 19 % of it is 28.4943, rounded 28.49; in all 178.46."""
    text = text_of(sales.get(reverse("erp:order_pdf", args=[order.pk])))
    for words in (
        "Confirmation de commande", order.number, "1 rue Neuve", "69001 Lyon", "FRANCE", "Mill Lane 1", "149,97",
        "28,49", "178,46 EUR", "DE123456789", "LAMP",
    ):  # fmt: skip
        assert words in text, words


def test_a_confirmation_names_the_term_of_its_order(sales: Client, order: SalesOrder, shop: Shop) -> None:
    """Its own before the customer's, in the reader's words."""
    shop.customer.payment_term = PaymentTerm.objects.create(code="N30", name="30 days net", days=30)
    shop.customer.save()
    url = reverse("erp:order_pdf", args=[order.pk])
    assert "30 jours net" in text_of(sales.get(url))
    order.payment_term = PaymentTerm.objects.create(code="N7", name="7 days net", days=7)
    order.save()
    assert "7 jours net" in text_of(sales.get(url))


def test_another_language_can_be_asked_for(sales: Client, order: SalesOrder) -> None:
    url = reverse("erp:order_pdf", args=[order.pk])
    assert "Auftragsbestätigung" in text_of(sales.get(url, {"language": "de"}))
    assert "订单确认书" in text_of(sales.get(url, {"language": "zh-hans"}))
    assert "Confirmation de commande" in text_of(sales.get(url, {"language": "nonsense"}))


def test_a_draft_says_that_it_is_one(sales: Client, shop: Shop) -> None:
    lamp = shop.buy("LAMP")
    draft = erp.create_order(
        company=shop.company,
        customer=shop.customer,
        currency=shop.euro,
        lines=[erp.OrderLineInput(shop.plant.pk, lamp.pk, Decimal(1), Decimal(30), WANTED)],
        now=NOW,
    )
    assert "Brouillon" in text_of(sales.get(reverse("erp:order_pdf", args=[draft.pk])))


def test_a_quotation_is_printed_to_be_signed(sales: Client, shop: Shop) -> None:
    lamp = shop.buy("LAMP")
    quotation = crm.write_quotation(
        customer_id=shop.customer.pk,
        lines=[crm.QuotationLineInput(shop.plant.pk, lamp.pk, Decimal(2), WANTED, Decimal("12.5"))],
        now=NOW,
        valid_until=dt.date(2026, 3, 31),
    )
    text = text_of(sales.get(reverse("crm:quotation_pdf", args=[quotation.pk]), {"language": "en"}))
    for words in ("Quotation", quotation.number, "31 March 2026", "25.00", "29.75 EUR", "on request", "signature"):
        assert words in text, words
    assert Quotation.objects.get().state == "draft"


def test_a_purchase_order_hides_prices_from_who_may_not_see_cost(client: Client, shop: Shop) -> None:
    """10 boards at 4.25 are 42.50; the warehouse gets the order without money."""
    board = shop.buy("BOARD")
    bought = erp.create_purchase_order(
        plant=shop.plant,
        supplier=shop.supplier,
        lines=[erp.PurchaseLineInput(board.pk, Decimal(10), Decimal("4.25"), NOW + dt.timedelta(days=5))],
        now=NOW,
    )
    assert PurchaseOrder.objects.count() == 1
    url = reverse("erp:purchase_order_print", args=[bought.pk])
    client.force_login(person("berta", "buyer", shop.plant))
    text = text_of(client.get(url))
    for words in ("Purchase order", "Timber yard", "42.50 EUR", "7 Mar 2026"):
        assert words in text, words
    client.force_login(person("wanda", "warehouse", shop.plant))
    assert "42.50" not in text_of(client.get(url))


def test_a_traveller_has_the_way_through_the_shop(client: Client, shop: Shop) -> None:
    """One table of 4 legs: 10 + 2 minutes at the saw."""
    table, leg = shop.make("TABLE"), shop.buy("LEG")
    shop.bom(table, (leg, "4"))
    shop.order((table, "1", "50"))
    work = WorkOrder.objects.get()
    client.force_login(person("pavel", "planner", shop.plant))
    text = text_of(client.get(reverse("erp:work_order_traveller", args=[work.pk])))
    for words in ("Traveller", work.number, "TABLE", "Saw", "LEG", "4 EA", "12", "Corner shop"):
        assert words in text, words


def test_programs_get_the_same_document(order: SalesOrder, shop: Shop) -> None:
    """As bytes with a file name; a language that there is none of is refused with the choices."""
    program = make_caller(shop.company, "integration")
    path = f"erp/sales-orders/{order.pk}/pdf/"
    answer = program.get(path, language="en")
    assert "Order confirmation" in text_of(answer)
    assert "Order-confirmation" in answer["Content-Disposition"]
    refused = program.get(path, language="xx")
    assert (refused.status_code, refused["Content-Type"]) == (400, "application/problem+json")
    assert "zh-hans" in refused.content.decode()
    assert program.get("erp/sales-orders/999999/pdf/").status_code == 404


def test_another_companys_document_is_missing(client: Client, order: SalesOrder, shop: Shop) -> None:
    elsewhere = Company.objects.create(code="ELM", name="Elm", currency=shop.euro)
    plant = Plant.objects.create(company=elsewhere, code="E1", name="Elm", calendar=shop.plant.calendar)
    client.force_login(person("olga", "sales", plant))
    assert client.get(reverse("erp:order_pdf", args=[order.pk])).status_code == 404
