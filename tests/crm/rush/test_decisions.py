"""Who may take what: approvals where somebody is hurt, answers that hold for a while, requests that expire."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from crm import services as crm
from crm.models import RushApproval
from erp.models import SalesOrder
from masterdata.models import User
from suite.deeds import accept_rush
from tests.crm.rush.asking import asked, card, take, versions
from tests.flows.workshop import Workshop
from tests.pages.conftest import person

D = Decimal
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def selma(shop: Workshop) -> User:
    return person("selma", "sales_lead", shop.plant)


def rules(shop: Workshop, **change: object) -> None:
    usual = {"holds_min": 30, "expires_days": 7, "asks_when_hurt": True, "cost_above": None}
    crm.set_rush_policy(company_id=shop.company.pk, **(usual | change))  # type: ignore[arg-type]


def test_who_hurts_somebody_asks_and_who_may_takes_it(sara: Client, selma: User, busy: Workshop) -> None:
    moved = SalesOrder.objects.get()
    request = asked(busy)
    fast = card(request, "C")
    panel = reverse("crm:rush_request", args=[request.pk])
    assert "1 order of other customers would be later" in sara.get(panel).content.decode()
    sara.post(reverse("suite:rush_take", args=[fast.pk]))
    assert not SalesOrder.objects.filter(is_rush=True).exists()

    sara.post(reverse("suite:rush_ask_approval", args=[fast.pk]), {"why": "Harbour waits at the door"})
    approval = RushApproval.objects.get()
    assert (approval.state, approval.why, approval.asked_by) == ("asked", "Harbour waits at the door", sara_of(sara))
    assert "Asked for approval" in sara.get(panel).content.decode()
    assert sara.post(reverse("suite:rush_approve", args=[approval.pk])).status_code == 403
    waiting = sara.get(reverse("crm:rush_requests"), {"approval": "asked"}).content.decode()
    assert request.number in waiting

    sara.force_login(selma)
    assert "Approve and take C" in sara.get(panel).content.decode()
    sara.post(reverse("suite:rush_approve", args=[approval.pk]))
    order = SalesOrder.objects.get(is_rush=True)
    approval.refresh_from_db()
    request.refresh_from_db()
    assert (approval.state, approval.decided_by, request.order) == ("approved", selma, order)
    assert versions(moved)[-1] == (2, "rush")


def sara_of(client: Client) -> User:
    return User.objects.get(pk=client.session["_auth_user_id"])


def test_a_no_says_why_and_leaves_the_other_options(sara: Client, selma: User, busy: Workshop) -> None:
    request = asked(busy)
    fast = card(request, "C")
    approval = crm.ask_rush_approval(option_id=fast.pk, why="", now=timezone.now(), by=sara_of(sara))
    panel = reverse("crm:rush_request", args=[request.pk])
    sara.force_login(selma)
    sara.post(reverse("suite:rush_reject", args=[approval.pk]), {"answer": ""})
    approval.refresh_from_db()
    assert approval.state == "asked"
    sara.post(reverse("suite:rush_reject", args=[approval.pk]), {"answer": "Nordhaus was late twice"})
    approval.refresh_from_db()
    assert (approval.state, approval.answer) == ("rejected", "Nordhaus was late twice")
    assert "Nordhaus was late twice" in sara.get(panel).content.decode()
    assert take(card(request, "A"), by=User.objects.get(username="sara")).is_rush


def test_an_approval_of_an_older_answer_takes_nothing(selma: User, busy: Workshop) -> None:
    request = asked(busy)
    approval = crm.ask_rush_approval(option_id=card(request, "C").pk, why="", now=timezone.now())
    late = timezone.now() + 31 * MINUTE
    with pytest.raises(accept_rush.StaleOffer):
        accept_rush.approve_and_take(approval_id=approval.pk, now=late, by=selma)
    approval.refresh_from_db()
    request.refresh_from_db()
    assert (approval.state, request.answer_no, request.state) == ("stale", 2, "open")
    with pytest.raises(crm.ApprovalNotOpen):
        crm.reject_rush(approval_id=approval.pk, answer="No", now=late, by=selma)


def test_extra_cost_above_the_rule_needs_one_too(sara: Client, busy: Workshop) -> None:
    """A costs nothing extra; with a limit of 0.00 it may still be taken, once it costs a cent more it may not."""
    rules(busy, asks_when_hurt=False, cost_above=D(0))
    request, by = asked(busy), sara_of(sara)
    dear, cheap = card(request, "C"), card(request, "A")
    type(dear).objects.filter(pk=dear.pk).update(extra_cost=D("0.01"))
    with pytest.raises(crm.RushNeedsApproval) as refusal:
        take(dear, by=by)
    assert refusal.value.sentence == (
        "Option C needs an approval: it costs more than 0.00 extra. Ask for it, or take another option."
    )
    assert take(cheap, by=by).is_rush


def test_an_answer_holds_for_the_minutes_of_the_rule(busy: Workshop) -> None:
    rules(busy, holds_min=10)
    request = asked(busy)
    assert request.holds_until == request.asked_at + 10 * MINUTE
    with pytest.raises(accept_rush.StaleOffer) as refusal:
        take(card(request, "A"), after=11 * MINUTE)
    assert refusal.value.sentence.startswith(f"The answer to {request.number} no longer holds, and nothing was taken.")
    request.refresh_from_db()
    assert (request.answer_no, request.state) == (2, "open")


def test_a_request_that_nobody_takes_expires(busy: Workshop) -> None:
    rules(busy, expires_days=3)
    request = asked(busy)
    assert crm.expire_rush(now=request.asked_at + dt.timedelta(days=2)) == 0
    assert crm.expire_rush(now=request.asked_at + dt.timedelta(days=3)) == 1
    request.refresh_from_db()
    assert request.state == "expired"
    assert set(request.options.values_list("state", flat=True)) == {"stale"}
    with pytest.raises(crm.RushNotOpen, match="has waited too long"):
        crm.drop_rush(request_id=request.pk, now=timezone.now())


def test_the_rules_have_a_page_for_who_decides(sara: Client, selma: User, shop: Workshop) -> None:
    url = reverse("crm:rush_policy", args=[shop.company.pk])
    assert sara.get(url).status_code == 403
    sara.force_login(selma)
    given = {"holds_min": "15", "expires_days": "5", "asks_when_hurt": "on", "cost_above": "500", "version": ""}
    sara.post(url, given)
    policy = crm.rush_policy_of(shop.company.pk)
    assert (policy.holds_min, policy.expires_days, policy.cost_above, policy.delivery_cost) == (15, 5, D(500), D(0))
    sara.post(url, given | {"delivery_cost": "85", "version": str(policy.version)})
    assert crm.rush_policy_of(shop.company.pk).delivery_cost == D(85)
    assert sara.post(url, given | {"holds_min": "0"}).status_code == 422
