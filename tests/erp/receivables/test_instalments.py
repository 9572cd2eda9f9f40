"""An invoice that is due in parts: 30 % on order, 40 % with the invoice, the rest in 30 days; worked by hand.

10 lamps at 10 are 100.00 net and 119.00 gross. The deposit is 30.00 + 5.70 = 35.70, paid. The invoice asks for
70.00 + 13.30 = 83.30: 40 of 70 parts, 47.60, on 2 March when it is issued, 30 of 70 parts, 35.70, on 1 April.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from erp import services as erp
from erp.banking.ageing import aged_receivables
from erp.models import Invoice
from erp.receivables.selectors import overdue_invoices
from erp.receivables.selectors.statements import open_items
from erp.sales.selectors.credit import exposures
from masterdata.models import PaymentTerm
from tests.api.conftest import make_caller
from tests.erp.receivables.sold import dollar_invoice, lamps, received, ship, terms
from tests.erp.receivables.test_pages import accountant
from tests.erp.shop import NOW, Shop
from tests.papers import text_of

D = Decimal
APRIL = dt.date(2026, 4, 1)


def in_parts(shop: Shop) -> Invoice:
    terms(shop, order_percent="30", first_percent="40")
    order = shop.order((lamps(shop), "10", "10"))
    deposit = erp.post_deposit(order_id=order.pk, now=NOW)
    received(shop, "35.70", (deposit, "35.70"))
    return erp.post_invoice(order_id=ship(order).pk, now=NOW)


def again(invoice: Invoice) -> Invoice:
    return Invoice.objects.with_open().get(pk=invoice.pk)


def test_an_invoice_is_due_in_the_parts_of_its_terms(shop: Shop) -> None:
    invoice = in_parts(shop)
    assert list(invoice.instalments.values_list("due_on", "amount", "rest_amount")) == [
        (NOW.date(), D("47.60"), D("35.70")),
        (APRIL, D("35.70"), D(0)),
    ]
    assert (invoice.due_on, again(invoice).next_due_on) == (APRIL, NOW.date())


def test_money_pays_the_first_instalment_first(shop: Shop) -> None:
    """50.00 come: 47.60 close the first, 2.40 are of the second, of which 33.30 stay open until 1 April."""
    invoice = in_parts(shop)
    before = open_items(company_id=shop.company.pk, customer_id=shop.customer.pk, on=dt.date(2026, 3, 10))
    assert [(one.due_on, one.open_amount) for one in before] == [(NOW.date(), D("47.60")), (APRIL, D("35.70"))]
    received(shop, "50", (invoice, "50"))
    after = open_items(company_id=shop.company.pk, customer_id=shop.customer.pk, on=dt.date(2026, 3, 10))
    assert [(one.due_on, one.open_amount) for one in after] == [(APRIL, D("33.30"))]
    assert again(invoice).next_due_on == APRIL


def test_ages_are_those_of_instalments(shop: Shop) -> None:
    """On 10 March 47.60 are 8 days overdue and 35.70 not due; on 5 May they are 64 and 34 days overdue."""
    in_parts(shop)
    [march] = aged_receivables(company_id=shop.company.pk, on=dt.date(2026, 3, 10))
    [may] = aged_receivables(company_id=shop.company.pk, on=dt.date(2026, 5, 5))
    assert (march.total, march.not_due, march.to_30) == (D("83.30"), D("35.70"), D("47.60"))
    assert (may.not_due, may.to_60, may.to_90) == (0, D("35.70"), D("47.60"))
    owed = exposures(company=shop.company, customer_ids=[shop.customer.pk], today=dt.date(2026, 3, 10))
    assert owed[shop.customer.pk].overdue_days == 8


def test_only_the_instalments_that_were_due_are_overdue(shop: Shop) -> None:
    """On 10 March 47.60 of 83.30 are overdue, after a payment of 20.00 still 27.60; on 2 April 63.30."""
    invoice = in_parts(shop)

    def overdue(on: dt.date) -> list[Decimal]:
        rows = overdue_invoices(Invoice.objects.with_open(), on)
        return [row.overdue_own for row in rows if row.pk == invoice.pk]

    assert overdue(NOW.date()) == []
    assert overdue(dt.date(2026, 3, 10)) == [D("47.60")]
    received(shop, "20", (invoice, "20"))
    assert overdue(dt.date(2026, 3, 10)) == [D("27.60")]
    assert overdue(dt.date(2026, 4, 2)) == [D("63.30")]


def test_each_instalment_is_reminded_of_by_itself(shop: Shop) -> None:
    """After 5 days: on 10 March the first with 47.60, again nothing; on 8 April the second with 35.70."""
    invoice = in_parts(shop)
    erp.set_dunning_level(company_id=shop.company.pk, level_no=1, after_days=5)

    def lines(day: dt.date) -> list[tuple[Decimal, int]]:
        [notice] = erp.propose_dunning(company_id=shop.company.pk, today=day, now=NOW)
        erp.send_notice(notice_id=notice.pk, now=NOW)
        return list(notice.lines.values_list("open_amount", "days"))

    assert lines(dt.date(2026, 3, 10)) == [(D("47.60"), 8)]
    with pytest.raises(erp.NothingOverdue):
        lines(dt.date(2026, 3, 20))
    assert lines(dt.date(2026, 4, 8)) == [(D("35.70"), 7)]
    assert invoice.dunning_lines.count() == 2


def test_dollars_are_split_in_both_currencies(shop: Shop) -> None:
    """100 USD at 0.333333 are 33.33 EUR: two halves are 50 and 50 USD, 16.67 and 16.66 EUR."""
    terms(shop, first_percent="50")
    invoice = dollar_invoice(shop, "0.333333")
    assert list(invoice.instalments.values_list("amount", "own_amount")) == [(D(50), D("16.67")), (D(50), D("16.66"))]


def test_the_paper_the_page_and_rest_name_the_instalments(shop: Shop) -> None:
    invoice = in_parts(shop)
    client = accountant(shop)
    text = " ".join(text_of(client.get(reverse("erp:invoice_pdf", args=[invoice.pk]), {"language": "en"})).split())
    assert f"naming {invoice.number}: 47.60 EUR by 2 March 2026; 35.70 EUR by 1 April 2026." in text
    page = client.get(reverse("erp:invoice", args=[invoice.pk]), {"tab": "payments"}).content.decode()
    assert "Instalments" in page
    assert "47.60" in page
    shown = make_caller(shop.company, "accountant").get(f"erp/invoices/{invoice.pk}/").json()
    assert [(one["due_on"], one["amount"]) for one in shown["instalments"]] == [
        ("2026-03-02", "47.6000"), ("2026-04-01", "35.7000"),
    ]  # fmt: skip
    assert shown["next_due_on"] == "2026-03-02"


def test_terms_without_instalments_write_none(shop: Shop) -> None:
    terms(shop)
    assert not dollar_invoice(shop, "0.90").instalments.exists()


def test_instalments_and_deposits_are_at_most_all(shop: Shop) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        PaymentTerm.objects.create(code="X", name="Too much", order_percent=50, first_percent=40, second_percent=11)
