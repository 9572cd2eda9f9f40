"""Prices beyond what sales may give: neither sent nor accepted until somebody else has approved just these figures.

Limits here: a margin floor of 30 %, a discount limit of 10 %. A stool costs 100.00 by the list.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from crm import services as crm
from crm.models import PriceList, PriceRule, Quotation, QuotationApproval
from masterdata import rights
from masterdata.errors import InvalidInput, NotAllowed, StaleVersion
from masterdata.models import Bom, Material, MaterialCategory, Routing, User
from suite.roles import ROLES
from tests.api.conftest import make_caller
from tests.crm.orders import NOW, at
from tests.crm.test_quotations import line
from tests.flows.workshop import Workshop
from tests.pages.conftest import person

D = Decimal


@pytest.fixture(autouse=True)
def limits(shop: Workshop) -> None:
    crm.set_sales_policy(company=shop.company, floor_percent=D(30), discount_limit_percent=D(10))


@pytest.fixture
def writer(shop: Workshop) -> User:
    return person("writer", "sales", shop.plant)


@pytest.fixture
def lead(shop: Workshop) -> User:
    return person("selma", "sales_lead", shop.plant)


def write(shop: Workshop, by: User | None, *lines: crm.QuotationLineInput, **more: Any) -> Quotation:
    return crm.write_quotation(customer_id=shop.customer.pk, lines=lines or [line(shop)], now=NOW, by=by, **more)


def costing(shop: Workshop, cost: str, **more: Any) -> crm.QuotationLineInput:
    """2 stools that planning said would cost so much."""
    return line(shop, offered_at=at(27, 14), offered_cost=D(cost), **more)


@pytest.mark.parametrize(
    ("percent", "whole", "approval"),
    [("10", "0", "free"), ("10.01", "0", "needed"), ("5", "5.27", "needed"), ("5", "5.26", "free")],
)
def test_a_discount_above_the_limit_needs_approval(
    shop: Workshop, writer: User, percent: str, whole: str, approval: str
) -> None:
    """5 % and then 5.26 % are 1 - 0.95 x 0.9474 = 9.997 %, 10.00 % when said; with 5.27 % it is 10.0065 %, 10.01 %."""
    terms = crm.QuotationTerms(discount_percent=D(whole))
    assert write(shop, writer, line(shop, discount_percent=D(percent)), terms=terms).approval == approval


def test_a_price_typed_below_the_list_is_a_discount_too(shop: Workshop, writer: User) -> None:
    """89.00 against a list of 100.00 is 11 %; against the customer's own price of 90.00 it is 1.1 %."""
    assert write(shop, writer, line(shop, unit_price=D(89))).approval == "needed"
    of = PriceList.objects.create(
        name="Own", company=shop.company, currency=shop.company.currency, customer=shop.customer, valid_from=NOW.date()
    )
    PriceRule.objects.create(price_list=of, fixed_price=90)
    assert write(shop, writer, line(shop, unit_price=D(89))).approval == "free"


def test_a_margin_below_the_floor_needs_approval_where_costs_are_known(shop: Workshop, writer: User) -> None:
    """200.00 at a cost of 140.00 leaves 30 %: free. At 140.02 it leaves 29.99 %.

    Not asked of planning, it costs what making it costs: 84.00, and 116.00 for it leave 27.6 %, 121.00 30.6 %.
    """
    assert write(shop, writer, costing(shop, "140.00")).approval == "free"
    assert write(shop, writer, costing(shop, "140.02")).approval == "needed"
    crm.set_sales_policy(company=shop.company, floor_percent=D(30), discount_limit_percent=None)
    unasked = write(shop, writer, line(shop, unit_price=D(58)))
    assert (unasked.approval, unasked.lines.get().offered_cost) == ("needed", D(84))
    assert write(shop, writer, line(shop, unit_price=D("60.5"))).approval == "free"


