"""Templates: placeholders from a list, refused by name otherwise, filled in the customer's language, never compiled."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from crm import placeholders, selectors
from crm import services as crm
from crm.models import MessageTemplate
from masterdata.errors import InvalidInput, StaleVersion
from tests.crm.orders import NOW, confirmed
from tests.flows.workshop import Workshop
from tests.pages.conftest import person


def template(**change: Any) -> MessageTemplate:
    words = {
        "code": "on_its_way",
        "name": "On its way",
        "purpose": "order",
        "language": "en",
        "subject": "Order {order.number}",
        "body": "Dear {contact.name},\n{order.number} is wanted {order.wanted_on}, {order.total}.\n{writer.name}",
        "now": NOW,
    }
    return crm.write_template(**(words | change))


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("body", "{order.secret}"),
        ("body", "{quotation.number}"),
        ("subject", "{order.number.__class__}"),
        ("body", "{0}"),
        ("body", "{}"),
        ("body", "{order.number!r}"),
        ("body", "{order.number:>9999999999}"),
        ("body", "{{{order.nothing}}}"),
    ],
)
def test_an_unknown_placeholder_is_refused_with_what_there_is(db: None, field: str, text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        template(**{field: text})
    assert refused.value.field == field
    assert "order.promised_on" in refused.value.sentence
    assert not MessageTemplate.objects.exists()


def test_a_lone_brace_is_refused_with_its_line(db: None) -> None:
    with pytest.raises(InvalidInput, match="Line 2 has a lone }"):
        template(body="Fine.\nNot } fine.")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"code": "No!"}, "code"),
        ({"purpose": "x"}, "purpose"),
        ({"language": "xx"}, "language"),
        ({"body": " "}, "body"),
    ],
)
def test_what_cannot_be_a_template_is_refused(db: None, change: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        template(**change)
    assert refused.value.field == field


def test_a_template_is_filled_for_an_order(shop: Workshop) -> None:
    """Four stools at the list price of 100.00 are 400.00; wanted the day before Mon 23 Nov 2026."""
    order = confirmed(shop)
    about = selectors.About(order.customer, order.company, order, writer=person("sara", "sales", shop.plant))
    filled = selectors.filled_template(template(), about, NOW)
    assert filled.subject == f"Order {order.number}"
    assert filled.body == (
        f"Dear {order.customer.name},\n{order.number} is wanted 22 November 2026, 400.00 EUR.\nSara Lang"
    )


def test_what_is_not_known_is_a_dash_and_doubled_braces_are_one(shop: Workshop) -> None:
    order = confirmed(shop)
    about = selectors.About(order.customer, order.company, order)
    filled = selectors.filled_template(template(body="{order.promised_on} {{x}}"), about, NOW)
    assert filled.body == "– {x}"


def test_what_is_filled_in_is_not_read_again(shop: Workshop) -> None:
    shop.customer.name = "{order.number} {0.__class__} %s"
    about = selectors.About(shop.customer, shop.company)
    text = template(purpose="customer", subject="{customer.name}", body="Hi")
    assert selectors.filled_template(text, about, NOW).subject == "{order.number} {0.__class__} %s"


def test_the_customers_language_is_first_then_the_companys_then_english(shop: Workshop) -> None:
    order = confirmed(shop)
    for language in ("en", "de", "fr"):
        template(language=language)
    found = []
    for customers, companys in (("fr", "de"), ("es", "de"), ("es", "es"), ("", "de")):
        order.customer.language, order.company.language = customers, companys
        row = selectors.template_named("on_its_way", selectors.About(order.customer, order.company, order))
        found.append(row.language if row else "")
    assert found == ["fr", "de", "en", "de"]


def test_days_and_money_are_written_as_the_language_writes_them(shop: Workshop) -> None:
    order = confirmed(shop)
    about = selectors.About(order.customer, order.company, order)
    german = template(language="de", body="{order.wanted_on}, {order.total}")
    assert selectors.filled_template(german, about, NOW).body == "22. November 2026, 400,00 EUR"


def test_a_code_has_one_template_per_language_and_one_purpose(db: None) -> None:
    template()
    with pytest.raises(crm.TemplateExists):
        template()
    with pytest.raises(InvalidInput, match="another purpose"):
        template(language="de", purpose="customer", subject="x", body="x")


def test_a_stale_change_is_refused(db: None) -> None:
    row = template()
    words = {"name": "New", "subject": "s", "body": "b", "is_active": False, "now": NOW}
    assert crm.change_template(template_id=row.pk, **words, expected_version=1).version == 2
    with pytest.raises(StaleVersion):
        crm.change_template(template_id=row.pk, **words, expected_version=1)


@given(st.text(alphabet="{}.ab_ \n!:%", max_size=60))
def test_any_text_is_taken_apart_or_refused(text: str) -> None:
    try:
        pieces = placeholders.pieces_of(text, field="body")
    except InvalidInput:
        return
    written = "".join(
        f"{{{one.text}}}" if one.is_name else one.text.replace("{", "{{").replace("}", "}}") for one in pieces
    )
    assert [one for one in placeholders.pieces_of(written, field="body") if one.is_name] == [
        one for one in pieces if one.is_name
    ]


def test_a_lead_edits_a_template_and_sees_how_it_reads(client: Client, shop: Workshop) -> None:
    order = confirmed(shop)
    client.force_login(person("selma", "sales_lead", shop.plant))
    words = {"name": "On its way", "code": "on_its_way", "purpose": "order", "language": "en"}
    wrong = client.post(reverse("crm:message_template_create"), words | {"subject": "{order.nr}", "body": "x"})
    assert wrong.status_code == 422
    assert "There is no placeholder {order.nr} here." in wrong.content.decode()
    made = client.post(reverse("crm:message_template_create"), words | {"subject": "No. {order.number}", "body": "x"})
    shown = client.get(made["Location"]).content.decode()
    assert f"No. {order.number}" in shown
    assert "{order.promised_on}" in shown
    row = MessageTemplate.objects.get()
    change = {"name": "On its way", "subject": "Changed", "body": "y", "is_active": "on", "version": "1"}
    assert client.post(reverse("crm:message_template", args=[row.pk]), change).status_code == 302
    assert client.post(reverse("crm:message_template", args=[row.pk]), change).status_code == 409


def test_writing_begins_with_a_template(sara: Client, shop: Workshop) -> None:
    order = confirmed(shop)
    template()
    url = reverse("crm:message_write")
    assert "On its way" in sara.get(url, {"order": order.pk}).content.decode()
    page = sara.get(url, {"order": order.pk, "template": "on_its_way"}).content.decode()
    assert f'value="Order {order.number}"' in page
    assert "is wanted 22 November 2026" in page
