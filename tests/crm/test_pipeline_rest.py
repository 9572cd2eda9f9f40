"""Leads, opportunities, activities and cases over REST, as a program drives them."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from crm.models import LostReason, Stage
from masterdata.models import User
from tests.crm.orders import confirmed
from tests.flows.workshop import Workshop


@pytest.fixture
def rest(sara: Client) -> Any:
    """POST and PATCH as JSON, with a key of their own and perhaps the version that was read."""

    def send(method: str, path: str, body: dict[str, Any] | None = None, etag: str = "") -> Any:
        headers = {"HTTP_IDEMPOTENCY_KEY": uuid.uuid4().hex} | ({"HTTP_IF_MATCH": etag} if etag else {})
        call = getattr(sara, method)
        return call(f"/api/v1/crm/{path}", body or {}, content_type="application/json", **headers)

    return send


def hope(shop: Workshop, **more: Any) -> dict[str, Any]:
    return {"title": "Desks", "value": "500.005", "expected_on": "2027-02-01"} | more


def test_a_lead_is_taken_found_twice_and_converted(rest: Any, sara: Client, shop: Workshop) -> None:
    who = {"company": shop.company.pk, "organisation": "Linde", "email": "a@linde.example"}
    first, second = rest("post", "leads/", who), rest("post", "leads/", who)
    assert (first.status_code, second.status_code) == (201, 201)
    found = sara.get(f"/api/v1/crm/leads/{second.json()['id']}/duplicates/").json()
    assert [(one["kind"], one["id"], one["same"]) for one in found] == [("lead", first.json()["id"], "email")]
    done = rest("post", f"leads/{second.json()['id']}/convert/", hope(shop))
    assert done.status_code == 200, done.content
    assert done.json()["state"] == "converted"
    opportunity = sara.get(f"/api/v1/crm/opportunities/{done.json()['opportunity']}/").json()
    assert (opportunity["value"], opportunity["weighted"]) == ("500.0100", "50.0000"), "rounded half up: 500.01; 10 %"
    again = rest("post", f"leads/{second.json()['id']}/convert/", hope(shop))
    assert (again.status_code, again.json()["code"]) == (409, "lead_is_closed")


def test_an_opportunity_moves_and_is_refused_stale(rest: Any, shop: Workshop) -> None:
    body = hope(shop, company=shop.company.pk, customer=shop.customer.pk)
    row = rest("post", "opportunities/", body).json()
    offered, lost = Stage.objects.get(name="Offered").pk, Stage.objects.get(name="Lost").pk
    path = f"opportunities/{row['id']}/move/"
    moved = rest("post", path, {"stage": offered}, '"1"')
    assert (moved.status_code, moved.json()["stage"]) == (200, offered)
    stale = rest("post", path, {"stage": lost}, '"1"')
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")
    why = rest("post", path, {"stage": lost})
    assert (why.status_code, why.json()["errors"][0]["field"]) == (400, "lost_reason")
    reason = LostReason.objects.get(code="PRICE").pk
    assert rest("post", path, {"stage": lost, "lost_reason": reason}).json()["state"] == "lost"


def test_changing_without_the_version_is_refused(rest: Any, shop: Workshop) -> None:
    row = rest("post", "opportunities/", hope(shop, company=shop.company.pk, customer=shop.customer.pk)).json()
    assert rest("patch", f"opportunities/{row['id']}/", hope(shop)).status_code == 428
    assert rest("patch", f"opportunities/{row['id']}/", hope(shop, value="7"), '"1"').json()["value"] == "7.0000"


def test_an_activity_is_planned_and_done_with_the_next(rest: Any, sara: Client, shop: Workshop) -> None:
    order = confirmed(shop, 1, now=timezone.now())
    owner = User.objects.get(username="sara").pk
    body = {"kind": "call", "subject": "Ask", "due_at": "2027-01-05T09:00:00Z", "owner": owner}
    row = rest("post", "activities/", body | {"order": order.pk})
    assert (row.status_code, row.json()["customer"]) == (201, order.customer_id)
    done = rest("post", f"activities/{row.json()['id']}/finish/", {"outcome": "Yes", "following": body})
    assert done.json()["outcome"] == "Yes"
    open_rows = sara.get("/api/v1/crm/activities/", {"done_at__isnull": "true", "owner": owner}).json()
    assert open_rows["count"] == 1


def test_a_case_is_opened_about_a_line_answered_and_closed(rest: Any, sara: Client, shop: Workshop) -> None:
    line = confirmed(shop, 1, now=timezone.now()).lines.get()
    case = rest("post", "cases/", {"subject": "Scratch", "order_line": line.pk})
    assert (case.status_code, case.json()["order"]) == (201, line.order_id)
    path = f"cases/{case.json()['id']}"
    answered = rest("post", f"{path}/reply/", {"kind": "call", "body": "A new top follows."})
    assert answered.json()["state"] == "answered"
    closed = rest("post", f"{path}/close/", {"outcome": "replaced"})
    assert (closed.json()["state"], closed.json()["outcome"]) == ("closed", "replaced")
    refused = rest("post", f"{path}/assign/", {"owner": None})
    assert (refused.status_code, refused.json()["code"]) == (409, "case_is_closed")
    assert sara.get("/api/v1/crm/cases/", {"state": "closed"}).json()["count"] == 1


def test_stages_are_changed_by_who_leads_sales_only(rest: Any) -> None:
    body = {"name": "Extra", "probability": 5, "place": 5}
    assert rest("post", "stages/", body).status_code == 403