def test_what_nobody_knows_the_cost_of_is_said(shop: Workshop, writer: User) -> None:
    """The table is made of nothing and costs nothing: only its discount of 18 % decides, which the approver is told."""
    Bom.objects.filter(material=shop.materials["TABLE"]).update(state="obsolete")
    Routing.objects.filter(material=shop.materials["TABLE"]).update(state="obsolete")
    Material.objects.filter(pk=shop.materials["TABLE"].pk).update(standard_cost=0)
    quotation = write(shop, writer, line(shop), line(shop, "TABLE", "1", discount_percent=D(18)))
    assert quotation.lines.get(line_no=2).offered_cost is None
    asked = crm.ask_approval(quotation_id=quotation.pk, now=NOW, by=writer)
    assert asked.because == "a discount of 18 %, above the limit of 10 %; what line 2 costs nobody knows"
    client = Client()
    client.force_login(writer)
    page = client.get(reverse("crm:quotation", args=[quotation.pk])).content.decode()
    assert "What line 2 costs nobody knows" in page
    lines = client.get(f"/api/v1/crm/quotations/{quotation.pk}/").json()["lines"]
    assert [one["is_cost_known"] for one in lines] == [True, False]


def test_an_option_below_the_floor_is_judged_as_if_it_were_taken(shop: Workshop, writer: User) -> None:
    """400.00 at 200.00 leave 50 %; with the option of 200.00 at 250.00 it is 600.00 at 450.00: 25 %."""
    lines = [costing(shop, "200", quantity=D(4)), costing(shop, "250", is_option=True)]
    assert write(shop, writer, *lines).approval == "needed"


def test_a_category_may_have_a_floor_of_its_own(shop: Workshop, writer: User) -> None:
    """Stools at 60 % of cost: 40 % margin, above 30 % but below the 45 % of their category."""
    category = MaterialCategory.objects.get(pk=shop.materials["STOOL"].category_id)
    crm.set_sales_policy(
        company=shop.company, floor_percent=D(30), discount_limit_percent=None, floors={category.pk: D(45)}
    )
    assert write(shop, writer, costing(shop, "120")).approval == "needed"
    assert write(shop, writer, costing(shop, "110")).approval == "free"


def test_until_it_is_approved_it_is_neither_sent_nor_accepted(shop: Workshop, writer: User, lead: User) -> None:
    quotation = write(shop, writer, line(shop, discount_percent=D(18)))
    for deed, then in ((crm.send_quotation, "send it"), (crm.accept_quotation, "accept it")):
        with pytest.raises(crm.ApprovalMissing) as refusal:
            deed(quotation_id=quotation.pk, now=NOW)
        assert refusal.value.sentence == (
            "Q-2026-00001 has a discount of 18 %, above the limit of 10 %, which somebody else has to approve: "
            f"ask for it, then {then}."
        )
    asked = crm.ask_approval(quotation_id=quotation.pk, note="Large follow-up", now=NOW, by=writer)
    with pytest.raises(crm.ApprovalMissing, match="wait for the answer"):
        crm.send_quotation(quotation_id=quotation.pk, now=NOW)
    with pytest.raises(crm.ApprovalNotNeeded, match="waits for approval already"):
        crm.ask_approval(quotation_id=quotation.pk, now=NOW, by=writer)
    crm.decide_approval(approval_id=asked.pk, is_approved=True, reason="Fine", now=NOW, by=lead)
    crm.send_quotation(quotation_id=quotation.pk, now=NOW)
    assert crm.accept_quotation(quotation_id=quotation.pk, now=NOW).lines.get().unit_price == D(82)
    asked.refresh_from_db()
    kept = (asked.asked_by, asked.note, asked.decided_by, asked.reason, asked.decision, asked.discount_percent)
    assert kept == (writer, "Large follow-up", lead, "Fine", "approved", D(18))


def test_nobody_approves_their_own_and_sales_approves_nothing(shop: Workshop, writer: User, lead: User) -> None:
    mine = write(shop, lead, line(shop, discount_percent=D(18)))
    asked = crm.ask_approval(quotation_id=mine.pk, now=NOW, by=writer)
    with pytest.raises(crm.OwnApproval, match="somebody else has to decide"):
        crm.decide_approval(approval_id=asked.pk, is_approved=True, now=NOW, by=lead)
    with pytest.raises(NotAllowed):
        crm.decide_approval(approval_id=asked.pk, is_approved=True, now=NOW, by=writer)
    other = person("second", "sales_lead", shop.plant)
    crm.decide_approval(approval_id=asked.pk, is_approved=True, now=NOW, by=other)
    with pytest.raises(crm.PriceNotAsked):
        crm.decide_approval(approval_id=asked.pk, is_approved=True, now=NOW, by=other)


