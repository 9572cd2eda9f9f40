"""Quotations at their pages: typed with planning's answer, changed, accepted, lost."""

from __future__ import annotations

import base64
from decimal import Decimal
from typing import Any

from django.core import signing
from django.test import Client
from django.urls import reverse

from crm.models import Promise, Quotation, QuotationLine
from crm.offered import SALT
from erp.models import CostEstimate, SalesOrder
from tests.crm.desk import offer, sealed, typed, write
from tests.flows.workshop import Workshop
from tests.papers import text_of

D = Decimal


def test_a_line_is_answered_while_it_is_typed(sara: Client, shop: Workshop) -> None:
    """2 stools at the list price of 100: 200.00; 6 legs at 2.00 and 2 h at 36 cost 84.00, which leaves 58.0 %."""
    part = offer(sara, typed())
    assert "early" in part
    assert "<b>EUR 200.00</b>" in part
    assert "<b>84.00</b>" in part
    assert "58.0 %" in part


def test_an_unfinished_line_asks_nothing_and_says_what_is_missing(sara: Client) -> None:
    assert "planning answers while you type" in offer(sara, typed(quantity=""))
    assert "Choose a product from the list." in offer(sara, typed(material="nothing like it"))
    assert "Enter a quantity above zero." in offer(sara, typed(quantity="0"))


def test_what_was_shown_is_stored_with_the_line(sara: Client, shop: Workshop) -> None:
    line = typed()
    line["lines-n1-offer"] = sealed(offer(sara, line))
    answer = write(sara, line)
    saved = QuotationLine.objects.get()
    assert answer["Location"] == reverse("crm:quotation", args=[saved.quotation_id])
    assert saved.offered_at is not None
    assert (saved.offered_cost, saved.unit_price, saved.plant) == (D("84.00"), D(100), shop.plant)
    assert saved.offered_cause
    page = sara.get(answer["Location"]).content.decode()
    assert saved.offered_cause in page
    assert "116.00" in page  # margin: 200.00 less 84.00


def test_an_offer_for_another_question_is_not_stored(sara: Client) -> None:
    """The pieces were changed and saved before planning answered again."""
    shown = sealed(offer(sara, typed()))
    write(sara, typed(quantity="50") | {"lines-n1-offer": shown})
    assert QuotationLine.objects.get().offered_at is None


def test_a_date_that_was_never_offered_is_not_stored(sara: Client) -> None:
    write(sara, typed() | {"lines-n1-offer": "2026-11-24"})
    assert QuotationLine.objects.get().offered_at is None


def test_faults_stand_at_their_line_and_nothing_typed_is_lost(sara: Client) -> None:
    answer = write(sara, typed(quantity="0"), customer="Nobody")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Enter a quantity above zero." in page
    assert "Choose a customer from the list." in page
    assert 'value="Stool Rive · STOOL"' in page
    assert not Quotation.objects.exists()


def test_what_the_rules_refuse_stands_at_its_line_too(sara: Client) -> None:
    """The second of two filled lines is wanted in 2020; a blank one stands between them."""
    both: dict[str, Any] = typed("n1") | typed("n2", material="", quantity="") | typed("n3", wanted_on="2020-01-01")
    answer = write(sara, both | {"line": ["n1", "n2", "n3"]})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="id_lines-n3-wanted_on_error"' in page
    assert "1 January 2020 has passed: enter today or a later day." in page
    assert 'value="2020-01-01"' in page
    answer = write(sara, typed(), valid_until="2020-01-01")
    assert answer.status_code == 422
    assert 'id="id_valid_until_error"' in answer.content.decode()
    many = write(sara, typed(quantity="999999999999")).content.decode()
    assert "One line takes at most 1,000,000 PC: enter less, or split it." in many
    assert not Quotation.objects.exists()


def test_lines_come_and_go_without_scripts_too(sara: Client) -> None:
    page = write(sara, typed() | {"more": "1"}).content.decode()
    assert page.count('class="q-line"') == 2
    page = write(sara, typed() | {"drop": "n1"}).content.decode()
    assert page.count('class="q-line"') == 0
    assert sara.get(reverse("crm:quotation_line")).content.decode().count('class="q-line"') == 1


def test_saving_a_quotation_that_changed_meanwhile_keeps_what_is_there(sara: Client) -> None:
    write(sara, typed())
    quotation = Quotation.objects.get()
    url = reverse("crm:quotation_edit", args=[quotation.pk])
    given = typed(quantity="3") | {"customer": "Nordhaus · NORD", "version": "1"}
    assert sara.post(url, given).status_code == 302
    mine = given | {"lines-n1-quantity": "9", "customer_reference": "B2"}
    answer = sara.post(url, mine)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert QuotationLine.objects.get().quantity == 3
    assert "was changed meanwhile" in page
    assert '<tr><td>Line 1: Pieces</td><td class="mine">9</td><td>3</td></tr>' in page
    assert '<tr><td>Their number</td><td class="mine">B2</td><td>–</td></tr>' in page
    assert "Line 1: Wanted" not in page
    assert 'value="9"' in page
    assert 'name="version" value="2"' in page
    assert sara.post(url, mine | {"version": "2"}).status_code == 302
    assert QuotationLine.objects.get().quantity == 9


