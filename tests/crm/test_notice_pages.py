"""Pages of notices, earlier dates and reliability, as the people who use them do."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from crm import services as crm
from crm.models import (
    EarlierOffer,
    Message,
    Notice,
    NoticeRule,
    NoticeWish,
    Promise,
    PromiseOutlook,
    PromisePolicy,
)  # fmt: skip
from erp.models import SalesOrder
from masterdata.causes import Cause
from tests.crm.orders import NOW, at, confirmed, line_of, plan
from tests.crm.test_notices import MINUTE, down, mail, moved, promised
from tests.flows.workshop import Workshop
from tests.pages.conftest import person


@pytest.fixture
def selma(client: Client, shop: Workshop) -> Client:
    client.force_login(person("selma", "sales_lead", shop.plant))
    return client


def held(shop: Workshop) -> Notice:
    """Five days later: looked at by the lead."""
    mail(shop)
    moved(shop, promised(shop), at(29, 12), down(shop))
    return Notice.objects.get()


def test_a_held_notice_is_found_read_rewritten_and_sent(selma: Client, shop: Workshop) -> None:
    notice = held(shop)
    listed = selma.get("/notices/?state=held").content.decode()
    assert notice.subject in listed
    assert "Rule 20: held for review" in listed
    page = selma.get(f"/notices/{notice.pk}/").content.decode()
    assert "New date: 29 November 2026" in page
    assert "Send now" in page
    assert selma.get(f"/notices/{notice.pk}/edit/").status_code == 200
    sent = {"subject": "About your stools", "body": "They come on Sunday.", "version": notice.version}
    assert selma.post(f"/notices/{notice.pk}/edit/", sent).status_code == 302
    notice.refresh_from_db()
    selma.post(f"/notices/{notice.pk}/send/", {"version": notice.version})
    notice.refresh_from_db()
    assert (notice.state, Message.objects.get().subject) == ("queued", "About your stools")


def test_it_says_how_far_the_date_moved(selma: Client, shop: Workshop) -> None:
    """Tuesday the 24th becomes Sunday the 29th."""
    notice = held(shop)
    assert "5 days later" in selma.get(f"/notices/{notice.pk}/").content.decode()


@pytest.mark.parametrize(("hour", "minute", "said"), [(16, 0, "4 hours later"), (13, 0, "1 hour later"),
                                                      (14, 30, "2 h 30 min later")])  # fmt: skip
def test_on_the_same_day_it_says_the_hours(selma: Client, shop: Workshop, hour: int, minute: int, said: str) -> None:
    """Promised for 13:00: 12:00 in the plan and an hour's way."""
    mail(shop)
    shop.by_the_hour()
    moved(shop, promised(shop), at(24, hour) + minute * MINUTE, down(shop))
    page = selma.get(f"/notices/{Notice.objects.get().pk}/").content.decode()
    assert said in page
    assert "Days moved" not in page


def test_sales_may_not_send_what_the_lead_has_to_see(sara: Client, shop: Workshop) -> None:
    notice = held(shop)
    assert "Send now" not in sara.get(f"/notices/{notice.pk}/").content.decode()
    sara.post(f"/notices/{notice.pk}/send/", {"version": notice.version})
    notice.refresh_from_db()
    assert notice.state == "held"


def test_a_notice_is_discarded_with_a_reason(selma: Client, shop: Workshop) -> None:
    notice = held(shop)
    assert selma.post(f"/notices/{notice.pk}/discard/", {"why": ""}).status_code == 422
    assert selma.post(f"/notices/{notice.pk}/discard/", {"why": "Called them"}).status_code == 302
    notice.refresh_from_db()
    assert (notice.state, notice.discarded_why) == ("discarded", "Called them")


