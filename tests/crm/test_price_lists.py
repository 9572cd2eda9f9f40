"""Price lists at their pages and over REST: written, changed, imported whole or not at all, asked for a price."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from crm import services as crm
from crm.models import CustomerGroup, CustomerTerms, PriceList, PriceRule
from masterdata.errors import InvalidInput, StaleVersion
from tests.api.conftest import make_caller
from tests.flows.workshop import Workshop
from tests.pages.conftest import person

D = Decimal


@pytest.fixture
def lead(client: Client, shop: Workshop) -> Client:
    client.force_login(person("selma", "sales_lead", shop.plant))
    return client


def terms(shop: Workshop, **more: Any) -> crm.PriceListInput:
    given: dict[str, Any] = {
        "name": "Dealers",
        "company": shop.company,
        "currency": shop.company.currency,
        "valid_from": dt.date(2026, 1, 1),
    }
    return crm.PriceListInput(**given | more)


def a_list(shop: Workshop, **more: Any) -> PriceList:
    return crm.write_price_list(given=terms(shop, **more))


def rule(shop: Workshop, **more: Any) -> crm.PriceRuleInput:
    return crm.PriceRuleInput(**{"material_id": shop.materials["STOOL"].pk, "fixed_price": D(90)} | more)


def imported(client: Client, row: PriceList, text: str) -> Any:
    file = SimpleUploadedFile("prices.csv", text.encode())
    return client.post(reverse("crm:price_list_import", args=[row.pk]), {"file": file, "version": row.version})


def test_a_list_is_written_and_its_prices_typed_into_a_table(lead: Client, shop: Workshop) -> None:
    answer = lead.post(
        reverse("crm:price_list_create"),
        {
            "name": "Nord 2026",
            "company": shop.company.pk,
            "currency": shop.company.currency_id,
            "customer": "Nordhaus · NORD",
            "valid_from": "2026-01-01",
            "is_active": "on",
        },
    )
    row = PriceList.objects.get()
    assert answer["Location"] == reverse("crm:price_list_rules", args=[row.pk])
    assert (row.customer, row.priority) == (shop.customer, 0)
    assert "or category" in lead.get(answer["Location"]).content.decode()
    lead.post(
        answer["Location"],
        {
            "rows": "3",
            "rules-0-product": "STOOL",
            "rules-0-kind": "fixed",
            "rules-0-figure": "92.5",
            "rules-0-from_quantity": "10",
            "rules-1-kind": "percent",
            "rules-1-figure": "5",
        },
    )
    found = PriceRule.objects.order_by("pk")
    assert [(one.material, one.from_quantity, one.fixed_price, one.percent_off) for one in found] == [
        (shop.materials["STOOL"], D(10), D("92.5"), None),
        (None, D(0), None, D(5)),
    ]
    page = lead.get(reverse("crm:price_list", args=[row.pk])).content.decode()
    for words in ("Nordhaus", "EUR 92.5", "5 % off list", "Everything"):
        assert words in page
    assert "Nord 2026" in lead.get(reverse("crm:price_lists")).content.decode()


def test_a_fault_stands_at_its_row_and_nothing_is_saved(lead: Client, shop: Workshop) -> None:
    row = a_list(shop)
    sent = {"rows": "2", "rules-0-product": "Nothing", "rules-0-figure": "9", "rules-1-figure": "5"}
    answer = lead.post(reverse("crm:price_list_rules", args=[row.pk]), sent | {"version": row.version})
    assert answer.status_code == 422
    assert "No product of this code." in answer.content.decode()
    assert not PriceRule.objects.exists()


def test_a_file_is_imported_whole_or_not_at_all_with_every_fault(lead: Client, shop: Workshop) -> None:
    row = a_list(shop)
    wrong = "product,category,from_quantity,kind,figure\nSTOOL,,10,fixed,80\nNONE,,1,fixed,5\nTABLE,,,percent,x\n"
    text = imported(lead, row, wrong).content.decode()
    assert "Row 3, product: No product of this code." in text
    assert "Row 4, figure: Enter a number." in text
    assert not PriceRule.objects.exists()
    twice = "product;from_quantity;figure\nSTOOL;1;80\nSTOOL;1;81\n"
    assert "Row 3: Row 1 says a price for the same thing" in imported(lead, row, twice).content.decode()
    assert "names the columns" in imported(lead, row, "price\n1\n").content.decode()
    good = "\ufeffproduct;category;from_quantity;kind;figure;valid_from;valid_to\n"
    good += "STOOL;;10;fixed;80;2026-01-01;2026-06-30\n;ALL;;percent;3;;\n;;;surcharge;2;;\n"
    assert imported(lead, row, good).status_code == 302
    found = PriceRule.objects.order_by("pk")
    assert [(one.fixed_price, one.percent_off, one.surcharge) for one in found] == [
        (D(80), None, None),
        (None, D(3), None),
        (None, None, D(2)),
    ]
    assert (found[0].valid_to, found[1].category) == (dt.date(2026, 6, 30), shop.materials["STOOL"].category)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"percent_off": D(5)}, "rules.0.figure"),
        ({"fixed_price": None}, "rules.0.figure"),
        ({"fixed_price": None, "percent_off": D(101)}, "rules.0.figure"),
        ({"fixed_price": None, "surcharge": D(0)}, "rules.0.figure"),
        ({"fixed_price": D(-1)}, "rules.0.figure"),
        ({"from_quantity": D(-1)}, "rules.0.from_quantity"),
        ({"category_id": 1}, "rules.0.category"),
        ({"valid_from": dt.date(2026, 2, 1), "valid_to": dt.date(2026, 1, 1)}, "rules.0.valid_to"),
    ],
)
def test_a_price_that_cannot_be_meant_names_its_field(shop: Workshop, more: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        crm.set_price_rules(price_list_id=a_list(shop).pk, rules=[rule(shop, **more)])
    assert refusal.value.field == field


def test_equal_prices_do_not_overlap_and_those_that_stay_keep_their_key(shop: Workshop) -> None:
    """One until 30 June, the next from 1 July: fine. Until 1 July: refused at the second."""
    row = a_list(shop)
    first = rule(shop, valid_to=dt.date(2026, 6, 30))
    crm.set_price_rules(price_list_id=row.pk, rules=[first])
    kept = PriceRule.objects.get().pk
    crm.set_price_rules(price_list_id=row.pk, rules=[rule(shop, valid_from=dt.date(2026, 7, 1)), first])
    assert PriceRule.objects.count() == 2
    assert PriceRule.objects.filter(pk=kept).exists()
    with pytest.raises(crm.PricesOverlap) as refusal:
        crm.set_price_rules(
            price_list_id=row.pk,
            rules=[rule(shop, valid_to=dt.date(2026, 7, 1)), rule(shop, valid_from=dt.date(2026, 7, 1))],
        )
    assert refusal.value.field == "rules.1.from_quantity"
    assert PriceRule.objects.count() == 2


def test_lists_for_the_same_customers_at_once_need_another_priority(shop: Workshop) -> None:
    a_list(shop, valid_to=dt.date(2026, 6, 30))
    with pytest.raises(crm.PricesOverlap) as refusal:
        a_list(shop, name="Sale", valid_from=dt.date(2026, 6, 30))
    assert refusal.value.sentence == (
        "Dealers holds for the same customers on the same days: give one of the two another priority."
    )
    a_list(shop, name="Sale", valid_from=dt.date(2026, 6, 30), priority=1)
    a_list(shop, name="Later", valid_from=dt.date(2026, 7, 1))
    a_list(shop, name="Nord", customer=shop.customer)
    with pytest.raises(InvalidInput, match="There is a price list"):
        a_list(shop, name="nord")


def test_a_list_changed_meanwhile_is_not_overwritten(shop: Workshop) -> None:
    row = a_list(shop)
    crm.set_price_rules(price_list_id=row.pk, rules=[rule(shop)])
    for deed in (
        lambda: crm.set_price_rules(price_list_id=row.pk, rules=[], expected_version=row.version),
        lambda: crm.write_price_list(given=terms(shop), price_list_id=row.pk, expected_version=row.version),
    ):
        with pytest.raises(StaleVersion):
            deed()


def test_the_price_check_says_the_price_and_why(lead: Client, shop: Workshop) -> None:
    row = a_list(shop)
    crm.set_price_rules(price_list_id=row.pk, rules=[rule(shop, from_quantity=D(10))])
    asked = {"customer": "NORD", "product": "STOOL", "quantity": "10", "on": "2026-11-23"}
    page = lead.get(reverse("crm:price_check"), asked).content.decode()
    assert "EUR 90" in page
    assert "Price list Dealers, from 10" in page
    assert "List price" in lead.get(reverse("crm:price_check"), asked | {"quantity": "9"}).content.decode()
    assert "Choose a product" in lead.get(reverse("crm:price_check"), asked | {"product": "?"}).content.decode()


def test_a_customer_is_put_into_a_group(lead: Client, shop: Workshop) -> None:
    lead.post(reverse("crm:customer_group_create"), {"code": "DEAL", "name": "Dealers"})
    group = CustomerGroup.objects.get()
    again = lead.post(reverse("crm:customer_group_create"), {"code": "deal", "name": "Others"})
    assert "There is a group deal already" in again.content.decode()
    address = reverse("crm:customer_terms", args=[shop.customer.pk])
    lead.post(address, {"group": group.pk, "incoterm": "DAP", "incoterm_place": "Oslo"})
    found = CustomerTerms.objects.get()
    assert (found.customer, found.group, found.incoterm_place) == (shop.customer, group, "Oslo")
    assert "Dealers" in lead.get(reverse("crm:customer_groups")).content.decode()
    assert lead.post(address, {"group": "", "incoterm_place": "Oslo"}).status_code == 422


def test_sales_looks_at_prices_and_changes_none(shop: Workshop, client: Client) -> None:
    row = a_list(shop)
    client.force_login(person("sara", "sales", shop.plant))
    assert client.get(reverse("crm:price_list", args=[row.pk])).status_code == 200
    assert client.get(reverse("crm:price_list_rules", args=[row.pk])).status_code == 403
    assert client.get(reverse("crm:price_list_create")).status_code == 403


def test_programs_write_lists_and_ask_prices(shop: Workshop) -> None:
    lead, sales = make_caller(shop.company, "sales_lead"), make_caller(shop.company, "sales")
    body = {
        "name": "Nord",
        "company": shop.company.pk,
        "currency": shop.company.currency_id,
        "customer": shop.customer.pk,
        "valid_from": "2026-01-01",
    }
    assert sales.post("crm/price-lists/", body).status_code == 403
    made = lead.post("crm/price-lists/", body)
    assert made.status_code == 201, made.content
    address = f"crm/price-lists/{made.json()['id']}/"
    rules = {"rules": [{"material": shop.materials["STOOL"].pk, "from_quantity": "5", "percent_off": "10"}]}
    done = lead.post(f"{address}set-rules/", rules)
    assert done.json()["rules"][0]["percent_off"] == "10.0000"
    refused = lead.post(f"{address}set-rules/", {"rules": rules["rules"] * 2})
    assert (refused.status_code, refused.json()["code"]) == (409, "prices_overlap")
    question = {
        "customer": shop.customer.pk,
        "material": shop.materials["STOOL"].pk,
        "plant": shop.plant.pk,
        "quantity": "5",
        "on": "2026-11-23",
    }
    found = sales.post("crm/price-lists/check/", question).json()
    assert (found["unit_price"], found["currency"]) == ("90.000000", "EUR")
    assert found["price_source"] == "Price list Nord, for Nordhaus, from 5, 10 % off list"
    group = lead.post("crm/customer-groups/", {"code": "DEAL", "name": "Dealers"}).json()
    terms = lead.post("crm/customer-terms/", {"customer": shop.customer.pk, "group": group["id"]})
    assert (terms.status_code, terms.json()["group"]) == (201, group["id"])
