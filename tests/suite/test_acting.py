"""Timelines say who did it: facts name the person and the request, whichever way the deed came in."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from erp import services as erp
from erp.facts import GoodsReceived
from erp.models import SalesOrder
from masterdata import facts
from masterdata.models import FactRecord, Membership, User
from suite.shell.acting import ActingMiddleware
from tests.flows import workshop


@pytest.fixture
def draft(db: None) -> SalesOrder:
    """A drafted order for a stool, and `sara`, who sells."""
    shop = workshop.build()
    sara = User.objects.create_user("sara", password="a-long-password")
    Membership.objects.create(user=sara, role="sales", company=shop.company)
    line = erp.OrderLineInput(
        plant_id=shop.plant.pk,
        material_id=shop.materials["STOOL"].pk,
        quantity=Decimal(1),
        unit_price=Decimal(100),
        wanted_on=dt.date.today() + dt.timedelta(days=9),  # noqa: DTZ011 (any day ahead)
    )
    return erp.create_order(
        company=shop.company,
        customer=shop.customer,
        currency=shop.company.currency,
        lines=[line],
        now=dt.datetime.now(dt.UTC),
    )


@pytest.fixture
def sara(draft: SalesOrder, client: Client) -> User:
    user = User.objects.get(username="sara")
    client.force_login(user)
    return user


@pytest.mark.parametrize("key", ["", "form-1"])
def test_a_page_names_who_did_it_and_in_which_request(draft: SalesOrder, client: Client, sara: User, key: str) -> None:
    client.post(reverse("erp:order_confirm", args=[draft.pk]), {"idempotency_key": key})
    record = FactRecord.objects.get(kind="OrderConfirmed")
    assert record.by == sara
    assert uuid.UUID(record.correlation_id)


def test_rest_with_a_session_names_who_did_it(draft: SalesOrder, client: Client, sara: User) -> None:
    client.post(f"/api/v1/erp/sales-orders/{draft.pk}/confirm/", content_type="application/json")
    assert FactRecord.objects.get(kind="OrderConfirmed").by == sara


def record_made(request: HttpRequest) -> FactRecord:
    """What a view that states a fact writes behind the middleware."""

    @transaction.atomic
    def view(_request: HttpRequest) -> HttpResponse:
        facts.state(GoodsReceived(receipt_id=1, plant_id=1, order_ids=()))
        return HttpResponse()

    handler: Callable[[HttpRequest], HttpResponse] = ActingMiddleware(view)
    handler(request)
    return FactRecord.objects.latest("stated_at")


def test_only_writing_requests_act(draft: SalesOrder, rf: RequestFactory) -> None:
    user = User.objects.get(username="sara")
    for request, expected in ((rf.post("/"), user), (rf.delete("/"), user), (rf.get("/"), None)):
        request.user = user
        assert record_made(request).by == expected


@pytest.mark.django_db
def test_an_inner_deed_keeps_the_request_around_it() -> None:
    user = User.objects.create_user("sara")
    with transaction.atomic(), facts.acting(user, "request-1"), facts.acting(user):
        record = facts.state(GoodsReceived(receipt_id=1, plant_id=1, order_ids=()))
    assert (record.by, record.correlation_id) == (user, "request-1")
