"""A customer says yes at terms with a deposit: its invoice is written by itself."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from crm import services as crm
from erp.models import Invoice
from masterdata.models import PaymentTerm
from tests.crew import Crew, until
from tests.flows import workshop
from tests.flows.test_order_to_cash import flows_are_done

D = Decimal


@pytest.mark.tells("order_to_cash.ask_for_deposit", "papers.issue_invoice")
def test_the_yes_asks_for_the_deposit(workers: Crew) -> None:
    """A table of 300.00 at 40 % on order: 120.00, with 19 % tax 142.80. At terms without a deposit nothing is asked."""
    shop = workshop.build()
    shop.quantity("BOARD", 10)
    shop.quantity("LEG", 20)
    now = dt.datetime.now(dt.UTC)
    term = PaymentTerm.objects.create(code="DEP", name="40 % on order", days=30, order_percent=40)
    for terms in (crm.QuotationTerms(payment_term_id=term.pk), crm.QuotationTerms()):
        quotation = crm.write_quotation(
            customer_id=shop.customer.pk,
            lines=[
                crm.QuotationLineInput(
                    plant_id=shop.plant.pk,
                    material_id=shop.materials["TABLE"].pk,
                    quantity=D(1),
                    wanted_on=(now + dt.timedelta(days=10)).date(),
                )
            ],
            now=now,
            terms=terms,
        )
        crm.accept_quotation(quotation_id=quotation.pk, now=now)
    until(flows_are_done)
    invoice = Invoice.objects.get()
    assert (invoice.kind, invoice.net_amount, invoice.gross_amount) == ("deposit", D(120), D("142.80"))
