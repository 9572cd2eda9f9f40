"""Contracts at the pages and over REST: written, released, called off, planned, amended, renewed, printed."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from crm.models import CallOff, Contract, PlannedCallOff
from erp import services as erp
from erp.models import SalesOrder
from masterdata.models import User
from tests.api.conftest import make_caller
from tests.crm.agreed import active, draft, line_of
from tests.flows.workshop import Workshop

D = Decimal


def days(count: int) -> str:
    return (timezone.now().date() + dt.timedelta(days=count)).isoformat()


def now_active(shop: Workshop, **more: Any) -> Contract:
    """Around today, as the pages have no other."""
    given = {"valid_from": timezone.now().date(), "valid_to": timezone.now().date() + dt.timedelta(days=300)}
    return active(shop, now=timezone.now(), **(given | more))


def typed(**change: str) -> dict[str, str]:
    given = {
        "customer": "Nordhaus · NORD", "title": "Stools of the year", "customer_reference": "R-7",
        "valid_from": days(0), "valid_to": days(200), "tolerance_percent": "5", "renewal": "ask",
        "renewal_months": "12", "renewal_percent": "2", "notice_days": "0", "remind_days": "30",
        "call_ahead_days": "14", "confirms_planned": "on", "owner": "", "line_count": "2",
        "line_0_material": "Stool Rive · STOOL", "line_0_plant": "", "line_0_agreed_qty": "100",
        "line_0_agreed_value": "", "line_0_unit_price": "90", "line_0_min_call_qty": "5", "line_0_prices": "20: 85",
    }  # fmt: skip
    return given | change


def test_sales_writes_releases_and_calls_off_a_contract(sara: Client, shop: Workshop) -> None:
    answer = sara.post(reverse("crm:contract_create"), typed())
    assert answer.status_code == 302, answer.content.decode()
    contract = Contract.objects.get()
    line = line_of(contract)
    assert (contract.state, line.agreed_qty, line.plant) == ("draft", D(100), shop.plant)
    assert [(one.from_qty, one.unit_price) for one in line.prices.all()] == [(D(20), D(85))]
    sara.post(reverse("crm:contract_release", args=[contract.pk]), {"version": "1"})
    asked = {"reference": "", "confirm": "on", "line_count": "1", "line_0_line": str(line.pk),
             "line_0_quantity": "25", "line_0_wanted_on": days(20)}  # fmt: skip
    form = sara.get(reverse("crm:contract_call_off", args=[contract.pk])).content.decode()
    assert "(100 PC left, 105 with tolerance)" in form
    answer = sara.post(reverse("crm:contract_call_off", args=[contract.pk]), asked)
    order = SalesOrder.objects.get()
    assert answer["Location"] == reverse("erp:order", args=[order.pk])
    assert order.confirmed_at
    assert order.lines.get().unit_price == 85
    page = sara.get(reverse("crm:contract", args=[contract.pk])).content.decode()
    assert order.number in page
    assert ">75<" in page
    assert sara.get(reverse("crm:contracts")).content.decode().count(contract.number) >= 1


def test_a_refusal_stands_at_its_line(sara: Client, shop: Workshop) -> None:
    contract = now_active(shop)
    line = line_of(contract)
    url = reverse("crm:contract_call_off", args=[contract.pk])
    asked = {"line_count": "2", "line_0_line": str(line.pk), "line_1_line": str(line.pk), "line_1_quantity": "101",
             "line_1_wanted_on": days(20)}  # fmt: skip
    answer = sara.post(url, asked)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'id="id_line_1_quantity_error"' in page
    assert "100 PC of line 1 of" in page
    wrong = sara.post(reverse("crm:contract_create"), typed(line_0_prices="many"))
    assert "Write steps as 20: 85; 50: 80." in wrong.content.decode()


def test_planned_call_offs_stand_on_the_page_and_are_called_or_dropped(sara: Client, shop: Workshop) -> None:
    contract = now_active(shop)
    line = line_of(contract)
    asked = {"line_count": "3"}
    for number, quantity in enumerate(("10", "20", "")):
        asked |= {f"line_{number}_line": str(line.pk), f"line_{number}_quantity": quantity,
                  f"line_{number}_wanted_on": days(60) if quantity else ""}  # fmt: skip
    sara.post(reverse("crm:contract_plan", args=[contract.pk]), asked)
    first, second = PlannedCallOff.objects.order_by("pk")
    sara.post(reverse("crm:planned_drop", args=[first.pk]))
    sara.post(reverse("crm:planned_call", args=[second.pk]))
    page = sara.get(reverse("crm:contract", args=[contract.pk]) + "?tab=planned").content.decode()
    assert CallOff.objects.get().planned == second
    assert SalesOrder.objects.get().number in page
    assert "Dropped" in page


def test_an_amendment_is_made_with_why_and_shown(sara: Client, shop: Workshop) -> None:
    contract = now_active(shop)
    url = reverse("crm:contract_amend", args=[contract.pk])
    form = sara.get(url).context["form"]
    sent = {name: form[name].value() for name in form.fields}
    sent = {name: "" if value is None else str(value) for name, value in sent.items()} | {"confirms_planned": "on"}
    sent |= {"line_count": str(form.line_count), "version": str(contract.version)}
    refused = sara.post(url, sent | {"line_0_agreed_qty": "150"})
    assert refused.status_code == 422
    answer = sara.post(url, sent | {"line_0_agreed_qty": "150", "reason": "More shops"})
    assert answer.status_code == 302, answer.content.decode()
    page = sara.get(reverse("crm:contract", args=[contract.pk]) + "?tab=amendments").content.decode()
    assert "More shops" in page
    assert "Agreed quantity: 100 → 150" in page
    assert "Amendment 1" in sara.get(reverse("crm:contract", args=[contract.pk])).content.decode()
    stale = sara.post(url, sent | {"line_0_agreed_qty": "160", "reason": "Old"})
    assert stale.status_code == 409


def test_a_contract_is_renewed_and_leads_to_its_follow_up(sara: Client, shop: Workshop) -> None:
    contract = now_active(shop)
    sara.post(reverse("crm:contract_renew", args=[contract.pk]), {"months": "6", "percent": "2.5"})
    renewed = Contract.objects.get(previous=contract)
    assert renewed.number in sara.get(reverse("crm:contract", args=[contract.pk])).content.decode()
    assert line_of(renewed).unit_price == D("92.25")
    sara.post(reverse("crm:contract_cancel", args=[renewed.pk]), {"reason": "Not agreed"})
    sara.post(reverse("crm:contract_notice", args=[contract.pk]), {"version": str(contract.version)})
    sara.post(reverse("crm:contract_end", args=[contract.pk]), {"reason": "They moved"})
    contract.refresh_from_db()
    assert (contract.state, contract.end_reason) == ("ended", "They moved")
    me = User.objects.get(username="sara")
    renewed.refresh_from_db()
    assert (contract.ended_by, renewed.ended_by) == (me, me)
    url = reverse("crm:contract", args=[contract.pk])
    (ended,) = [one for one in sara.get(url).context["timeline"] if one.detail == "They moved"]
    assert ended.who == me
    assert sara.get(f"/api/v1/crm/contracts/{contract.pk}/").json()["ended_by"] == me.pk


def test_what_ends_soon_is_a_view_of_the_list(sara: Client, shop: Workshop) -> None:
    soon = now_active(shop, valid_to=timezone.now().date() + dt.timedelta(days=20))
    later = now_active(shop)
    page = sara.get(reverse("crm:contracts") + "?soon=1").content.decode()
    assert soon.number in page
    assert later.number not in page


def test_the_contract_is_printed_in_the_customers_language(sara: Client, shop: Workshop) -> None:
    shop.customer.language = "de"
    shop.customer.save()
    answer = sara.get(reverse("crm:contract_pdf", args=[draft(shop).pk]))
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")


def test_a_customer_shows_its_contracts(sara: Client, shop: Workshop) -> None:
    contract = now_active(shop)
    part = sara.get(reverse("crm:customer_contracts", args=[shop.customer.pk])).content.decode()
    assert contract.number in part
    assert "Stool Rive" in part


def test_rest_writes_amends_calls_off_plans_and_renews(client: Client, shop: Workshop) -> None:
    caller = make_caller(shop.company, "sales")
    line = {"plant": shop.plant.pk, "material": shop.materials["STOOL"].pk, "agreed_qty": "100", "unit_price": "90",
            "prices": [{"from_qty": "20", "unit_price": "85"}]}  # fmt: skip
    body = {"customer": shop.customer.pk, "valid_from": days(0), "valid_to": days(200), "lines": [line]}
    written = caller.post("crm/contracts/", body)
    assert written.status_code == 201, written.content
    row = written.json()
    url = f"crm/contracts/{row['id']}/"
    assert caller.post(url + "release/").json()["state"] == "active"
    line_id = row["lines"][0]["id"]
    asked = {"lines": [{"contract_line": line_id, "quantity": "30", "wanted_on": days(20)}]}
    called = caller.post(url + "call-off/", asked)
    assert called.status_code == 201, called.content
    assert called.json()["is_confirmed"] is True
    now = caller.get(url).json()["lines"][0]
    assert [D(now[name]) for name in ("called_off", "left", "can_be_called")] == [30, 70, 70]
    refused = caller.post(url + "call-off/", {"lines": [asked["lines"][0] | {"quantity": "71"}]})
    assert (refused.status_code, refused.json()["code"], refused.json()["errors"][0]["field"]) == (
        409, "not_enough_left", "lines.0.quantity",
    )  # fmt: skip
    amended = caller.post(url + "amend/", {"reason": "More", "lines": [line | {"agreed_qty": "150", "line_no": 1}]})
    assert D(amended.json()["lines"][0]["left"]) == 120
    caller.post(url + "plan/", asked)
    (planned,) = caller.get(f"crm/planned-call-offs/?contract_line__contract={row['id']}").json()["results"]
    assert caller.post(f"crm/planned-call-offs/{planned['id']}/call/").json()["state"] == "called"
    assert caller.get(f"crm/call-offs/?contract_line__contract={row['id']}").json()["count"] == 2
    (log,) = caller.get(f"crm/contract-amendments/?contract={row['id']}").json()["results"]
    assert log["changes"] == [
        {"line_no": 1, "what": "agreed_qty", "before": "100", "after": "150"},
    ]
    renewed = caller.post(url + "renew/", {"percent": "10"})
    assert (renewed.status_code, D(renewed.json()["lines"][0]["unit_price"])) == (201, D(99))


def test_another_companys_contract_is_not_there(client: Client, shop: Workshop) -> None:
    from masterdata.models import Company

    other = Company.objects.create(code="OTHER", name="Other", currency=shop.company.currency)
    caller = make_caller(other, "sales")
    contract = now_active(shop)
    assert caller.get(f"crm/contracts/{contract.pk}/").status_code == 404
    assert caller.get("crm/contracts/").json()["count"] == 0
    assert caller.post(f"crm/contracts/{contract.pk}/release/").status_code == 404


def test_a_call_off_says_when_it_is_shipped_in_full(sara: Client, shop: Workshop) -> None:
    """5 stools from stock."""
    contract = now_active(shop)
    shop.quantity("STOOL", 5)
    asked = {"reference": "", "confirm": "on", "line_count": "1", "line_0_line": str(line_of(contract).pk),
             "line_0_quantity": "5", "line_0_wanted_on": days(20)}  # fmt: skip
    sara.post(reverse("crm:contract_call_off", args=[contract.pk]), asked)
    address = reverse("crm:contract", args=[contract.pk]) + "?tab=call-offs"
    assert ">Confirmed<" in sara.get(address).content.decode()
    now = timezone.now()
    shipment = erp.pack_shipment(order_id=SalesOrder.objects.get().pk, now=now)
    erp.ship(shipment_id=shipment.pk, now=now)
    page = sara.get(address).content.decode()
    assert ">Shipped in full<" in page
    assert ">Confirmed<" not in page