def test_rules_policy_and_wishes_are_set_on_their_pages(selma: Client, shop: Workshop) -> None:
    assert "The usual rules" in selma.get("/notices/rules/").content.decode()
    rule = {"company": shop.company.pk, "rank": 5, "days_from": 0, "action": "hold", "approver": "writer"}
    assert selma.post("/notices/rules/new/", rule | {"body": "{nobody}"}).status_code == 422
    assert selma.post("/notices/rules/new/", rule).status_code == 302
    made = NoticeRule.objects.get(rank=5)
    assert selma.get(f"/notices/rules/{made.pk}/").status_code == 200
    policy = {"noise_min": 90, "settle_min": 5, "earlier_days": 2, "machine_words": "none"}
    assert selma.get(f"/notices/policy/{shop.company.pk}/").status_code == 200
    assert selma.post(f"/notices/policy/{shop.company.pk}/", policy).status_code == 302
    stored = PromisePolicy.objects.get()
    assert (stored.noise_min, stored.is_same_day_noise, stored.earlier_days) == (90, False, 2)
    wish = {"tone": "friendly", "has_hours": "on", "email": "dock@nordhaus.example"}
    assert selma.post(f"/customers/{shop.customer.pk}/notices/", wish).status_code == 302
    assert NoticeWish.objects.get().has_hours


def test_sales_may_not_set_rules(sara: Client, shop: Workshop) -> None:
    assert sara.get("/notices/rules/").status_code == 403


def test_the_link_shows_the_order_to_a_stranger_and_is_noted_as_read(
    client: Client, shop: Workshop, settings: Any
) -> None:
    settings.PUBLIC_URL = "https://shop.example"
    mail(shop)
    order = promised(shop)
    moved(shop, order, at(25, 12), down(shop))
    crm.send_due_notices(now=NOW + 10 * MINUTE)
    path = Message.objects.get().body.split("https://shop.example")[1].split()[0]
    assert client.get(path, headers={"sec-purpose": "prefetch"}).status_code == 200
    assert client.head(path).status_code == 200
    assert Notice.objects.get().read_at is None
    answer = client.get(path)
    assert order.number in answer.content.decode()
    assert answer["Referrer-Policy"] == "no-referrer"
    assert Notice.objects.get().read_at is not None
    assert client.get("/seen/" + "x" * 43 + "/").status_code == 404


def test_the_linked_page_speaks_the_customers_language(client: Client, shop: Workshop, settings: Any) -> None:
    settings.PUBLIC_URL = "https://shop.example"
    shop.customer.language = "de"
    mail(shop)
    moved(shop, promised(shop), at(25, 12), down(shop))
    crm.send_due_notices(now=NOW + 10 * MINUTE)
    page = client.get(Message.objects.get().body.split("https://shop.example")[1].split()[0]).content.decode()
    for word in ("Artikel", "4 Stk", "Zugesagt", "25.11.2026", "Eingeplant", "In Fertigung"):
        assert word in page
    for word in ("Product", "Quoted", "Expected", "planned"):
        assert word not in page


def earlier(shop: Workshop) -> tuple[SalesOrder, EarlierOffer]:
    """Promised for Tue 24, then for Fri 27; a plan then ends it on Wed 25 at 12:00: arrives 13:00."""
    order = promised(shop)
    moved(shop, order, at(27, 12), down(shop))
    moved(shop, order, at(25, 12), Cause("order", "Order"), plan_no=3)
    return order, EarlierOffer.objects.get()


def test_an_earlier_date_is_offered_and_not_pushed(sara: Client, shop: Workshop) -> None:
    mail(shop)
    order, offer = earlier(shop)
    assert (offer.state, offer.offered_at) == ("open", at(25, 23, 59))
    assert line_of(order).promised_at == at(27, 13)
    assert order.number in sara.get("/promises/earlier/").content.decode()
    assert "could come earlier" in sara.get(f"/orders/{order.pk}/promises/").content.decode()
    assert sara.get(f"/promises/earlier/{offer.pk}/").status_code == 200
    sara.post(f"/promises/earlier/{offer.pk}/ask/")
    asked = Message.objects.get()
    assert "Promised: 27 November 2026\nPossible: 25 November 2026" in asked.body
    assert line_of(order).promised_at == at(27, 13)
    sara.post(f"/promises/earlier/{offer.pk}/accept/", {"version": offer.version + 1})
    promise = Promise.objects.get(order_line__order=order, closed_at=None)
    assert (promise.reason, promise.promised_at) == ("customer", at(25, 23, 59))
    assert line_of(order).promised_at == at(25, 23, 59)
    offer.refresh_from_db()
    assert offer.state == "accepted"


