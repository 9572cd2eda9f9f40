"""Pages of sales: a rush asked, taken, answered again; promises, notices, customers."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from aps import services as aps
from crm import services as crm
from crm.models import Promise, RushRequest
from erp.models import SalesOrder, SalesOrderLine
from masterdata.models import Company, Plant, User
from suite.asks.offer import SLOWER
from tests.crm.desk import ask, card, settle, soon, typed, write
from tests.crm.test_notices import mail
from tests.flows.workshop import Workshop
from tests.pages.conftest import person
from tests.pages.counting import assert_query_count

D = Decimal


def anybody_may_hurt(shop: Workshop) -> None:
    crm.set_rush_policy(company_id=shop.company.pk, holds_min=30, expires_days=7, asks_when_hurt=False, cost_above=None)


def test_options_stand_side_by_side_with_one_main_button(sara: Client, busy: Workshop) -> None:
    """2 x 120.00 = 240.00 and 84.00 of cost leave 65 %; the option that moves nobody is A."""
    anybody_may_hurt(busy)
    request = ask(sara)
    page = sara.get(reverse("crm:rush_request", args=[request.pk])).content.decode()
    assert page.count("Take option") == 2
    assert page.count("btn-main") == 1
    assert page.count("best fit") == 1
    assert "65.0 %" in page
    assert "1 order later" in page
    assert 'class="ruler"' in page
    assert SLOWER in page, "no planning worker runs here, and the page says how it was answered"


def test_the_first_four_who_wait_are_named_at_once_and_the_rest_in_a_fold(sara: Client, busy: Workshop) -> None:
    """Six victims: four in sight, two behind `and 2 more`, each with number and customer."""
    request, at = ask(sara), timezone.now() + dt.timedelta(hours=4)
    line = SalesOrderLine.objects.select_related("order__customer").get()
    hurt = [crm.RushVictimInput(line.pk, at, at + dt.timedelta(hours=n)) for n in range(1, 7)]
    fast = crm.RushOptionInput("C", "As early as possible", True, at, "ASM-01 is free", victims=hurt)
    crm.answer_rush(request_id=request.pk, input_version="9.9", options=[fast], now=timezone.now())
    page = sara.get(reverse("crm:rush_request", args=[request.pk])).content.decode()
    first, fold = page.split("and 2 more")
    assert (first.count('class="hurt"'), fold.count('class="hurt"')) == (4, 2)
    assert fold.count(f"{line.order.number}</a> {line.order.customer.name}") == 2
    assert SLOWER not in page, "this answer came as usual"


def test_taking_an_option_leads_to_its_promised_order(sara: Client, busy: Workshop) -> None:
    anybody_may_hurt(busy)
    request = ask(sara)
    answer = sara.post(reverse("suite:rush_take", args=[card(request, "C").pk]))
    order = SalesOrder.objects.get(is_rush=True)
    assert answer["Location"] == reverse("crm:rush_request", args=[request.pk])
    assert Promise.objects.get(order_line__order=order).reason == "rush"
    page = sara.get(reverse("erp:order", args=[order.pk])).content.decode()
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
    anybody_may_hurt(busy)
    mail(busy)
    sara.post(reverse("suite:rush_take", args=[card(ask(sara), "C").pk]))
    settle(busy)
    part = sara.get(reverse("crm:order_promises", args=[moved.pk])).content.decode()
    assert "Promise 2" in part
    assert "was taken first" in part
    assert "Held for review" in part
    assert "customer told" not in part, "nobody has sent it yet"
    sara.post(reverse("crm:notice_send", args=[moved.notices.get().pk]))
    assert "customer told" in sara.get(reverse("crm:order_promises", args=[moved.pk])).content.decode()
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
