"""Invoices and credit notes on paper: what was posted, in the customer's language, the same bytes for ever."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import ProgrammingError, transaction
from django.test import Client
from django.urls import reverse

from erp import services as erp
from erp.models import Invoice
from masterdata.models import IssuedDocument
from tests.api.conftest import make_caller
from tests.erp.receivables.sold import invoiced, lamps, received, ship, terms
from tests.erp.shop import NOW, Shop
from tests.pages.conftest import person
from tests.papers import text_of


@pytest.fixture
def anna(client: Client, shop: Shop) -> Client:
    client.force_login(person("anna", "accountant", shop.plant))
    return client


def printed(client: Client, invoice: Invoice, language: str = "en") -> str:
    return text_of(client.get(reverse("erp:invoice_pdf", args=[invoice.pk]), {"language": language}))


def test_an_invoice_says_what_was_posted_and_how_to_pay(anna: Client, shop: Shop) -> None:
    """10 lamps at 10.00: net 100.00, 19 % of it 19.00, 119.00 to pay within 14 days of 2 March."""
    erp.open_bank_account(
        company_id=shop.company.pk,
        name="House bank",
        account_code="1000",
        currency_id=shop.euro.pk,
        iban="DE02120300000000202051",
        bic="BYLADEM1001",
    )
    text = printed(anna, invoiced(shop))
    for words in (
        "Invoice INV-2026-00001", "Corner shop", "2 March 2026", "16 March 2026", "10 EA", "VAT 19 % on 100.00",
        "119.00 EUR", "DE02 1203 0000 0000 2020 51", "Please pay by 16 March 2026",
    ):  # fmt: skip
        assert words in text, words


def test_deposit_final_and_credit_note_have_their_own_titles(anna: Client, shop: Shop) -> None:
    """Deposit 30 + 5.70 = 35.70; final 100 - 30 = 70 + 13.30 = 83.30; its credit says 83.30 above zero."""
    terms(shop, order_percent="30")
    order = shop.order((lamps(shop), "10", "10"))
    deposit = erp.post_deposit(order_id=order.pk, now=NOW)
    received(shop, "35.70", (deposit, "35.70"))
    final = erp.post_invoice(order_id=ship(order).pk, now=NOW)
    credit = erp.credit_invoice(invoice_id=final.pk, reason="Sent back", now=NOW)
    assert "Anzahlungsrechnung" in printed(anna, deposit, "de")
    assert "35,70 EUR" in printed(anna, deposit, "de")
    text = printed(anna, final)
    assert "Final invoice" in text
    assert f"Less deposit {deposit.number}" in text
    assert "83.30 EUR" in text
    text = printed(anna, credit)
    assert "Credit note" in text
    assert f"We credit you for invoice {final.number}" in text
    assert "83.30 EUR" in text
    assert "Sent back" in text


def test_a_document_is_kept_as_it_was_issued(anna: Client, shop: Shop) -> None:
    """The customer moves and is renamed: the invoice stays as it was sent. Nobody can change what is kept."""
    invoice = invoiced(shop)
    url = reverse("erp:invoice_pdf", args=[invoice.pk])
    before = anna.get(url).content
    shop.customer.name = "Corner shop and sons"
    shop.customer.save()
    assert anna.get(url).content == before
    row = IssuedDocument.objects.get()
    assert (row.number, row.language, row.kind) == (invoice.number, "en", "invoice")
    with pytest.raises(ProgrammingError), transaction.atomic():
        IssuedDocument.objects.update(number="INV-1")


def test_programs_get_it_and_strangers_do_not(shop: Shop) -> None:
    invoice = invoiced(shop)
    path = f"erp/invoices/{invoice.pk}/pdf/"
    answer = make_caller(shop.company, "accountant").get(path)
    assert answer["Content-Type"] == "application/pdf"
    assert "119.00" in text_of(answer)
    assert make_caller(shop.company, "operator").get(path).status_code == 403


def test_a_reminder_is_a_draft_until_it_is_sent(anna: Client, shop: Shop) -> None:
    """119.00, 10 days overdue; the sent letter is kept, the draft is not."""
    erp.set_dunning_level(company_id=shop.company.pk, level_no=1, after_days=10)
    invoice = invoiced(shop)
    today = invoice.due_on + dt.timedelta(days=10)
    (notice,) = erp.propose_dunning(company_id=shop.company.pk, today=today, now=NOW)
    url = reverse("erp:dunning_pdf", args=[notice.pk])
    draft = text_of(anna.get(url))
    assert "Draft" in draft
    assert "Our books show these invoices as unpaid" in draft
    assert not IssuedDocument.objects.exists()
    erp.send_notice(notice_id=notice.pk, now=NOW)
    sent = text_of(anna.get(url))
    for words in (notice.number, invoice.number, "119.00 EUR", "10"):
        assert words in sent, words
    assert "Draft" not in sent
    assert IssuedDocument.objects.get().kind == "dunning_letter"
    path = f"erp/dunning-notices/{notice.pk}/pdf/"
    assert notice.number in text_of(make_caller(shop.company, "accountant").get(path))
    assert make_caller(shop.company, "operator").get(path).status_code == 403


def test_an_account_statement_as_of_a_day(anna: Client, shop: Shop) -> None:
    """119.00 due on 16 March; 50.00 came for it and 7.00 on account: 69.00 - 7.00 = 62.00 open, 69.00 overdue."""
    invoice = invoiced(shop)
    received(shop, "57", (invoice, "50"))
    url = reverse("erp:account_statement", args=[shop.customer.pk])
    text = text_of(anna.get(url, {"on": "2026-03-26"}))
    for words in (invoice.number, "69.00 EUR", "-7.00 EUR", "62.00 EUR", "26 March 2026", "10"):
        assert words in text, words
    assert "Nothing is open" in text_of(anna.get(url, {"on": "2026-03-01"}))
    assert anna.get(url, {"on": "soon"}).status_code == 404
    caller, path = make_caller(shop.company, "accountant"), f"erp/account-statements/{shop.customer.pk}/pdf/"
    asked = {"company": str(shop.company.pk), "on": "2026-03-26"}
    for words in (invoice.number, "62.00 EUR", "26 March 2026"):
        assert words in text_of(caller.get(path, **asked)), words
    assert caller.get(path, on="soon").status_code == 400
    assert make_caller(shop.company, "operator").get(path).status_code == 403
    assert anna.get(reverse("erp:ageing"), {"on": "2026-03-26"}).content.decode().count(url) == 1