def test_what_waits_to_be_told_is_dropped_when_the_earlier_date_is_taken(shop: Workshop) -> None:
    """The customer knows the 24th, is about to hear of the 27th, and takes the 25th: they know that then."""
    _, offer = earlier(shop)
    crm.accept_earlier(offer_id=offer.pk, now=NOW)
    assert Notice.objects.get().state == "discarded"


def test_it_lapses_when_the_plan_loses_it(shop: Workshop) -> None:
    order, offer = earlier(shop)
    plan(shop, 4, {order: at(27, 11)})
    with pytest.raises(crm.EarlierLost):
        crm.accept_earlier(offer_id=offer.pk, now=NOW)
    moved(shop, order, at(27, 11), Cause("order", "Order"), plan_no=4)
    offer.refresh_from_db()
    assert (offer.state, offer.why) == ("lapsed", "Plan 4 does not allow it any more")


def test_what_was_declined_is_offered_again_only_when_still_earlier(sara: Client, shop: Workshop) -> None:
    order, offer = earlier(shop)
    sara.post(f"/promises/earlier/{offer.pk}/decline/", {"why": "No room at their dock"})
    moved(shop, order, at(25, 11), Cause("order", "Order"), plan_no=4)
    assert EarlierOffer.objects.filter(state="open").count() == 0
    moved(shop, order, at(24, 11), Cause("order", "Order"), plan_no=5)
    assert EarlierOffer.objects.get(state="open").offered_at == at(24, 23, 59)


def test_less_than_the_policys_days_is_not_offered(shop: Workshop) -> None:
    crm.set_promise_policy(company_id=shop.company.pk, earlier_days=3)
    order = promised(shop)
    moved(shop, order, at(27, 12), down(shop))
    moved(shop, order, at(25, 12), Cause("order", "Order"), plan_no=3)
    assert not EarlierOffer.objects.exists()


def test_the_promises_page_says_how_sure_and_why(sara: Client, shop: Workshop) -> None:
    order = promised(shop)
    moved(shop, order, at(27, 12), down(shop))
    assert sara.get("/promises/").status_code == 200
    assert sara.get("/promises/?at_risk=1").status_code == 200
    part = sara.get(f"/orders/{order.pk}/promises/").content.decode()
    assert "Only 0 finished operations with time were seen, 20 are needed." in part
    promise = Promise.objects.get(order_line__order=order, closed_at=None)
    chain = sara.get(f"/promises/{promise.pk}/why/").content.decode()
    assert "ASM-01 stopped" in chain
    assert "Assemble · ASM-01" in chain
    assert "was Tue 24 Nov, 13:00" in chain


def test_a_page_of_reliability_stands_before_anything_is_delivered(sara: Client, shop: Workshop) -> None:
    confirmed(shop)
    for by in ("cause", "person", "customer", "product", "month"):
        page = sara.get(f"/promises/reliability/?by={by}").content.decode()
        assert "Nothing was delivered in that time." in page
        assert "1 open line" in page
    assert sara.get("/promises/reliability/lines/?by=cause&key=kept").status_code == 200


def test_a_promise_that_no_plan_has_looked_at_yet_is_listed_too(sara: Client, shop: Workshop) -> None:
    """Sure is empty then, on the page and in the file."""
    order = promised(shop)
    PromiseOutlook.objects.all().delete()
    assert order.number in sara.get("/promises/").content.decode()
    assert order.number in b"".join(sara.get("/promises/?export=csv")).decode()
