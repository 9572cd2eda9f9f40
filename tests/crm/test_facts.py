"""Who listens to webhooks hears of quotations, approvals of prices, earlier dates and read notices, each once."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from crm import services as crm
from crm.models import Message, Notice, Quotation, QuotationApproval
from masterdata import services as masterdata
from masterdata.models import User, WebhookDelivery
from masterdata.webhooks import places
from tests.crm.orders import NOW, at
from tests.crm.test_notice_pages import earlier
from tests.crm.test_notices import down, mail, moved, promised
from tests.crm.test_quotations import line
from tests.flows.workshop import Workshop
from tests.pages.conftest import person

MINUTE = dt.timedelta(minutes=1)


@pytest.fixture(autouse=True)
def listener(shop: Workshop, settings: Any) -> None:
    """An endpoint of the shop's company that hears all."""
    settings.WEBHOOK_HTTP, settings.WEBHOOK_NETWORKS = True, ["127.0.0.0/8"]
    masterdata.make_endpoint(company=shop.company, name="Ours", url="http://127.0.0.1:9/", kinds=(), now=NOW)


def heard(*kinds: str) -> list[tuple[str, dict[str, Any]]]:
    """What was noted for the listener, in the order in which it happened."""
    rows = WebhookDelivery.objects.filter(kind__in=kinds).select_related("fact").order_by("pk")
    return [(row.kind, row.fact.payload) for row in rows if row.fact is not None]


def asked(shop: Workshop, by: User) -> QuotationApproval:
    """18 % off where 10 % may be given."""
    crm.set_sales_policy(company=shop.company, floor_percent=None, discount_limit_percent=Decimal(10))
    lines = [line(shop, discount_percent=Decimal(18))]
    quotation = crm.write_quotation(customer_id=shop.customer.pk, lines=lines, now=NOW, by=by)
    return crm.ask_approval(quotation_id=quotation.pk, now=NOW, by=by)


def test_each_revision_that_is_sent_is_told(shop: Workshop) -> None:
    quotation = crm.write_quotation(customer_id=shop.customer.pk, lines=[line(shop)], now=NOW)
    crm.send_quotation(quotation_id=quotation.pk, now=NOW)
    crm.revise_quotation(quotation_id=quotation.pk, now=NOW)
    crm.send_quotation(quotation_id=quotation.pk, now=NOW)
    assert [data for _kind, data in heard("QuotationSent")] == [
        {"quotation_id": quotation.pk, "revision_no": 1},
        {"quotation_id": quotation.pk, "revision_no": 2},
    ]


@pytest.mark.parametrize(("is_approved", "decision"), [(True, "approved"), (False, "rejected")])
def test_a_price_is_asked_for_and_decided(shop: Workshop, is_approved: bool, decision: str) -> None:
    row = asked(shop, person("writer", "sales", shop.plant))
    lead = person("selma", "sales_lead", shop.plant)
    crm.decide_approval(approval_id=row.pk, is_approved=is_approved, reason="So it is", now=NOW, by=lead)
    data = {"quotation_id": row.quotation_id, "revision_no": 1, "approval_id": row.pk}
    assert heard("PriceApprovalAsked", "PriceApprovalDecided") == [
        ("PriceApprovalAsked", data),
        ("PriceApprovalDecided", data | {"decision": decision}),
    ]
    assert places.links("PriceApprovalDecided", data) == {
        "quotation": f"/api/v1/crm/quotations/{row.quotation_id}/",
        "approval": f"/api/v1/crm/quotation-approvals/{row.pk}/",
    }


def test_a_price_that_was_changed_is_not_decided_any_more(shop: Workshop) -> None:
    row = asked(shop, person("writer", "sales", shop.plant))
    crm.rewrite_quotation(quotation_id=row.quotation_id, lines=[line(shop)], now=NOW)
    assert Quotation.objects.get(pk=row.quotation_id).approval == "free"
    assert [data["decision"] for _kind, data in heard("PriceApprovalDecided")] == ["dropped"]


def test_an_earlier_date_is_offered_and_taken(shop: Workshop) -> None:
    mail(shop)
    order, offer = earlier(shop)
    crm.offer_earlier(offer_id=offer.pk, now=NOW)
    crm.accept_earlier(offer_id=offer.pk, now=NOW)
    data = {
        "offer_id": offer.pk,
        "order_id": order.pk,
        "order_line_id": offer.order_line_id,
        "offered_at": offer.offered_at.isoformat(),
    }
    assert heard("EarlierDateOffered", "EarlierDateAnswered") == [
        ("EarlierDateOffered", data),
        ("EarlierDateAnswered", data | {"is_accepted": True}),
    ]
    assert places.links("EarlierDateOffered", data)["offer"] == f"/api/v1/crm/earlier-offers/{offer.pk}/"


def test_an_earlier_date_is_declined(shop: Workshop) -> None:
    _order, offer = earlier(shop)
    crm.decline_earlier(offer_id=offer.pk, why="Their dock is full", now=NOW)
    assert [data["is_accepted"] for _kind, data in heard("EarlierDateAnswered")] == [False]


def test_a_notice_is_read_once(shop: Workshop, client: Client, settings: Any) -> None:
    settings.PUBLIC_URL = "https://shop.example"
    mail(shop)
    order = promised(shop)
    moved(shop, order, at(25, 12), down(shop))
    crm.send_due_notices(now=NOW + 10 * MINUTE)
    token = Message.objects.get().body.split("https://shop.example/seen/")[1].split("/")[0]
    for _again in range(2):
        assert client.get(reverse("crm:order_seen", args=[token])).status_code == 200
    told = {"notice_id": Notice.objects.get().pk, "order_id": order.pk}
    assert heard("CustomerTold", "NoticeRead") == [("CustomerTold", told), ("NoticeRead", told)]
