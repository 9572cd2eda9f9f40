"""One click back: everything that the yes had brought is given back, and nothing that was charged."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from crm import services as crm
from crm.models import LostReason, Opportunity, Quotation, Stage, StageMove
from crm.selectors.contracts import uses_of
from erp import services as erp
from erp.models import Invoice, SalesOrder
from masterdata.models import PaymentTerm
from suite.deeds import schedule_order, undo_schedule
from tests.crm.desk import settle
from tests.flows.workshop import Workshop
from tests.pages.conftest import person
from tests.suite.deeds.scheduling import click, faults, line

D = Decimal
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("by_itself")]


def opportunity(shop: Workshop) -> Opportunity:
    given = crm.OpportunityInput(title="Stools", value=D(200), expected_on=timezone.now().date())
    return crm.open_opportunity(
        customer_id=shop.customer.pk, company_id=shop.company.pk, opportunity=given, now=timezone.now()
    )


def quoted(shop: Workshop, quantity: str = "2", **more: object) -> Quotation:
    lines = [line(shop, crm.QuotationLineInput, quantity)]
    return crm.write_quotation(customer_id=shop.customer.pk, lines=lines, now=timezone.now(), **more)  # type: ignore[arg-type]


def undo(order: SalesOrder) -> None:
    undo_schedule.undo_schedule(order_id=order.pk, now=timezone.now())


def move(row: Opportunity, name: str, **more: object) -> None:
    stage = Stage.objects.get(name=name)
    crm.move_opportunity(opportunity_id=row.pk, stage_id=stage.pk, now=timezone.now(), **more)  # type: ignore[arg-type]


def test_the_opportunity_that_the_yes_had_won_is_where_it_was(shop: Workshop) -> None:
    row = opportunity(shop)
    move(row, "Negotiated")
    done = click(quoted(shop, opportunity_id=row.pk))
    row.refresh_from_db()
    assert row.state == "won"
    undo(done.order)
    row.refresh_from_db()
    assert (row.state, row.stage.name, row.closed_at) == ("open", "Negotiated", None)
    moves = StageMove.objects.filter(opportunity=row).order_by("pk").values_list("stage__name", flat=True)
    assert list(moves) == ["New", "Negotiated", "Won", "Negotiated"]
    assert faults() == []


def test_what_was_lost_before_the_yes_is_lost_again_for_its_reason(shop: Workshop) -> None:
    row = opportunity(shop)
    quotation = quoted(shop, opportunity_id=row.pk)
    reason = LostReason.objects.get(code="DATE")
    move(row, "Lost", lost_reason_id=reason.pk, lost_note="two weeks")
    undo(click(quotation).order)
    row.refresh_from_db()
    assert (row.state, row.lost_reason, row.lost_note) == ("lost", reason, "two weeks")


def test_it_stays_won_while_another_quotation_of_it_is_accepted(shop: Workshop) -> None:
    """The first yes won it; taking that back changes nothing while the second stands, taking both back opens it."""
    row = opportunity(shop)
    first, second = (quoted(shop, opportunity_id=row.pk) for _ in range(2))
    orders = [click(one).order for one in (first, second)]
    undo(orders[0])
    row.refresh_from_db()
    assert row.state == "won"
    undo(orders[1])
    row.refresh_from_db()
    assert (row.state, row.stage.name) == ("open", "New")


def test_who_said_yes_is_forgotten_and_options_are_open_again(shop: Workshop) -> None:
    """200.00 with 38.00 tax and an option of 100.00 with 19.00: taken, then neither."""
    option = line(shop, crm.QuotationLineInput, "1")
    option = crm.QuotationLineInput(**vars(option) | {"is_option": True})
    quotation = crm.write_quotation(
        customer_id=shop.customer.pk,
        lines=[line(shop, crm.QuotationLineInput, "2"), option],  # type: ignore[list-item]
        now=timezone.now(),
    )
    chosen = quotation.lines.get(is_option=True).pk
    yes = crm.Yes(name="Ms Olsen", how="by telephone", options=[chosen])
    order = crm.accept_quotation(quotation_id=quotation.pk, now=timezone.now(), yes=yes)
    schedule_order.schedule_order(order_id=order.pk, now=timezone.now())
    undo(order)
    quotation.refresh_from_db()
    assert (quotation.state, quotation.accepted_name, quotation.accepted_how) == ("draft", "", "")
    assert not quotation.lines.filter(is_chosen=True).exists()


def test_a_posted_deposit_is_credited_first(shop: Workshop, client: Client) -> None:
    """30 % of 238.00 are 71.40: refused at the page with its number; credited in full, the order is taken back."""
    term = PaymentTerm.objects.create(code="DEP", name="30 % on order", days=30, order_percent=30)
    quotation = quoted(shop, terms=crm.QuotationTerms(payment_term_id=term.pk))
    order = click(quotation).order
    settle(shop)
    deposit = Invoice.objects.get(order=order)
    client.force_login(person("sara", "sales", shop.plant))
    url = reverse("suite:order_undo", args=[order.pk])
    page = client.post(url, follow=True).content.decode()
    assert f"{deposit.number}, the deposit invoice of {order.number}, is posted: credit it first" in page
    quotation.refresh_from_db()
    assert quotation.state == "accepted"
    erp.credit_invoice(invoice_id=deposit.pk, reason="Taken back", now=timezone.now())
    client.post(url)
    quotation.refresh_from_db()
    assert (quotation.state, quotation.order) == ("draft", None)
    assert faults() == []


def test_what_was_called_off_is_left_of_the_contract_again(shop: Workshop) -> None:
    """2 of 100 stools at the contract's 90.00: 98 are left with the yes, 100 after it is taken back."""
    today = timezone.now().date()
    contract = crm.write_contract(
        customer_id=shop.customer.pk,
        terms=crm.ContractTerms(valid_from=today, valid_to=today + dt.timedelta(days=90)),
        lines=[
            crm.ContractLineInput(
                plant_id=shop.plant.pk, material_id=shop.materials["STOOL"].pk, agreed_qty=D(100), unit_price=D(90)
            )
        ],
        now=timezone.now(),
    )
    crm.release_contract(contract_id=contract.pk, now=timezone.now())
    asked = vars(line(shop, crm.QuotationLineInput, "2")) | {"unit_price": None}
    quotation = crm.write_quotation(
        customer_id=shop.customer.pk, lines=[crm.QuotationLineInput(**asked)], now=timezone.now()
    )
    order = click(quotation).order
    assert uses_of([contract])[contract.pk][0].left == 98
    undo(order)
    assert uses_of([contract])[contract.pk][0].left == 100