def test_accepting_makes_a_confirmed_order_promised_as_offered(sara: Client) -> None:
    line = typed()
    line["lines-n1-offer"] = sealed(offer(sara, line))
    write(sara, line)
    quotation = Quotation.objects.get()
    answer = sara.post(reverse("crm:quotation_accept", args=[quotation.pk]), {"version": "1"})
    order = SalesOrder.objects.get()
    assert answer["Location"] == reverse("erp:order", args=[order.pk])
    assert order.confirmed_at is not None
    promise = Promise.objects.get()
    assert (promise.reason, promise.promised_at) == ("quote", quotation.lines.get().offered_at)
    page = sara.get(reverse("crm:quotation", args=[quotation.pk])).content.decode()
    assert f"Accepted as order {order.number}." in page
    assert "Open order" in page


def test_the_orders_cost_begins_with_the_quotation(sara: Client, shop: Workshop) -> None:
    """Quoted 84.00: 6 legs at 2.00 and 2 h at 36.00. Then 400 legs come in at 3.00 beside the 500 at 2.00, on average
    2,200 / 900 = 2.4444 each: 6 are 14.67, so the confirmed order costs 86.67. Split as expected, 84 x 14.67 / 86.67.
    """
    line = typed()
    line["lines-n1-offer"] = sealed(offer(sara, line))
    write(sara, line)
    leg = shop.materials["LEG"]
    leg.standard_cost = D("3.00")
    leg.save()
    shop.quantity("LEG", 400)
    quotation = Quotation.objects.get()
    sara.post(reverse("crm:quotation_accept", args=[quotation.pk]), {"version": "1"})
    versions = CostEstimate.objects.order_by("version_no")
    assert [(row.cause, row.total) for row in versions] == [
        (f"Quotation {quotation.number}", D("84.00")),
        ("Confirmed", D("86.67")),
    ]
    assert (versions[0].material, versions[0].labour) == (D("14.22"), D("69.78"))
    page = sara.get(reverse("erp:order", args=[SalesOrder.objects.get().pk]) + "?tab=cost").content.decode()
    assert f"Quotation {quotation.number}" in page


def test_lines_without_an_offered_date_are_named_before_accepting(sara: Client) -> None:
    first = typed()
    first["lines-n1-offer"] = sealed(offer(sara, first))
    page = sara.get(write(sara, first).url).content.decode()
    assert "no offered date" not in page
    both: dict[str, Any] = first | typed("n2")
    page = sara.get(write(sara, both | {"line": ["n1", "n2"]}).url).content.decode()
    assert "Line 2 has no offered date: the first plan will set its promise." in page


def test_a_lost_quotation_can_only_be_looked_at(sara: Client) -> None:
    write(sara, typed())
    quotation = Quotation.objects.get()
    sara.post(reverse("crm:quotation_lose", args=[quotation.pk]), {"version": "1"})
    page = sara.get(reverse("crm:quotation", args=[quotation.pk])).content.decode()
    assert "quotation_accept" not in page
    assert reverse("crm:quotation_accept", args=[quotation.pk]) not in page


def test_cost_is_hidden_from_who_may_not_see_it(blind: Client) -> None:
    part = offer(blind, typed())
    assert "Margin" not in part
    assert "84.00" not in part
    line = typed() | {"lines-n1-offer": sealed(part)}
    page = blind.get(write(blind, line).url).content.decode()
    assert "Margin" not in page
    assert "84.00" not in page


def test_what_planning_answered_is_stored_whoever_saves_it(blind: Client) -> None:
    """84.00, as for who may see it; nothing of it can be read in the seal, and two seals of it look different."""
    first, second = (sealed(offer(blind, typed())) for _ in range(2))
    told, again = (signing.loads(one, salt=SALT) for one in (first, second))
    assert "84" not in str(told[-1])
    assert base64.urlsafe_b64decode(told[-1]).find(b"84") == -1
    assert told[-1] != again[-1]
    write(blind, typed() | {"lines-n1-offer": first})
    quotation = Quotation.objects.get()
    assert quotation.lines.get().offered_cost == D("84.00")
    url = reverse("crm:quotation_edit", args=[quotation.pk])
    kept = sealed(blind.get(url).content.decode())
    same = {"customer_reference": "", "valid_until": "", "version": "1", "lines-n1-offer": kept}
    assert blind.post(url, typed() | same).status_code == 302
    assert quotation.lines.get().offered_cost == D("84.00")


def test_a_price_with_more_than_two_decimals_is_shown_whole(sara: Client, shop: Workshop) -> None:
    """4 x 93.0525 = 372.21 on the page and on paper; two decimals stay two."""
    answer = write(sara, typed(quantity="4", unit_price="93.0525"))
    saved = QuotationLine.objects.get()
    page = sara.get(answer["Location"]).content.decode()
    assert "93.0525" in page
    assert "372.21" in page
    assert "list 100.00" in page
    paper = text_of(sara.get(reverse("crm:quotation_pdf", args=[saved.quotation_id]), {"language": "en"}))
    assert "93.0525" in paper
    assert "372.21" in paper
