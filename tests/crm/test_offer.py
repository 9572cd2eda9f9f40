"""The customer's page: a link opens it, options are chosen, a signature accepts it, the deposit is asked for."""

from __future__ import annotations

import datetime as dt
import hashlib
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from crm import services as crm
from crm.models import LinkCalls, PortalLink, Quotation, QuotationScheduling, QuotationSignature
from erp import services as erp
from erp.models import Invoice, SalesOrder, WorkOrder
from masterdata.models import IssuedDocument, PaymentTerm
from suite.deeds import schedule_order, undo_schedule
from tests.crm.desk import settle
from tests.crm.test_quotations import line
from tests.flows.workshop import Workshop
from tests.pages.conftest import person
from tests.papers import text_of

D = Decimal
DRAWN = "M10.0 20.5 L30.0 40.0 L55.5 60.2"


def soon(days: int) -> dt.date:
    return timezone.now().date() + dt.timedelta(days=days)


def sent(shop: Workshop, *lines: crm.QuotationLineInput, **more: Any) -> tuple[Quotation, str]:
    """A quotation that went to the customer, and the address of its page."""
    now = timezone.now()
    given = lines or [line(shop, wanted_on=soon(20))]
    quotation = crm.write_quotation(customer_id=shop.customer.pk, lines=given, now=now, **more)
    found = crm.send_quotation(quotation_id=quotation.pk, now=now)
    return quotation, reverse("crm:offer", args=[found.token])


def test_the_token_is_long_and_only_its_hash_is_kept(shop: Workshop) -> None:
    """43 letters of base64 are 256 bits."""
    _quotation, address = sent(shop)
    token = address.rstrip("/").rsplit("/", 1)[-1]
    link = PortalLink.objects.get()
    assert len(token) == 43
    assert link.token_sha256 == hashlib.sha256(token.encode()).hexdigest()


def test_the_page_speaks_the_customers_language_and_needs_no_log_in(shop: Workshop, client: Client) -> None:
    shop.customer.language = "de"
    shop.customer.save()
    _quotation, address = sent(shop)
    page = client.get(address).content.decode()
    for words in ("Angebot Q-", "Annehmen und bestellen", "238,00 EUR", "Stool Rive", 'lang="de"'):
        assert words in page
    assert PortalLink.objects.get().opened_at is not None
    paper = client.get(address, {"show": "pdf"})
    assert paper["Content-Type"] == "application/pdf"
    assert paper.content == bytes(IssuedDocument.objects.get().content)


def test_paper_and_page_word_the_term_and_our_country_as_the_customer_does(shop: Workshop, client: Client) -> None:
    shop.company.address = "ul. Meblowa 7\n61-003 Poznań\nPoland"
    shop.company.save()
    shop.customer.language = "de"
    shop.customer.payment_term = PaymentTerm.objects.create(code="N7", name="7 days net", days=7)
    shop.customer.save()
    _quotation, address = sent(shop)
    page, paper = client.get(address).content.decode(), text_of(client.get(address, {"show": "pdf"}))
    assert "7 Tage netto" in page
    assert "7 Tage netto" in paper
    assert "Polen" in paper
    for english in ("days net", "Poland"):
        assert english not in page + paper


def test_options_change_the_total_exactly(shop: Workshop, client: Client) -> None:
    """200.00 and 38.00 tax; with the table 500.00, 95.00 and 595.00."""
    quotation, address = sent(
        shop, line(shop, wanted_on=soon(20)), line(shop, "TABLE", "1", wanted_on=soon(20), is_option=True)
    )
    option = quotation.lines.get(is_option=True)
    assert "238.00 EUR" in client.get(address, {"show": "total"}).content.decode()
    assert "595.00 EUR" in client.get(address, {"show": "total", "option": option.pk}).content.decode()