@pytest.mark.parametrize(
    "change", [{"discount_percent": D(19)}, {"quantity": D(3)}, {"offered_at": at(27, 14), "offered_cost": D(90)}]
)
def test_a_change_of_price_quantity_or_cost_drops_the_approval(
    shop: Workshop, writer: User, lead: User, change: dict[str, Any]
) -> None:
    quotation = write(shop, writer, line(shop, discount_percent=D(18)))
    asked = crm.ask_approval(quotation_id=quotation.pk, now=NOW, by=writer)
    crm.decide_approval(approval_id=asked.pk, is_approved=True, now=NOW, by=lead)
    crm.rewrite_quotation(
        quotation_id=quotation.pk,
        lines=[line(shop, discount_percent=D(18), note="Same figures")],
        now=NOW,
        valid_until=NOW.date(),
    )
    quotation.refresh_from_db()
    assert quotation.approval == "approved"
    changed = line(shop, **{"discount_percent": D(18), **change})
    crm.rewrite_quotation(quotation_id=quotation.pk, lines=[changed], now=NOW)
    quotation.refresh_from_db()
    asked.refresh_from_db()
    assert (quotation.approval, asked.decision) == ("needed", "dropped")


def test_no_is_said_with_a_reason_and_may_be_asked_again(shop: Workshop, writer: User, lead: User) -> None:
    quotation = write(shop, writer, line(shop, discount_percent=D(18)))
    asked = crm.ask_approval(quotation_id=quotation.pk, now=NOW, by=writer)
    with pytest.raises(InvalidInput) as refusal:
        crm.decide_approval(approval_id=asked.pk, is_approved=False, now=NOW, by=lead)
    assert refusal.value.field == "reason"
    crm.decide_approval(approval_id=asked.pk, is_approved=False, reason="Too low", now=NOW, by=lead)
    quotation.refresh_from_db()
    assert quotation.approval == "rejected"
    crm.ask_approval(quotation_id=quotation.pk, now=NOW, by=writer)
    assert QuotationApproval.objects.count() == 2


def test_within_the_limits_there_is_nothing_to_ask(shop: Workshop, writer: User) -> None:
    with pytest.raises(crm.ApprovalNotNeeded, match="within the limits"):
        crm.ask_approval(quotation_id=write(shop, writer).pk, now=NOW, by=writer)


def test_limits_changed_meanwhile_hold_when_it_is_sent(shop: Workshop, writer: User) -> None:
    quotation = write(shop, writer, line(shop, discount_percent=D(9)))
    policy = crm.set_sales_policy(company=shop.company, floor_percent=None, discount_limit_percent=D(5))
    with pytest.raises(crm.ApprovalMissing):
        crm.send_quotation(quotation_id=quotation.pk, now=NOW)
    with pytest.raises(StaleVersion):
        crm.set_sales_policy(
            company=shop.company, floor_percent=None, discount_limit_percent=None, expected_version=policy.version - 1
        )


def test_the_pages_ask_decide_and_set_the_limits(shop: Workshop, client: Client, writer: User, lead: User) -> None:
    quotation = write(shop, writer, line(shop, discount_percent=D(18)))
    page = reverse("crm:quotation", args=[quotation.pk])
    client.force_login(writer)
    assert "beyond what sales may give" in client.get(page).content.decode()
    client.post(reverse("crm:quotation_ask", args=[quotation.pk]), {"note": "Large follow-up"})
    asked = QuotationApproval.objects.get()
    assert client.get(reverse("crm:approval", args=[asked.pk])).status_code == 403
    client.force_login(lead)
    listed = client.get(reverse("crm:approvals"), {"decision": "open"}).content.decode()
    assert "Large follow-up" in listed
    assert quotation.number in listed
    decide = reverse("crm:approval", args=[asked.pk])
    shown = client.get(decide).content.decode()
    for words in ("18.0 %", "limit 10.0 %", "EUR 164.00", '<td class="num">100.00</td>', "Stool Rive"):
        assert words in shown
    refused = client.post(decide, {"decision": "reject"})
    assert "Say why it is not approved" in refused.content.decode()
    client.post(decide, {"decision": "approve", "reason": "Fine"})
    assert "Its price is approved" in client.get(page).content.decode()
    limits = reverse("crm:sales_policy", args=[shop.company.pk])
    assert shop.company.name in client.get(reverse("crm:any_policy")).content.decode()
    client.post(limits, {"floor_percent": "25", "discount_limit_percent": ""})
    shop.company.sales_policy.refresh_from_db()
    assert (shop.company.sales_policy.floor_percent, shop.company.sales_policy.discount_limit_percent) == (D(25), None)


