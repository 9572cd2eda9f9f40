"""Quotations: written with rounded amounts, accepted into a confirmed order with its promise, lost."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from time_machine import TimeMachineFixture

from crm import selectors as crm_now
from crm import services as crm
from crm.models import Promise, Quotation
from erp import services as erp
from erp.models import CreditRelease, SalesOrder, WorkOrder
from masterdata.errors import InvalidInput, StaleVersion
from masterdata.models import Company, FactRecord, Membership, Plant, User
from tests.api.conftest import make_caller
from tests.crm.orders import NOW, at
from tests.flows.workshop import Workshop

D = Decimal
WANTED = dt.date(2026, 11, 30)


def line(shop: Workshop, code: str = "STOOL", quantity: str = "2", **more: object) -> crm.QuotationLineInput:
    given = {
        "plant_id": shop.plant.pk,
        "material_id": shop.materials[code].pk,
        "quantity": D(quantity),
        "wanted_on": WANTED,
    }
    return crm.QuotationLineInput(**(given | more))  # type: ignore[arg-type]


def quoted(shop: Workshop, *lines: crm.QuotationLineInput) -> Quotation:
    return crm.write_quotation(customer_id=shop.customer.pk, lines=lines or [line(shop)], now=NOW)


def test_prices_default_to_the_list_and_amounts_round_half_up_per_line(shop: Workshop) -> None:
    """Line 1: 2 x 100.00 (list) = 200.00. Line 2: 3 x 33.335 = 100.005 -> 100.01. Together 300.01."""
    quotation = quoted(shop, line(shop), line(shop, "TABLE", "3", unit_price=D("33.335")))
    rows = quotation.lines.order_by("line_no")
    assert [(row.line_no, row.unit_price, row.net_amount) for row in rows] == [
        (1, D("100"), D("200.00")),
        (2, D("33.335"), D("100.01")),
    ]
    assert quotation.number == "Q-2026-00001"
    assert quotation.currency == shop.company.currency
    assert quotation.valid_until == dt.date(2026, 12, 23)


def test_what_was_offered_is_stored_as_answered(shop: Workshop) -> None:
    offered = {"offered_at": at(27, 14), "offered_cost": D("80.50"), "offered_cause": "ASM-01 is busy", "plan_no": 3}
    row = quoted(shop, line(shop, **offered)).lines.get()
    assert {name: getattr(row, name) for name in offered} == offered


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"quantity": D(0)}, "lines.0.quantity"),
        ({"quantity": D("1.5")}, "lines.0.quantity"),
        ({"unit_price": D(-1)}, "lines.0.unit_price"),
        ({"offered_at": NOW}, "lines.0.offered_at"),
        ({"quantity": D("1000001")}, "lines.0.quantity"),
        ({"quantity": D("999999999999")}, "lines.0.quantity"),
        ({"unit_price": D("600000000000")}, "lines.0.unit_price"),
        ({"wanted_on": dt.date(2026, 11, 22)}, "lines.0.wanted_on"),
        ({"material_id": 0}, "lines.0.material"),
        ({"plant_id": 0}, "plant"),
    ],
)
def test_what_cannot_be_meant_names_its_field(shop: Workshop, change: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        quoted(shop, line(shop, **change))
    assert refusal.value.field == field
    assert not Quotation.objects.exists()


def test_offered_date_that_has_passed_is_refused_by_its_line(shop: Workshop) -> None:
    """Written Mon 23 Nov 08:00: line 1 is offered for Friday, line 2 for an hour ago. Rewriting refuses the same."""
    lines = [line(shop, offered_at=at(27, 14)), line(shop, offered_at=at(23, 7))]
    with pytest.raises(InvalidInput) as refusal:
        quoted(shop, *lines)
    assert refusal.value.field == "lines.1.offered_at"
    assert refusal.value.sentence == "The date offered for line 2 has passed: ask for a new one."
    quotation = quoted(shop, lines[0])
    with pytest.raises(InvalidInput):
        crm.rewrite_quotation(quotation_id=quotation.pk, lines=lines, now=NOW)


def test_quotation_without_lines_says_what_to_add(shop: Workshop) -> None:
    with pytest.raises(crm.QuotationEmpty) as refusal:
        crm.write_quotation(customer_id=shop.customer.pk, lines=[], now=NOW)
    assert refusal.value.sentence == "Add at least one line: a material, a quantity and the day it is wanted."


def test_rewriting_replaces_the_lines_and_raises_the_version(shop: Workshop) -> None:
    quotation = quoted(shop)
    crm.rewrite_quotation(quotation_id=quotation.pk, lines=[line(shop, "TABLE", "1")], now=NOW, expected_version=1)
    quotation.refresh_from_db()
    assert (quotation.version, quotation.lines.get().net_amount) == (2, D("300.00"))
    with pytest.raises(StaleVersion):
        crm.rewrite_quotation(quotation_id=quotation.pk, lines=[line(shop)], now=NOW, expected_version=1)


def test_accepting_confirms_the_order_and_promises_what_was_offered(shop: Workshop) -> None:
    """Line 1 was offered for Fri 27 Nov 14:00, line 2 without a date: it is promised with its first plan."""
    quotation = quoted(shop, line(shop, offered_at=at(27, 14), plan_no=3), line(shop, "TABLE", "1"))
    order = crm.accept_quotation(quotation_id=quotation.pk, now=NOW, expected_version=1)
    quotation.refresh_from_db()
    assert (quotation.state, quotation.order, quotation.accepted_at) == ("accepted", order, NOW)
    assert order.confirmed_at == NOW
    assert WorkOrder.objects.filter(sales_order_line__order=order, path__in=["1", "2"]).count() == 2
    promise = Promise.objects.get()
    assert (promise.version_no, promise.reason, promise.promised_at, promise.plan_no) == (1, "quote", at(27, 14), 3)
    assert [row.promised_at for row in order.lines.order_by("line_no")] == [at(27, 14), None]
    kinds = FactRecord.objects.order_by("stated_at").values_list("kind", flat=True)
    assert list(kinds) == ["OrderConfirmed", "QuotationAccepted"]


def test_offered_date_that_passed_before_the_yes_is_not_promised(shop: Workshop) -> None:
    """Offered for Tue 24 Nov 14:00 and Fri 27 Nov 14:00, accepted Tue 24 Nov 14:00: only Friday is promised."""
    quotation = quoted(shop, line(shop, offered_at=at(24, 14)), line(shop, "TABLE", "1", offered_at=at(27, 14)))
    order = crm.accept_quotation(quotation_id=quotation.pk, now=at(24, 14))
    assert [row.promised_at for row in order.lines.order_by("line_no")] == [None, at(27, 14)]
    assert Promise.objects.get().promised_at == at(27, 14)


def test_accepted_quotation_is_not_accepted_again(shop: Workshop) -> None:
    quotation = quoted(shop)
    order = crm.accept_quotation(quotation_id=quotation.pk, now=NOW)
    with pytest.raises(crm.QuotationNotOpen) as refusal:
        crm.accept_quotation(quotation_id=quotation.pk, now=NOW)
    assert refusal.value.sentence == f"Q-2026-00001 is accepted already, as order {order.number}."
    assert refusal.value.values == {"order_id": order.pk}
    assert SalesOrder.objects.count() == 1


def test_expired_quotation_says_what_to_do(shop: Workshop) -> None:
    quotation = crm.write_quotation(
        customer_id=shop.customer.pk,
        lines=[line(shop)],
        valid_until=dt.date(2026, 11, 22),
        now=NOW - dt.timedelta(days=1),
    )
    with pytest.raises(crm.QuotationExpired) as refusal:
        crm.accept_quotation(quotation_id=quotation.pk, now=NOW)
    assert refusal.value.sentence == (
        "Q-2026-00001 was valid until 22 Nov 2026. Check price and date, give it a new last day, then accept it."
    )
    assert not SalesOrder.objects.exists()


def test_a_yes_after_the_day_wanted_says_what_to_do(shop: Workshop) -> None:
    """Wanted on Mon 30 Nov, accepted on Tue 1 Dec; on the day itself it is accepted."""
    quotation = quoted(shop)
    with pytest.raises(crm.QuotationExpired) as refusal:
        crm.accept_quotation(quotation_id=quotation.pk, now=NOW + dt.timedelta(days=8))
    assert refusal.value.sentence == (
        "Line 1 of Q-2026-00001 was wanted on 30 Nov 2026. "
        "Ask the customer for a new day, edit the quotation, then accept it."
    )
    crm.accept_quotation(quotation_id=quotation.pk, now=NOW + dt.timedelta(days=7))


def test_lost_quotation_stays_lost(shop: Workshop) -> None:
    quotation = quoted(shop)
    crm.lose_quotation(quotation_id=quotation.pk, now=NOW)
    with pytest.raises(crm.QuotationNotOpen):
        crm.accept_quotation(quotation_id=quotation.pk, now=NOW)


def person(shop: Workshop, plant: Plant) -> User:
    user = User.objects.create(username=plant.code)
    Membership.objects.create(user=user, role="sales", company=plant.company, plant=plant)
    return user


def test_people_see_the_quotations_of_their_plants_only(shop: Workshop) -> None:
    company = Company.objects.create(code="ELSE", name="Elsewhere", currency=shop.company.currency)
    elsewhere = Plant.objects.create(company=company, code="ELSE", name="Elsewhere", calendar=shop.plant.calendar)
    mine, stranger = person(shop, shop.plant), person(shop, elsewhere)
    quotation = quoted(shop, line(shop), line(shop))
    detail = crm_now.quotation_detail(user=mine, quotation_id=quotation.pk)
    assert detail is not None
    assert (len(detail.lines), detail.net_amount) == (2, D("400.00"))
    assert [row.net_amount for row in crm_now.visible_quotations(mine)] == [D("400.00")]
    assert crm_now.quotation_detail(user=stranger, quotation_id=quotation.pk) is None


def test_list_of_quotations_takes_the_same_queries_whatever_its_length(shop: Workshop) -> None:
    user = person(shop, shop.plant)

    def queries() -> int:
        user._grants = None  # type: ignore[attr-defined]
        with CaptureQueriesContext(connection) as captured:
            [(row.customer.name, row.currency.code, row.net_amount) for row in crm_now.visible_quotations(user)]
        return len(captured)

    quoted(shop)
    one = queries()
    quoted(shop)
    quoted(shop)
    assert queries() == one


def test_credit_is_checked_when_the_customer_says_yes(shop: Workshop, time_machine: TimeMachineFixture) -> None:
    """2 stools at 100.00 are 200.00 and 38.00 of tax; 237.99 are allowed. Nothing is left of the refused yes.

    Whoever may let orders pass accepts it with a reason, which stays; what credit does not stop needs none.
    """
    quotation = quoted(shop)
    erp.set_credit_limit(customer=shop.customer, company=shop.company, amount=D("237.99"), overdue_days=None)
    with pytest.raises(erp.CreditHold) as refused:
        crm.accept_quotation(quotation_id=quotation.pk, now=NOW)
    assert refused.value.sentence.endswith(
        "would owe 238.00 EUR, 237.99 are allowed. Have the quotation accepted by somebody who may let it pass, or the "
        "limit raised."
    )
    assert not SalesOrder.objects.exists()
    time_machine.move_to(NOW, tick=False)
    assert make_caller(shop.company, "sales").post(f"crm/quotations/{quotation.pk}/accept/").status_code == 409
    body = {"reason": "The bank guarantees"}
    address = f"crm/quotations/{quotation.pk}/accept-despite-credit/"
    sales = make_caller(shop.company, "sales")
    assert sales.post(address, body).status_code == 403
    Membership.objects.create(user=sales.user, role="accountant", company=shop.company)
    both = sales.post(address, body)
    assert both.status_code == 200, both.content
    assert both.json()["state"] == "accepted"
    assert CreditRelease.objects.get().reason == "The bank guarantees"
    erp.set_credit_limit(customer=shop.customer, company=shop.company, amount=None, overdue_days=None)
    with pytest.raises(erp.NotOnHold):
        crm.accept_quotation(quotation_id=quoted(shop).pk, now=NOW, credit_reason="For nothing")