def test_a_drawn_signature_accepts_and_is_kept_with_what_was_signed(shop: Workshop, client: Client) -> None:
    quotation, address = sent(
        shop, line(shop, wanted_on=soon(20)), line(shop, "TABLE", "1", wanted_on=soon(20), is_option=True)
    )
    option = quotation.lines.get(is_option=True)
    answer = client.post(
        address,
        {"name": "Ms Olsen", "path": DRAWN, "option": option.pk},
        HTTP_USER_AGENT="Phone",
        REMOTE_ADDR="203.0.113.7",
    )
    assert (answer.status_code, answer["Location"]) == (302, address)
    quotation.refresh_from_db()
    assert (quotation.state, quotation.accepted_name) == ("accepted", "Ms Olsen")
    assert quotation.order is not None
    assert quotation.order.lines.count() == 2
    found = QuotationSignature.objects.get()
    paper = IssuedDocument.objects.get(kind="quotation")
    assert (found.name, found.path, found.address, found.user_agent) == ("Ms Olsen", DRAWN, "203.0.113.7", "Phone")
    assert found.document_sha256 == hashlib.sha256(bytes(paper.content)).hexdigest()
    page = client.get(address).content.decode()
    assert "Thank you, Ms Olsen" in page
    assert quotation.order.number in page
    signed = client.get(address, {"show": "signed"}).content
    assert signed == bytes(IssuedDocument.objects.get(kind="signed_quotation").content)
    text = " ".join(one.extract_text() for one in PdfReader(BytesIO(signed)).pages)
    assert "Accepted by Ms Olsen" in text
    assert "595.00 EUR" in text.replace("\xa0", " ")
    with pytest.raises(ProgrammingError), transaction.atomic():
        QuotationSignature.objects.update(name="Somebody else")


def test_a_typed_name_is_enough_and_a_second_yes_changes_nothing(shop: Workshop, client: Client) -> None:
    _quotation, address = sent(shop)
    client.post(address, {"name": "Ms Olsen"})
    again = client.post(address, {"name": "Mr Olsen"})
    assert (again.status_code, again["Location"]) == (302, address)
    assert (QuotationSignature.objects.get().name, SalesOrder.objects.count()) == ("Ms Olsen", 1)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"name": " "}, "Enter your name."),
        ({"name": "X", "path": 'M1 1"/><script>'}, "Draw your signature once more"),
        ({"name": "X", "path": "M1 1 " * 5000}, "Draw your signature once more"),
        ({"name": "X", "option": "1"}, "Choose among the options"),
    ],
)
def test_what_cannot_be_meant_is_said_on_the_page(
    shop: Workshop, client: Client, given: dict[str, str], sentence: str
) -> None:
    _quotation, address = sent(shop)
    answer = client.post(address, given)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not SalesOrder.objects.exists()


def test_links_that_do_not_hold_say_so(shop: Workshop, client: Client) -> None:
    """Unknown and taken back: 404. Revised: 410, and the newest link opens. Run out: 404 a month after the last day."""
    quotation, address = sent(shop)
    assert client.get(reverse("crm:offer", args=["a" * 43])).status_code == 404
    crm.revise_quotation(quotation_id=quotation.pk, now=timezone.now())
    stale = client.get(address)
    assert (stale.status_code, "There is a newer offer" in stale.content.decode()) == (410, True)
    assert client.post(address, {"name": "Ms Olsen"}).status_code == 410
    newest = crm.send_quotation(quotation_id=quotation.pk, now=timezone.now())
    assert client.get(reverse("crm:offer", args=[newest.token])).status_code == 200
    crm.revoke_link(link_id=newest.link.pk, now=timezone.now())
    gone = client.get(reverse("crm:offer", args=[newest.token]))
    assert (gone.status_code, "not valid any more" in gone.content.decode()) == (404, True)
    link, token = crm.make_link(quotation_id=quotation.pk, now=timezone.now())
    PortalLink.objects.filter(pk=link.pk).update(
        made_at=timezone.now() - dt.timedelta(2), expires_at=timezone.now() - dt.timedelta(1)
    )
    assert client.get(reverse("crm:offer", args=[token])).status_code == 404
    assert not SalesOrder.objects.exists()


def test_what_ran_out_or_was_lost_is_not_accepted(shop: Workshop, client: Client) -> None:
    quotation, address = sent(shop)
    Quotation.objects.update(valid_until=soon(-3))
    page = client.get(address)
    assert (page.status_code, "has run out" in page.content.decode()) == (410, True)
    assert client.post(address, {"name": "Ms Olsen"}).status_code == 410
    Quotation.objects.update(valid_until=soon(3))
    crm.lose_quotation(quotation_id=quotation.pk, now=timezone.now())
    assert client.get(address).status_code == 410


