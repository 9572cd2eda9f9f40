"""What is posted is a paper from that moment on: invoice, reminder, and the invoice of its fee are kept."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from erp import services as erp
from erp.models import Invoice
from masterdata.models import FlowRun, IssuedDocument
from tests.crew import until
from tests.erp.receivables.sold import invoiced
from tests.erp.shop import NOW, Shop
from tests.flows.havoc import BrokerFlushed, Havoc


@pytest.mark.parametrize("havoc", [Havoc, pytest.param(BrokerFlushed, marks=pytest.mark.crash)], indirect=True)
@pytest.mark.tells("papers.issue_invoice", "papers.issue_reminder")
def test_posted_papers_are_kept_before_anybody_prints_them(havoc: Havoc) -> None:
    """An invoice, a reminder of it and the invoice of its fee: three papers, each once, in the customer's language."""
    shop = Shop()
    shop.customer.language = "de"
    shop.customer.save()
    invoice = invoiced(shop)
    erp.set_dunning_level(company_id=shop.company.pk, level_no=1, after_days=0, fee=Decimal(5))
    today = invoice.due_on + dt.timedelta(days=1)
    notice = erp.propose_dunning(company_id=shop.company.pk, today=today, now=NOW)[0]
    havoc.strike()
    erp.send_notice(notice_id=notice.pk, now=NOW)
    until(lambda: not FlowRun.objects.exclude(state=FlowRun.State.DONE).exists(), what="the papers are set")
    fee = Invoice.objects.get(kind="fee")
    assert sorted(IssuedDocument.objects.values_list("kind", "number", "language")) == [
        ("dunning_letter", notice.number, "de"),
        ("invoice", fee.number, "de"),
        ("invoice", invoice.number, "de"),
    ]
    havoc.check()
