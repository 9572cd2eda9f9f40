"""Pages of sales: a quotation typed with planning's answer, accepted; a rush asked, taken, answered again."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from aps import services as aps
from crm import services as crm
from crm.models import Promise, Quotation, QuotationLine, RushOption, RushRequest
from erp.models import CostEstimate, SalesOrder
from masterdata import rights
from masterdata.models import Company, FlowRun, Plant, User
from suite.flows import runner
from suite.roles import ROLES
from tests.crm.orders import confirmed
from tests.flows.workshop import Workshop
from tests.pages.conftest import person
from tests.pages.counting import assert_query_count

D = Decimal


@pytest.fixture
def sara(client: Client, shop: Workshop) -> Client:
    client.force_login(person("sara", "sales", shop.plant))
    return client


@pytest.fixture
def blind(sara: Client) -> Iterator[Client]:
    """The same person, whose role may not see cost."""
    rights.install({**ROLES, "sales": ROLES["sales"] - {"erp.view_cost"}})
    yield sara
    rights.install(ROLES)


def settle(shop: Workshop) -> None:
    """Run what waits and plan, until nothing waits."""
    for _ in range(6):
        waiting = list(FlowRun.objects.filter(state=FlowRun.State.WAITING).order_by("pk").values_list("pk", flat=True))
        if not waiting:
            return
        for run_id in waiting:
            runner.run(run_id)
        aps.plan_plant(plant_id=shop.plant.pk, now=timezone.now(), holder="test")


def soon(days: int = 10) -> str:
    return (timezone.now().date() + dt.timedelta(days=days)).isoformat()


def typed(key: str = "n1", **change: str) -> dict[str, str]:
    """A line as the form sends it."""
    given = {"material": "Stool Rive · STOOL", "plant": "", "quantity": "2", "unit_price": "", "wanted_on": soon()}
    return {"line": key} | {f"lines-{key}-{name}": value for name, value in (given | change).items()}


def offer(client: Client, line: dict[str, str]) -> str:
    answer = client.get(reverse("suite:quote_offer"), line)
    assert answer.status_code == 200
    return answer.content.decode()


def sealed(part: str) -> str:
    found = re.search(r'name="lines-n1-offer" value="([^"]+)"', part)
    assert found, part
    return found[1]


def write(client: Client, line: dict[str, str], **terms: str) -> Any:
    given = {"customer": "Nordhaus · NORD", "customer_reference": "4500-1", "valid_until": "", **terms}
    return client.post(reverse("crm:quotation_create"), given | line)


# Quotations ----------------------------------------------------------------------------------------------------------


def test_a_line_is_answered_while_it_is_typed(sara: Client, shop: Workshop) -> None:
    """2 stools at the list price of 100: 200.00; 6 legs at 2.00 and 2 h at 36 cost 84.00, which leaves 58.0 %."""
    part = offer(sara, typed())
    assert "early" in part
    assert 'data-net="200.00"' in part
    assert "<b>84.00</b>" in part
    assert "58.0 %" in part


def test_an_unfinished_line_asks_nothing_and_says_what_is_missing(sara: Client) -> None:
    assert "planning answers while you type" in offer(sara, typed(quantity=""))
    assert "planning answers while you type" in offer(sara, typed(material="nothing like it"))


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
    assert QuotationLine.objects.get().offered_cost is None
    assert "Margin" not in page


# Rush orders ---------------------------------------------------------------------------------------------------------


def ask(client: Client, **change: str) -> RushRequest:
    given = {
        "customer": "HARB",
        "material": "STOOL",
        "plant": "",
        "quantity": "2",
        "unit_price": "120",
        "wanted_on": soon(0),
    }
    answer = client.post(reverse("suite:rush_ask"), given | change)
    assert answer.status_code == 302, answer.content.decode()
    return RushRequest.objects.get(pk=answer["Location"].strip("/").split("/")[-1])


@pytest.fixture
def busy(shop: Workshop) -> Workshop:
    """Six stools of another order are planned on the one assembly machine: 6 h of work."""
    confirmed(shop, 6, now=timezone.now())
    settle(shop)
    return shop


def card(request: RushRequest, key: str) -> RushOption:
    return RushOption.objects.get(request=request, answer_no=request.answer_no, key=key)


def test_options_stand_side_by_side_with_one_main_button(sara: Client, busy: Workshop) -> None:
    """2 x 120.00 = 240.00 and 84.00 of cost leave 65 %; the option that moves nobody is A."""
    request = ask(sara)
    page = sara.get(reverse("crm:rush_request", args=[request.pk])).content.decode()
    assert page.count("Take option") == 2
    assert page.count("btn-main") == 1
    assert page.count("best fit") == 1
    assert "65.0 %" in page
    assert "1 order later" in page
    assert 'class="ruler"' in page


def test_taking_an_option_leads_to_its_promised_order(sara: Client, busy: Workshop) -> None:
    request = ask(sara)
    answer = sara.post(reverse("suite:rush_take", args=[card(request, "C").pk]))
    order = SalesOrder.objects.get(is_rush=True)
    assert answer["Location"] == reverse("erp:order", args=[order.pk])
    assert Promise.objects.get(order_line__order=order).reason == "rush"
    page = sara.get(answer["Location"]).content.decode()
    assert "Taken as a rush order" in page
    again = sara.post(reverse("suite:rush_take", args=[card(request, "C").pk]))
    assert again["Location"] == answer["Location"]
    assert SalesOrder.objects.filter(is_rush=True).count() == 1
    panel = sara.get(reverse("crm:rush_request", args=[request.pk])).content.decode()
    assert "Taken as order" in panel
    assert "Take option" not in panel


@pytest.mark.parametrize(
    ("key", "said"), [("A", "Moves nobody, so nobody has to be told"), ("C", "Nobody becomes late or later.")]
)
def test_an_option_without_victims_says_what_is_true_of_it(sara: Client, busy: Workshop, key: str, said: str) -> None:
    """C may move others inside their slack, so it says only that nobody becomes late or later."""
    request, at = ask(sara), timezone.now() + dt.timedelta(hours=4)
    only = crm.RushOptionInput(key, "The only one", is_possible=True, deliver_at=at, cause="ASM-01 is free")
    crm.answer_rush(request_id=request.pk, input_version="9.9", options=[only], now=timezone.now())
    page = sara.get(reverse("crm:rush_request", args=[request.pk])).content.decode()
    assert said in page
    assert page.count("Moves nobody") == (key == "A")


def test_a_stale_option_takes_nothing_and_shows_new_cards(sara: Client, busy: Workshop) -> None:
    request = ask(sara)
    old = card(request, "A")
    aps.want_plan(plant_id=busy.plant.pk, reason="planner", text="Planner asks for a new plan")
    aps.plan_plant(plant_id=busy.plant.pk, now=timezone.now(), holder="test")
    answer = sara.post(reverse("suite:rush_take", args=[old.pk]), follow=True)
    page = answer.content.decode()
    assert "The plan moved, dates were asked again." in page
    assert not SalesOrder.objects.filter(is_rush=True).exists()
    request.refresh_from_db()
    assert (request.answer_no, request.state) == (2, "open")
    assert reverse("suite:rush_take", args=[card(request, "A").pk]) in page
    assert reverse("suite:rush_take", args=[old.pk]) not in page


def test_a_changed_question_replaces_the_old_one(sara: Client, busy: Workshop) -> None:
    first = ask(sara)
    second = ask(sara, quantity="3", replaces=str(first.pk))
    first.refresh_from_db()
    assert (first.state, second.state) == ("dropped", "open")


def test_the_sentence_is_answered_before_it_is_asked(sara: Client, busy: Workshop) -> None:
    given = {"material": "STOOL", "plant": "", "quantity": "2", "wanted_on": soon(0)}
    part = sara.get(reverse("suite:rush_preview"), given).content.decode()
    assert part.count('class="panel option') == 2
    assert "Take option" not in part
    assert not RushRequest.objects.exists()
    assert "Finish the sentence" in sara.get(reverse("suite:rush_preview"), given | {"quantity": ""}).content.decode()


def test_cards_carry_no_money_for_who_may_not_see_cost(blind: Client, busy: Workshop) -> None:
    page = blind.get(reverse("crm:rush_request", args=[ask(blind).pk])).content.decode()
    assert "Extra cost" not in page
    assert "Margin" not in page


def test_why_leads_from_the_finished_line_to_what_it_waits_for(sara: Client, busy: Workshop) -> None:
    order = SalesOrder.objects.get()
    part = sara.get(reverse("suite:why_date", args=[order.pk])).content.decode()
    assert part.index("Ready: Stool Rive") < part.index("Assemble · ASM-01")
    assert "Each step waits for the one below it." in part


# Promises, notices, customers ----------------------------------------------------------------------------------------


def test_who_was_moved_is_told_and_their_pages_say_so(sara: Client, busy: Workshop) -> None:
    moved = SalesOrder.objects.get()
    sara.post(reverse("suite:rush_take", args=[card(ask(sara), "C").pk]))
    settle(busy)
    part = sara.get(reverse("crm:order_promises", args=[moved.pk])).content.decode()
    assert "Promise 2" in part
    assert "was taken first" in part
    assert "customer told" in part
    notices = sara.get(reverse("crm:order_notices", args=[moved.pk])).content.decode()
    assert "Dear Nordhaus" in notices
    assert f"Order {moved.number}: new delivery date" in sara.get(reverse("crm:notices")).content.decode()
    page = sara.get(reverse("crm:customer", args=[busy.customer.pk])).content.decode()
    assert moved.number in page
    assert "new delivery date" in page
    assert (
        f"Order {moved.number}" not in sara.get(reverse("crm:customer", args=[busy.other_customer.pk])).content.decode()
    )


@pytest.mark.parametrize(
    ("url_name", "said"),
    [
        ("crm:quotations", "No quotations yet"),
        ("crm:rush_requests", "Nobody is in a rush"),
        ("crm:promises", "No promises yet"),
        ("crm:notices", "Nobody had to be told anything"),
    ],
)
def test_empty_lists_say_what_comes_next(sara: Client, url_name: str, said: str) -> None:
    assert said in sara.get(reverse(url_name)).content.decode()


def test_a_foreign_plants_documents_are_as_missing_as_none(client: Client, busy: Workshop) -> None:
    other = Company.objects.create(code="OT", name="Other", currency=busy.company.currency)
    plant = Plant.objects.create(company=other, code="O1", name="Other plant", calendar=busy.plant.calendar)
    boss = User.objects.create_user("boss", password="a-long-password")
    client.force_login(person("near", "sales", busy.plant))
    quotation = write(client, typed()).url
    rush = ask(client)
    client.force_login(person("far", "sales", plant))
    order = SalesOrder.objects.get()
    for url in (
        quotation,
        reverse("crm:rush_request", args=[rush.pk]),
        reverse("crm:order_promises", args=[order.pk]),
        reverse("suite:why_date", args=[order.pk]),
    ):
        assert client.get(url).status_code == 404, url
    assert client.post(reverse("suite:rush_take", args=[card(rush, "A").pk])).status_code == 404
    client.force_login(boss)
    assert client.get(quotation).status_code == 403


def test_pages_take_their_pinned_queries(sara: Client, busy: Workshop) -> None:
    quotation = write(sara, typed()).url
    write(sara, typed())
    rush = reverse("crm:rush_request", args=[ask(sara).pk])
    order = SalesOrder.objects.get()
    for name, url in {
        "crm:quotations": reverse("crm:quotations"),
        "crm:quotation": quotation,
        "crm:quotation_edit": f"{quotation}edit/",
        "crm:rush_requests": reverse("crm:rush_requests"),
        "crm:rush_request": rush,
        "crm:customers": reverse("crm:customers"),
        "crm:customer": reverse("crm:customer", args=[busy.customer.pk]),
        "crm:promises": reverse("crm:promises"),
        "crm:notices": reverse("crm:notices"),
        "crm:order_promises": reverse("crm:order_promises", args=[order.pk]),
    }.items():
        with assert_query_count(name):
            sara.get(url)