def test_without_the_right_to_see_cost_no_margin_is_shown(shop: Workshop, client: Client, writer: User) -> None:
    quotation = write(shop, writer, costing(shop, "190"))
    asked = crm.ask_approval(quotation_id=quotation.pk, now=NOW, by=writer)
    assert asked.margin_percent == D(5)
    client.force_login(person("blind", "sales_lead", shop.plant))
    rights.install({**ROLES, "sales_lead": ROLES["sales_lead"] - {"erp.view_cost"}})
    try:
        pages = [reverse("crm:approvals"), reverse("crm:approval", args=[asked.pk])]
        for address in [*pages, reverse("crm:quotation", args=[quotation.pk])]:
            text = client.get(address).content.decode()
            assert "5.0 %" not in text
            assert "190.00" not in text
        assert (
            "margin_percent"
            not in make_caller(shop.company, "sales_lead").get(f"crm/quotation-approvals/{asked.pk}/").json()
        )
    finally:
        rights.install(ROLES)


def test_programs_ask_and_decide(shop: Workshop) -> None:
    sales, lead = make_caller(shop.company, "sales"), make_caller(shop.company, "sales_lead")
    body = {
        "customer": shop.customer.pk,
        "lines": [
            {
                "plant": shop.plant.pk,
                "material": shop.materials["STOOL"].pk,
                "quantity": "2",
                "wanted_on": "2099-11-30",
                "discount_percent": "18",
            }
        ],
    }
    made = sales.post("crm/quotations/", body).json()
    assert (made["approval"], made["lines"][0]["discounted_price"]) == ("needed", "82.000000")
    assert sales.post(f"crm/quotations/{made['id']}/send/", {}).json()["code"] == "approval_missing"
    asked = sales.post(f"crm/quotations/{made['id']}/ask-approval/", {"note": "Please"})
    assert asked.json()["approval"] == "asked"
    [row] = sales.get("crm/quotation-approvals/?decision=open").json()["results"]
    assert sales.post(f"crm/quotation-approvals/{row['id']}/approve/").status_code == 403
    done = lead.post(f"crm/quotation-approvals/{row['id']}/approve/", {"reason": "Fine"})
    assert done.json()["decision"] == "approved"
    sent = sales.post(f"crm/quotations/{made['id']}/send/", {})
    assert sent.status_code == 200, sent.content
    assert "/offers/" in sent.json()["url"]
    policy = lead.post(
        "crm/sales-policies/", {"company": shop.company.pk, "floor_percent": "20.00", "discount_limit_percent": None}
    )
    assert (policy.status_code, policy.json()["floor_percent"]) == (201, "20.00")
    assert sales.get("crm/sales-policies/").status_code == 403


def test_programs_set_the_limits_whole_and_never_blindly_over_another(shop: Workshop) -> None:
    """As at the page: a margin floor, a discount limit, floors of categories; by who may approve discounts."""
    sales, lead = make_caller(shop.company, "sales"), make_caller(shop.company, "sales_lead")
    category = MaterialCategory.objects.create(code="TABLES", name="Tables")
    floors = [{"category": category.pk, "floor_percent": "35.50"}]
    body = {"company": shop.company.pk, "floor_percent": "20.00", "discount_limit_percent": "12.00", "floors": floors}
    assert sales.post("crm/sales-policies/", body).status_code == 403
    [now] = lead.get("crm/sales-policies/", company=shop.company.pk).json()["results"]
    read = lead.get(f"crm/sales-policies/{now['id']}/")
    first = lead.post("crm/sales-policies/", body, If_Match=read["ETag"])
    assert (first.status_code, first.json()["floors"]) == (201, floors)
    stale = lead.post("crm/sales-policies/", body | {"floor_percent": "5.00"}, If_Match=read["ETag"])
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")
    kept = lead.post(
        "crm/sales-policies/", {name: body[name] for name in ("company", "floor_percent", "discount_limit_percent")}
    )
    assert kept.json()["floors"] == floors
    gone = lead.post("crm/sales-policies/", body | {"floors": []}).json()
    assert (gone["floor_percent"], gone["discount_limit_percent"], gone["floors"]) == ("20.00", "12.00", [])
    wrong = lead.post("crm/sales-policies/", body | {"discount_limit_percent": "-1"})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (400, "discount_limit_percent")
