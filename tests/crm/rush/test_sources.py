"""Rush from a quotation, whose lines are asked together, and from an order, whose own work comes forward."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from aps.models import PlannedOperation
from crm import services as crm
from crm.models import Notice, Promise, Quotation, RushOption, RushRequest
from erp.models import SalesOrder, WorkOrder
from suite.deeds import accept_rush, ask_rush
from tests.crm.desk import settle
from tests.crm.orders import confirmed
from tests.crm.rush.asking import asked, card, quoted, take, today, versions
from tests.flows.workshop import Workshop

D = Decimal
HOUR = dt.timedelta(hours=1)
NEAR = dt.timedelta(minutes=5)


def for_quotation(quotation: Quotation) -> RushRequest:
    return ask_rush.ask_rush_for_quotation(quotation_id=quotation.pk, wanted_on=today(), now=timezone.now())


def for_order(order: SalesOrder) -> RushRequest:
    return ask_rush.ask_rush_for_order(order_id=order.pk, wanted_on=today(), now=timezone.now())


def test_all_lines_of_a_quotation_are_one_question(shop: Workshop) -> None:
    """290.00 + 2 x 110.00 = 510.00. The table costs 4 legs at 2.00, a top of 2 boards at 12.50 (8.00 + 25.00 = 33.00),
    saw (5 + 10) at 90 an hour 22.50, edge 5 at 60: 5.00, assembly 20 at 36: 12.00, packing 5 at 24: 2.00: 74.50. Two
    stools: 6 legs 12.00, 120 min at 36: 72.00: 84.00. Together 158.50: the margin is 351.50, 68.92 %.
    """
    settle(shop)
    shop.quantity("BOARD", 10)
    request = for_quotation(quoted(shop))
    assert [(line.material.code, line.net_amount) for line in request.lines.select_related("material")] == [
        ("TABLE", D("290.0000")),
        ("STOOL", D("220.0000")),
    ]
    calm = card(request, "A")
    assert (calm.cost, calm.margin_percent) == (D("158.50"), D("68.92"))
    assert request.base_cost == D("158.50")


def test_taking_it_accepts_the_quotation_with_its_prices_in_one_go(shop: Workshop) -> None:
    """Both products of one order: planned, promised, and no draft beside it. It is there when its last line is."""
    shop.quantity("BOARD", 10)
    quotation = quoted(shop)
    request = for_quotation(quotation)
    calm = card(request, "A")
    order = take(calm)
    quotation.refresh_from_db()
    request.refresh_from_db()
    assert (quotation.state, quotation.order, request.state, request.order) == ("accepted", order, "taken", order)
    lines = list(order.lines.order_by("line_no"))
    assert [(line.unit_price, line.wanted_on) for line in lines] == [(D(290), today()), (D(110), today())]
    assert versions(order) == [(1, "rush"), (1, "rush")]
    assert max(line.promised_at for line in lines if line.promised_at) == calm.deliver_at
    planned = PlannedOperation.objects.filter(operation__work_order__sales_order_line__order=order)
    assert planned.count() == 5
    assert SalesOrder.objects.count() == 1


def test_a_quotation_that_was_edited_since_is_asked_again(shop: Workshop) -> None:
    quotation = quoted(shop)
    request = for_quotation(quotation)
    Quotation.objects.filter(pk=quotation.pk).update(version=quotation.version + 1)
    with pytest.raises(accept_rush.StaleOffer) as refusal:
        take(card(request, "A"))
    request.refresh_from_db()
    assert refusal.value.values["answer"]["answer_no"] == request.answer_no == 2
    assert not SalesOrder.objects.exists()
    assert take(card(request, "A")).quotation == Quotation.objects.get()


def test_an_order_comes_forward_and_no_other_is_made(busy: Workshop) -> None:
    """Orders of 6 and of 2 stools stand one behind the other on one machine, both late already. With C the second comes
    first: an hour of work for each stool and one of transport; the other ends so many hours later than promised.
    """
    one, other = SalesOrder.objects.get(), confirmed(busy, 2, other=True, now=timezone.now())
    settle(busy)
    first, second = sorted((one, other), key=lambda order: order.lines.get().expected_at or order.made_at)
    before, pieces = second.lines.get().promised_at, int(second.lines.get().quantity)
    request = for_order(second)
    assert card(request, "A").cause == "Nothing is earlier than it is planned now unless others move."
    fast = card(request, "C")
    assert fast.deliver_at is not None
    assert fast.deliver_at - request.asked_at == pytest.approx((pieces + 1) * HOUR, abs=NEAR)
    assert fast.victims.get().order_line.order == first
    orders, work = SalesOrder.objects.count(), WorkOrder.objects.count()

    assert take(fast) == second
    assert (SalesOrder.objects.count(), WorkOrder.objects.count()) == (orders, work)
    assert versions(second)[-1][1] == "customer"
    line = second.lines.get()
    assert line.promised_at == fast.deliver_at
    assert before is not None
    assert line.promised_at < before
    promise = Promise.objects.get(order_line=line, closed_at=None)
    assert promise.cause == f"Asked for earlier in {request.number}"
    assert versions(first)[-1][1] == "rush"
    settle(busy)
    assert versions(second)[-1][1] == "customer", "no plan behind it makes it later again"
    assert Notice.objects.filter(order=first, reason="rush").count() == 1
    assert not Notice.objects.filter(order=second).exclude(state="discarded").exists(), "they asked for it themselves"


def test_the_page_says_what_the_order_gains_and_when_that_is_too_little(sara: Client, busy: Workshop) -> None:
    """6 and 2 stools, an hour each, one behind the other: the later order gains the hours of the other. A gain of 44
    minutes is not worth an order that becomes later.
    """
    one, other = SalesOrder.objects.get(), confirmed(busy, 2, other=True, now=timezone.now())
    settle(busy)
    first, second = sorted((one, other), key=lambda order: order.lines.get().expected_at or order.made_at)
    request, expected = for_order(second), second.lines.get().expected_at
    assert expected is not None
    page = sara.get(reverse("crm:rush_request", args=[request.pk])).content.decode()
    assert "As planned now:" in page
    said = re.search(r"C brings it (\d+) h(?: (\d+) min)? earlier\.", page)
    assert said is not None, page
    gained = dt.timedelta(hours=int(said[1]), minutes=int(said[2] or 0))
    assert gained == pytest.approx(int(first.lines.get().quantity) * HOUR, abs=NEAR)
    assert "leave it as it is" not in page
    RushOption.objects.filter(request=request, key="C").update(deliver_at=expected - dt.timedelta(minutes=44))
    page = sara.get(reverse("crm:rush_request", args=[request.pk])).content.decode()
    assert "C brings it 44 min earlier. That is little for 1 order later: leave it as it is." in page


def test_a_draft_or_a_cancelled_order_is_not_hurried(shop: Workshop) -> None:
    order = confirmed(shop, 2, now=timezone.now())
    SalesOrder.objects.filter(pk=order.pk).update(cancelled_at=timezone.now())
    with pytest.raises(crm.NotToBeHurried):
        for_order(order)


def test_both_documents_lead_to_the_question(sara: Client, busy: Workshop) -> None:
    order, quotation = SalesOrder.objects.get(), quoted(busy)
    pages = {
        reverse("erp:order", args=[order.pk]): reverse("suite:rush_for_order", args=[order.pk]),
        reverse("crm:quotation", args=[quotation.pk]): reverse("suite:rush_for_quotation", args=[quotation.pk]),
    }
    for page, question in pages.items():
        assert question in sara.get(page).content.decode()
    answer = sara.post(pages[reverse("crm:quotation", args=[quotation.pk])], {"wanted_on": today().isoformat()})
    request = RushRequest.objects.get()
    assert answer["Location"] == reverse("crm:rush_request", args=[request.pk])
    panel = sara.get(answer["Location"]).content.decode()
    assert "all of" in panel
    assert "Table Rive" in panel
    assert f"Accepts {quotation.number}, and confirms its order" in panel


def test_an_order_for_which_nothing_is_made_says_so(sara: Client, busy: Workshop) -> None:
    """Five stools lie there: two of them are kept for the order, and no machine does anything for it."""
    busy.quantity("STOOL", 5)
    order = confirmed(busy, 2, other=True, now=timezone.now())
    url = reverse("suite:rush_for_order", args=[order.pk])
    answer = sara.post(url, {"wanted_on": today().isoformat()})
    assert answer.status_code == 422
    assert "None of its work can be moved any more" in answer.content.decode()
    assert not RushRequest.objects.exists()


def test_a_request_by_itself_has_one_line(busy: Workshop) -> None:
    request = asked(busy)
    line = request.lines.get()
    assert (line.quantity, line.net_amount) == (D(2), D(240))
