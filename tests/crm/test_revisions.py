"""Quotations with discounts, options and taxes; sent, revised, extended; each revision stays as it was sent."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from crm import selectors as crm_now
from crm import services as crm
from crm.letters import RELATED, quotation_pdf
from crm.models import CustomerTerms, Message, PortalLink, PriceList, PriceRule, Quotation
from masterdata.days import DayPassed
from masterdata.errors import InvalidInput
from masterdata.models import Currency, ExchangeRate, IssuedDocument, PaymentTerm, Plant, TaxCode, User
from tests.crm.orders import NOW
from tests.crm.test_quotations import line, person, quoted
from tests.flows.workshop import Workshop

D = Decimal


def person_of(shop: Workshop) -> User:
    return User.objects.filter(username=shop.plant.code).first() or person(shop, shop.plant)


def lines_of(quotation: Quotation) -> list[tuple[Decimal, ...]]:
    rows = quotation.lines.order_by("line_no")
    return [(row.unit_price, row.discounted_price, row.net_amount, row.tax_amount) for row in rows]


def read(quotation: Quotation, language: str = "") -> str:
    row = Quotation.objects.select_related(*RELATED).get(pk=quotation.pk)
    content = quotation_pdf(row, language, now=NOW).content
    return " ".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages).replace("\xa0", " ")


def write(shop: Workshop, *lines: crm.QuotationLineInput, **more: Any) -> Quotation:
    return crm.write_quotation(customer_id=shop.customer.pk, lines=lines or [line(shop)], now=NOW, **more)


def test_discounts_of_line_and_document_come_off_each_line_exactly(shop: Workshop) -> None:
    """Line 1: 3 x 100.00 less 7.5 % and 2 % = 90.65 each, 271.95. Line 2: 1 x 33.335 less 2 % = 32.6683, 32.67.

    Net 304.62, tax 19 % of it 57.8778 = 57.88: 51.67 (51.6705) and 6.21 (6.2073) by largest remainder.
    """
    quotation = write(
        shop,
        line(shop, quantity="3", discount_percent=D("7.5")),
        line(shop, "TABLE", "1", unit_price=D("33.335")),
        terms=crm.QuotationTerms(discount_percent=D(2)),
    )
    assert lines_of(quotation) == [
        (D(100), D("90.65"), D("271.95"), D("51.67")),
        (D("33.335"), D("32.6683"), D("32.67"), D("6.21")),
    ]
    [tax] = crm_now.taxes_of(list(quotation.lines.select_related("tax_code")))
    assert (tax.base, tax.tax) == (D("304.62"), D("57.88"))
    order = crm.accept_quotation(quotation_id=quotation.pk, now=NOW)
    assert [(row.unit_price, row.net_amount) for row in order.lines.order_by("line_no")] == [
        (D("90.65"), D("271.95")),
        (D("32.6683"), D("32.67")),
    ]


def test_tax_goes_by_code_and_its_cents_are_spread_over_the_lines(shop: Workshop) -> None:
    """Three lines of 0.05 each: 19 % of 0.15 is 0.0285 = 0.03, one cent each; the table at 7 %: 7 % of 300 = 21.00."""
    reduced = TaxCode.objects.create(code="VAT7", name="VAT 7 %", rate_percent=7)
    shop.customer.tax_code = None
    shop.customer.save()
    shop.materials["TABLE"].tax_code = reduced
    shop.materials["TABLE"].save()
    cheap = [line(shop, quantity="1", unit_price=D("0.05"))] * 3
    quotation = write(shop, *cheap, line(shop, "TABLE", "1"))
    assert [row[3] for row in lines_of(quotation)] == [D("0.01")] * 3 + [D(21)]
    text = read(quotation)
    assert "VAT 19 % on 0.15 EUR 0.03 EUR" in text
    assert "VAT 7 % on 300.00 EUR 21.00 EUR" in text


def test_an_option_is_not_in_the_total_until_the_customer_takes_it(shop: Workshop) -> None:
    """2 stools are 200.00; the table is an option at 300.00. Taken: 500.00 and two order lines; else one."""
    quotation = write(shop, line(shop), line(shop, "TABLE", "1", is_option=True, note="in oak"))
    assert crm_now.visible_quotations(person_of(shop)).get().net_amount == D(200)
    text = read(quotation)
    assert "Options, not in the total" in text
    assert "in oak" in text
    assert "238.00 EUR" in text
    option = quotation.lines.get(is_option=True)
    with pytest.raises(InvalidInput, match="Choose among"):
        crm.accept_quotation(
            quotation_id=quotation.pk, now=NOW, yes=crm.Yes(options=[quotation.lines.get(is_option=False).pk])
        )
    order = crm.accept_quotation(
        quotation_id=quotation.pk, now=NOW, yes=crm.Yes(name="Ms Olsen", how="By telephone", options=[option.pk])
    )
    assert [row.net_amount for row in order.lines.order_by("line_no")] == [D(200), D(300)]
    quotation.refresh_from_db()
    assert (quotation.accepted_name, quotation.accepted_how) == ("Ms Olsen", "By telephone")
    assert crm_now.visible_quotations(person_of(shop)).get().net_amount == D(500)
    other = write(shop, line(shop), line(shop, "TABLE", "1", is_option=True))
    assert crm.accept_quotation(quotation_id=other.pk, now=NOW).lines.count() == 1


def test_only_options_are_no_quotation(shop: Workshop) -> None:
    with pytest.raises(crm.QuotationEmpty):
        write(shop, line(shop, is_option=True))


def test_price_lists_set_the_price_and_it_is_told_where_it_is_from(shop: Workshop) -> None:
    """From 10 stools on 80.00 each; typed prices stay, with what the list said beside them."""
    of = PriceList.objects.create(
        name="Dealers", company=shop.company, currency=shop.company.currency, valid_from=dt.date(2026, 1, 1)
    )
    rule = PriceRule.objects.create(price_list=of, from_quantity=10, fixed_price=80)
    quotation = write(shop, line(shop, quantity="10"), line(shop, quantity="12", unit_price=D(95)))
    found, typed = quotation.lines.order_by("line_no")
    assert (found.unit_price, found.base_price, found.price_rule, found.price_source) == (
        D(80), D(80), rule, "Price list Dealers, from 10",
    )  # fmt: skip
    assert (typed.unit_price, typed.base_price) == (D(95), D(80))


def test_another_currency_goes_through_to_the_order_with_its_rate(shop: Workshop) -> None:
    """1 USD = 0.92 EUR. A stool of 100.00 EUR is 108.695652 USD; two are 217.39 USD."""
    dollar = Currency.objects.create(code="USD", name="US dollar")
    ExchangeRate.objects.create(
        base=dollar, quote=shop.company.currency, valid_from=dt.date(2026, 11, 1), rate=D("0.92")
    )
    quotation = write(shop, currency_id=dollar.pk)
    assert quotation.rate == D("0.92")
    assert lines_of(quotation)[0][:3] == (D("108.695652"), D("108.695652"), D("217.39"))
    order = crm.accept_quotation(quotation_id=quotation.pk, now=NOW)
    assert (order.currency, order.rate, order.lines.get().net_amount) == (dollar, D("0.92"), D("217.39"))
    agreed = write(shop, currency_id=dollar.pk, rate=D("0.95"))
    assert crm.accept_quotation(quotation_id=agreed.pk, now=NOW).rate == D("0.95")


def test_terms_are_the_customers_unless_said_otherwise(shop: Workshop) -> None:
    CustomerTerms.objects.create(customer=shop.customer, incoterm="DAP", incoterm_place="Oslo")
    prepaid = PaymentTerm.objects.create(code="PRE", name="At once", days=0)
    assert (write(shop).incoterm, write(shop).incoterm_place) == ("DAP", "Oslo")
    said = crm.QuotationTerms(
        incoterm="EXW", incoterm_place="Main plant", payment_term_id=prepaid.pk, language="de", note="Aufbau inklusive"
    )
    quotation = write(shop, terms=said)
    text = read(quotation)
    for words in ("Angebot", "EXW Main plant", "Sofort fällig", "Aufbau inklusive"):
        assert words in text
    assert crm.accept_quotation(quotation_id=quotation.pk, now=NOW).payment_term == prepaid


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"discount_percent": D(101)}, "discount_percent"),
        ({"incoterm": "QQQ"}, "incoterm"),
        ({"incoterm_place": "Oslo"}, "incoterm"),
        ({"language": "xx"}, "language"),
        ({"payment_term_id": 0 - 1}, "payment_term"),
    ],
)
def test_terms_that_cannot_be_meant_name_their_field(shop: Workshop, terms: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        write(shop, terms=crm.QuotationTerms(**terms))
    assert refusal.value.field == field


def test_what_was_sent_is_frozen_and_revised(shop: Workshop) -> None:
    """Revision 1: 2 stools at 100.00. Revision 2: 3 at 95.00. The first stays, with its own paper and its lines."""
    quotation = quoted(shop)
    crm.send_quotation(quotation_id=quotation.pk, now=NOW)
    first = read(quotation)
    with pytest.raises(crm.QuotationSent) as refusal:
        crm.rewrite_quotation(quotation_id=quotation.pk, lines=[line(shop)], now=NOW)
    assert refusal.value.sentence == ("Q-2026-00001 was sent as revision 1: revise it, then change the revision.")
    crm.revise_quotation(quotation_id=quotation.pk, now=NOW)
    crm.rewrite_quotation(quotation_id=quotation.pk, lines=[line(shop, quantity="3", unit_price=D(95))], now=NOW)
    crm.send_quotation(quotation_id=quotation.pk, now=NOW)
    old, new = Quotation.objects.order_by("revision_no")
    assert (old.state, old.replaced_by_id, old.number, new.pk) == ("replaced", quotation.pk, new.number, quotation.pk)
    assert (old.lines.get().quantity, new.lines.get().quantity) == (D(2), D(3))
    assert read(old) == first
    assert "Q-2026-00001-R2" in read(new)
    assert "285.00" in read(new)
    changes = [(one.what, one.before, one.after) for one in crm_now.changes_between(old, new)]
    assert changes == [
        (
            "Line 1",
            "2 PC Stool Rive, EUR 100.00, wanted Mon 30 Nov",
            "3 PC Stool Rive, EUR 95.00, wanted Mon 30 Nov",
        )
    ]
    assert [one.revision_no for one in crm_now.revisions_of(person_of(shop), new)] == [2, 1]
    assert IssuedDocument.objects.filter(kind="quotation").count() == 2
    with pytest.raises(crm.QuotationNotOpen) as closed:
        crm.accept_quotation(quotation_id=old.pk, now=NOW)
    assert closed.value.values == {"replaced_by": new.pk}
    assert crm.accept_quotation(quotation_id=new.pk, now=NOW).lines.get().net_amount == D(285)


def test_a_draft_is_edited_not_revised_and_not_extended(shop: Workshop) -> None:
    quotation = quoted(shop)
    with pytest.raises(crm.NotSentYet, match="edit it"):
        crm.revise_quotation(quotation_id=quotation.pk, now=NOW)
    with pytest.raises(crm.NotSentYet):
        crm.extend_quotation(quotation_id=quotation.pk, valid_until=dt.date(2026, 12, 31), now=NOW)


def test_what_ran_out_is_extended_or_revised(shop: Workshop) -> None:
    """Valid until 25 Nov; on the 26th it shows as expired. A new last day makes a new paper and the links follow."""
    quotation = write(shop, line(shop, wanted_on=dt.date(2026, 12, 20)), valid_until=dt.date(2026, 11, 25))
    crm.send_quotation(quotation_id=quotation.pk, now=NOW)
    assert "25 November 2026" in read(quotation)
    later = NOW + dt.timedelta(days=3)
    quotation.refresh_from_db()
    assert crm_now.shown_state(quotation, shop.plant.time_zone, later) == ("expired", "Expired")
    crm.extend_quotation(quotation_id=quotation.pk, valid_until=dt.date(2026, 12, 5), now=later)
    quotation.refresh_from_db()
    assert crm_now.shown_state(quotation, shop.plant.time_zone, later) == ("sent", "Sent")
    assert (quotation.paper_no, PortalLink.objects.get().expires_at.date()) == ("Q-2026-00001-E1", dt.date(2027, 1, 5))
    assert "5 December 2026" in read(quotation)
    crm.extend_quotation(quotation_id=quotation.pk, valid_until=dt.date(2026, 12, 6), now=later)
    crm.revise_quotation(quotation_id=quotation.pk, now=NOW + dt.timedelta(days=20))
    quotation.refresh_from_db()
    assert (quotation.valid_until, quotation.extended_no) == (dt.date(2027, 1, 12), 0)
    with pytest.raises(DayPassed):
        crm.send_quotation(quotation_id=quotation.pk, now=NOW + dt.timedelta(days=60))


def test_sending_mails_the_paper_and_the_link(shop: Workshop) -> None:
    quotation = quoted(shop)
    mail = crm.QuotationMail(
        to="buyer@nord.example", subject="Our offer", body="Read it: <link>", portal="https://shop.example/offers/"
    )
    sent = crm.post_quotation(quotation_id=quotation.pk, now=NOW, mail=mail)
    message = Message.objects.get()
    assert message.to_addresses == ["buyer@nord.example"]
    assert f"https://shop.example/offers/{sent.token}/" in message.body
    attached = message.attachments.get()
    assert attached.name.endswith(".pdf")
    issued = IssuedDocument.objects.get(kind="quotation")
    assert bytes(attached.content) == bytes(issued.content)


def test_in_another_language_it_is_a_copy_of_what_was_sent(shop: Workshop) -> None:
    quotation = quoted(shop)
    crm.send_quotation(quotation_id=quotation.pk, now=NOW)
    assert "Quotation" in read(quotation)
    assert "Devis" in read(quotation, "fr")
    assert "Quotation" in read(quotation)
    assert IssuedDocument.objects.count() == 1


def test_a_quotation_expires_by_the_day_of_its_plant(shop: Workshop) -> None:
    """Valid until the day before today on Kiritimati (UTC+14), where it has expired; at UTC-12 it is never later."""
    now = timezone.now()
    last_day = now.astimezone(ZoneInfo("Pacific/Kiritimati")).date() - dt.timedelta(days=1)
    quotation = write(shop)
    Quotation.objects.filter(pk=quotation.pk).update(valid_until=last_day)
    client = Client()
    client.force_login(person_of(shop))
    for zone, has_expired in (("Pacific/Kiritimati", True), ("Etc/GMT+12", False)):
        Plant.objects.filter(pk=shop.plant.pk).update(time_zone=zone)
        listed = client.get(reverse("crm:quotations"), {"expired": "1"}).content.decode()
        assert (quotation.number in listed) is has_expired
        page = client.get(reverse("crm:quotation", args=[quotation.pk])).content.decode()
        assert ("Was valid until" in page) is has_expired


def test_the_offered_day_is_the_plants_on_paper_and_on_the_customers_page(shop: Workshop, client: Client) -> None:
    """23:30 UTC on 10 June is 07:30 on 11 June at a plant in Shanghai, whoever prints it and wherever it is read."""
    Plant.objects.update(time_zone="Asia/Shanghai")
    quotation = write(shop, valid_until=timezone.localdate() + dt.timedelta(days=30))
    quotation.lines.update(offered_at=dt.datetime(2030, 6, 10, 23, 30, tzinfo=dt.UTC))
    mail = crm.QuotationMail(
        to="buyer@nord.example", subject="Our offer", body="Read it.", portal="https://shop.example/"
    )
    sent = crm.post_quotation(quotation_id=quotation.pk, now=timezone.now(), mail=mail)
    text = client.get(reverse("crm:offer", args=[sent.token])).content.decode()
    assert "11 June 2030" in text
    assert "11 Jun 2030" in read(quotation)


def test_a_revision_offered_for_another_day_says_so(shop: Workshop) -> None:
    quotation = quoted(shop)
    crm.send_quotation(quotation_id=quotation.pk, now=NOW)
    new = crm.revise_quotation(quotation_id=quotation.pk, now=NOW)
    new.lines.update(offered_at=dt.datetime(2026, 11, 27, 14, tzinfo=dt.UTC))
    [change] = crm_now.changes_between(Quotation.objects.get(state="replaced"), new)
    assert change.before == "2 PC Stool Rive, EUR 100.00, wanted Mon 30 Nov"
    assert change.after == "2 PC Stool Rive, EUR 100.00, wanted Mon 30 Nov, offered for Fri 27 Nov"


def test_in_another_currency_cost_and_margin_name_their_own(shop: Workshop, client: Client) -> None:
    """What it costs us stands in the company's currency beside prices in the customer's."""
    client.force_login(person_of(shop))
    dollar = Currency.objects.create(code="USD", name="US dollar")
    abroad = write(shop, line(shop, unit_price=D(100)), currency_id=dollar.pk, rate=D("0.92"))
    page = client.get(reverse("crm:quotation", args=[abroad.pk])).content.decode()
    assert "Cost, EUR" in page
    assert "Margin, EUR" in page
    assert "Cost, EUR" not in client.get(reverse("crm:quotation", args=[write(shop).pk])).content.decode()
