"""Rules of notices, promise policies, wishes of customers, and the chain of a promise, as a program drives them."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client

from crm.models import Notice, Promise
from masterdata.causes import Cause
from tests.crm.orders import at
from tests.crm.test_notices import down, moved, promised
from tests.flows.workshop import Workshop
from tests.pages.conftest import person


@pytest.fixture
def rest(client: Client, shop: Workshop) -> Any:
    """What the lead of sales sends: JSON, a key of its own, perhaps the version that was read."""
    client.force_login(person("selma", "sales_lead", shop.plant))

    def send(method: str, path: str, body: dict[str, Any] | None = None, etag: str = "") -> Any:
        headers = {"HTTP_IDEMPOTENCY_KEY": uuid.uuid4().hex} | ({"HTTP_IF_MATCH": etag} if etag else {})
        call = getattr(client, method)
        return call(f"/api/v1/crm/{path}", body or {}, content_type="application/json", **headers)

    return send


def test_a_rule_is_written_changed_and_followed(rest: Any, shop: Workshop) -> None:
    """Rank 5 for Nordhaus holds what would go by itself; changed to another reason the usual rules behind it
    decide: it goes."""
    body = {"company": shop.company.pk, "rank": 5, "action": "hold", "approver": "lead", "customer": shop.customer.pk}
    made = rest("post", "notice-rules/", body)
    assert made.status_code == 201, made.content
    order = promised(shop)
    moved(shop, order, at(25, 12), down(shop))
    assert Notice.objects.get().held_why == "Rule 5: held for review"
    path = f"notice-rules/{made.json()['id']}/"
    assert rest("patch", path, {"reason": "material"}).status_code == 428
    changed = rest("patch", path, {"reason": "material"}, made["ETag"])
    assert (changed.status_code, changed.json()["reason"], changed.json()["version"]) == (200, "material", 2)
    assert rest("patch", path, {"rank": 6}, made["ETag"]).status_code == 412
    moved(shop, order, at(26, 12), down(shop), plan_no=3)
    notice = Notice.objects.get()
    assert (notice.state, notice.rule.rank) == ("drafted", 30)


def test_a_rule_is_refused_at_its_field(rest: Any, shop: Workshop) -> None:
    body = {"company": shop.company.pk, "rank": 5, "action": "send"}
    wrong = rest("post", "notice-rules/", body | {"body": "Dear {nobody}"})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (400, "body")
    assert rest("post", "notice-rules/", body).status_code == 201
    same = rest("post", "notice-rules/", body)
    assert (same.status_code, same.json()["errors"][0]["field"]) == (400, "rank")


def test_a_policy_is_set_and_replaced(rest: Any, shop: Workshop) -> None:
    """Noise is 60 minutes usually; what is left out stays."""
    first = rest("post", "promise-policies/", {"company": shop.company.pk, "settle_min": 30})
    assert (first.status_code, first.json()["settle_min"], first.json()["noise_min"]) == (201, 30, 60)
    second = rest("post", "promise-policies/", {"company": shop.company.pk, "earlier_days": 3}, first["ETag"])
    assert (second.json()["settle_min"], second.json()["earlier_days"]) == (30, 3)
    stale = rest("post", "promise-policies/", {"company": shop.company.pk, "earlier_days": 4}, first["ETag"])
    assert stale.status_code == 412
    wrong = rest("post", "promise-policies/", {"company": shop.company.pk, "noise_min": 5})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (400, "noise_min")


def test_a_customers_wish_is_set_and_followed(rest: Any, client: Client, shop: Workshop) -> None:
    wish = {"customer": shop.customer.pk, "tone": "friendly", "has_hours": True, "email": "dock@nordhaus.example"}
    assert rest("post", "notice-wishes/", wish).status_code == 201
    found = client.get(f"/api/v1/crm/notice-wishes/?customer={shop.customer.pk}").json()["results"]
    assert [(one["tone"], one["has_hours"], one["email"]) for one in found] == [
        ("friendly", True, "dock@nordhaus.example")
    ]
    moved(shop, promised(shop), at(24, 15), down(shop))
    assert "New date: 24 Nov, 16:00" in Notice.objects.get().body


def test_who_may_not_set_rules_reads_none(sara: Client, shop: Workshop) -> None:
    assert sara.get("/api/v1/crm/notice-rules/").status_code == 403
    assert sara.get("/api/v1/crm/promise-policies/").status_code == 403
    assert sara.get("/api/v1/crm/notice-wishes/").status_code == 200


def test_the_chain_of_a_promise_leads_to_the_machine(sara: Client, shop: Workshop) -> None:
    """Promised for 24 Nov 13:00; the machine is down, so it is the 27th."""
    order = promised(shop)
    moved(shop, order, at(27, 12), down(shop))
    moved(shop, order, at(28, 12), Cause("planner", "By hand"), plan_no=3)
    first, second, third = Promise.objects.order_by("version_no")
    told = sara.get(f"/api/v1/crm/promises/{second.pk}/why/").json()
    assert (told["promise"], [one["kind"] for one in told["chain"]]) == (
        second.pk,
        ["promise", "operation", "MachineDown"],
    )
    assert told["chain"][0]["was"] == "was Tue 24 Nov, 13:00"
    assert told["chain"][1]["title"] == "Assemble · ASM-01"
    assert told["chain"][2]["title"] == "ASM-01 stopped"
    assert sara.get(f"/api/v1/crm/promises/{third.pk}/why/").json()["chain"][-1]["title"] == "By hand"
    assert sara.get(f"/api/v1/crm/promises/{first.pk}/why/").status_code == 200