def test_a_customer_on_hold_is_told_nothing_of_its_credit(shop: Workshop, client: Client) -> None:
    _quotation, address = sent(shop)
    erp.set_credit_limit(customer=shop.customer, company=shop.company, amount=D(1), overdue_days=None)
    answer = client.post(address, {"name": "Ms Olsen"})
    text = answer.content.decode()
    assert (answer.status_code, "We could not take your order yet" in text, "1.00" in text) == (409, True, False)
    assert not SalesOrder.objects.exists()


def test_too_many_tries_from_one_address_wait(shop: Workshop, client: Client) -> None:
    """Ten answers a minute are taken; the clock may turn to the next minute once among these."""
    _quotation, address = sent(shop)
    found = [client.post(address, {"name": ""}).status_code for _ in range(22)]
    assert found[0] == 422
    assert 429 in found


def test_tries_count_over_all_processes(committed: None) -> None:
    """8 connections of their own, 5 calls each: the 40th is counted as such, and none is lost. Old minutes go."""
    now = timezone.now()
    crm.count_call(address="203.0.113.7", what="read", now=now - dt.timedelta(hours=1))

    def many(_: int) -> list[int]:
        try:
            return [crm.count_call(address="203.0.113.7", what="read", now=now) for _ in range(5)]
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        found = sorted(one for some in pool.map(many, range(8)) for one in some)
    assert found == list(range(1, 41))
    assert LinkCalls.objects.get().calls == 40
    assert crm.count_call(address="203.0.113.8", what="read", now=now) == 1


def test_what_was_signed_and_taken_back_is_signed_again_after_a_revision(shop: Workshop, client: Client) -> None:
    """The same revision is signed once; the next one again, and both signatures stay."""
    quotation, address = sent(shop)
    client.post(address, {"name": "Ms Olsen"})
    settle(shop)
    order = SalesOrder.objects.get()
    schedule_order.schedule_order(order_id=order.pk, now=timezone.now())
    Quotation.objects.get(pk=quotation.pk, state="accepted")
    if not QuotationScheduling.objects.exists():
        crm.note_scheduling(
            quotation_id=quotation.pk, order=order, state_before="sent", plan_numbers=[], is_placed=True,
            now=timezone.now(),
        )  # fmt: skip
    undo_schedule.undo_schedule(order_id=order.pk, now=timezone.now())
    quotation.refresh_from_db()
    assert (quotation.state, quotation.accepted_name, quotation.accepted_how) == ("sent", "", "")
    assert client.post(address, {"name": "Ms Olsen"}).status_code == 410
    crm.revise_quotation(quotation_id=quotation.pk, now=timezone.now())
    newest = crm.send_quotation(quotation_id=quotation.pk, now=timezone.now())
    assert client.post(reverse("crm:offer", args=[newest.token]), {"name": "Mr Olsen"}).status_code == 302
    kept = QuotationSignature.objects.order_by("pk").values_list("revision_no", "name")
    assert list(kept) == [(1, "Ms Olsen"), (2, "Mr Olsen")]
    client.force_login(person("sara", "sales", shop.plant))
    for row, name in ((Quotation.objects.get(replaced_by=quotation), "Ms Olsen"), (quotation, "Mr Olsen")):
        assert name in client.get(reverse("crm:quotation", args=[row.pk])).content.decode()
        assert name in client.get(reverse("crm:quotation_signature", args=[row.pk])).content.decode()


def test_the_deposit_is_asked_for_by_itself_and_paid_before_work_begins(shop: Workshop, client: Client) -> None:
    """30 % on order of 200.00 net are 60.00, with 19 % tax 71.40. Work is released when it is paid, not before."""
    term = PaymentTerm.objects.create(code="DEP", name="30 % on order", days=30, order_percent=30)
    _quotation, address = sent(shop, terms=crm.QuotationTerms(payment_term_id=term.pk))
    client.post(address, {"name": "Ms Olsen"})
    page = client.get(address).content.decode()
    assert "To be paid on order: 71.40 EUR" in page
    settle(shop)
    invoice = Invoice.objects.get()
    assert (invoice.kind, invoice.gross_amount) == ("deposit", D("71.40"))
    assert "71.40 EUR" in client.get(address).content.decode()
    work = WorkOrder.objects.order_by("pk")[0]
    now = timezone.now()
    with pytest.raises(erp.DepositMissing):
        erp.release_work_order(work_order_id=work.pk, now=now)
    erp.receive_payment(invoice_id=invoice.pk, amount=D("71.40"), received_on=now.date(), now=now)
    assert erp.release_work_order(work_order_id=work.pk, now=now).state == "released"
    assert "To be paid" not in client.get(address).content.decode()


def test_sales_sends_revises_and_takes_links_back_at_the_page(shop: Workshop, client: Client) -> None:
    client.force_login(person("sara", "sales", shop.plant))
    quotation = crm.write_quotation(
        customer_id=shop.customer.pk, lines=[line(shop, wanted_on=soon(20))], now=timezone.now()
    )
    page = reverse("crm:quotation", args=[quotation.pk])
    form = client.get(reverse("crm:quotation_send", args=[quotation.pk])).content.decode()
    assert "Our quotation Q-" in form
    answer = client.post(
        reverse("crm:quotation_send", args=[quotation.pk]),
        {"to": "buyer@nord.example", "subject": "Our offer", "body": "<link>"},
    )
    assert answer.status_code == 302, answer.content.decode()
    shown = client.get(page).content.decode()
    assert "/offers/" in shown
    assert "/offers/" not in client.get(page).content.decode()  # once
    client.post(reverse("crm:quotation_link", args=[quotation.pk]))
    assert PortalLink.objects.count() == 2
    client.post(reverse("crm:link_revoke", args=[PortalLink.objects.latest("pk").pk]))
    assert PortalLink.objects.filter(revoked_at=None).count() == 1
    client.post(reverse("crm:quotation_extend", args=[quotation.pk]), {"valid_until": soon(60).isoformat()})
    quotation.refresh_from_db()
    assert quotation.valid_until == soon(60)
    answer = client.post(reverse("crm:quotation_revise", args=[quotation.pk]))
    assert answer["Location"] == reverse("crm:quotation_edit", args=[quotation.pk])
    assert "revision 2" in client.get(page).content.decode()
    old = Quotation.objects.get(revision_no=1)
    assert "Replaced by revision 2" in client.get(reverse("crm:quotation", args=[old.pk])).content.decode()
    assert client.get(reverse("crm:quotation_pdf", args=[old.pk])).status_code == 200
    assert client.get(reverse("crm:quotations")).content.decode().count(quotation.number) == 1


def test_the_yes_by_telephone_is_noted(shop: Workshop, client: Client) -> None:
    client.force_login(person("sara", "sales", shop.plant))
    quotation, _address = sent(
        shop, line(shop, wanted_on=soon(20)), line(shop, "TABLE", "1", wanted_on=soon(20), is_option=True)
    )
    option = quotation.lines.get(is_option=True)
    client.post(
        reverse("crm:quotation_accept", args=[quotation.pk]),
        {"name": "Ms Olsen", "how": "By telephone", "option": option.pk},
    )
    page = client.get(reverse("crm:quotation", args=[quotation.pk])).content.decode()
    assert "By telephone" in page
    assert "Option, chosen" in page


def test_what_is_wrong_is_said_in_the_customers_language(shop: Workshop, client: Client) -> None:
    shop.customer.language = "de"
    shop.customer.save()
    _quotation, address = sent(shop)
    nameless = client.post(address, {"name": "  "})
    assert (nameless.status_code, "Bitte geben Sie Ihren Namen ein." in nameless.content.decode()) == (422, True)
    scribbled = client.post(address, {"name": "Ms Olsen", "path": "<script>"})
    assert "Bitte unterschreiben Sie noch einmal" in scribbled.content.decode()
    assert not SalesOrder.objects.exists()


def test_a_chosen_option_stands_with_what_is_in_the_total(shop: Workshop, client: Client) -> None:
    table = line(shop, "TABLE", "1", wanted_on=soon(20), is_option=True)
    quotation, address = sent(shop, line(shop, wanted_on=soon(20)), table)
    assert "Options, not in the total" in client.get(address).content.decode()
    client.post(address, {"name": "Ms Olsen", "option": quotation.lines.get(is_option=True).pk})
    page = client.get(address).content.decode()
    assert "Options, not in the total" not in page
    assert "option, chosen" in page
