"""Reminders go up level by level, once each; fee and interest are posted; worked by hand."""

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone

from erp import services as erp
from erp.ledger.models import Account
from erp.models import DunningLevel, DunningNotice, Invoice
from tests.erp.receivables.sold import account, invoiced
from tests.erp.receivables.test_pages import accountant
from tests.erp.shop import NOW, Shop

D = Decimal
DAY = dt.timedelta(days=1)


def levels(shop: Shop) -> None:
    """After 10 days a word, after 20 days 5.00 and 7.30 percent of interest."""
    company = {"company_id": shop.company.pk}
    erp.set_dunning_level(level_no=1, after_days=10, **company)
    texts = [("de", "Mahnung", "Bitte {total}{fee} zahlen: {invoices}")]
    erp.set_dunning_level(level_no=2, after_days=20, fee=D(5), interest_percent=D("7.30"), texts=texts, **company)


def propose(shop: Shop, invoice: Invoice, days: int) -> DunningNotice:
    """So many days overdue."""
    today = invoice.due_on + days * DAY
    return erp.propose_dunning(company_id=shop.company.pk, today=today, now=NOW)[0]


def test_levels_follow_one_another_and_none_twice(shop: Shop) -> None:
    """119.00 overdue: 9 days nothing, 10 days level 1, sent; again nothing until 20 days: level 2, not before."""
    levels(shop)
    invoice = invoiced(shop)
    with pytest.raises(erp.NothingOverdue):
        propose(shop, invoice, 9)
    first = propose(shop, invoice, 25)
    assert (first.number, first.level_no, first.lines.get().open_amount) == ("DN-2026-00001", 1, D(119))
    erp.send_notice(notice_id=first.pk, now=NOW)
    assert (account(shop, Account.Role.DUNNING_FEE), Invoice.objects.count()) == (0, 1)
    with pytest.raises(erp.NothingOverdue):
        propose(shop, invoice, 19)
    assert propose(shop, invoice, 20).level_no == 2
    with pytest.raises(erp.NothingOverdue):
        propose(shop, invoice, 40)


def test_fee_and_interest_are_an_invoice_and_the_text_is_the_customers(shop: Shop) -> None:
    """20 days on 119.00 at 7.30 percent: 119 x 20 x 0.073 / 365 = 0.476, so 0.48; with the fee 5.48 more."""
    levels(shop)
    shop.customer.language = "de"
    shop.customer.save()
    invoice = invoiced(shop)
    erp.send_notice(notice_id=propose(shop, invoice, 10).pk, now=NOW)
    sent = erp.send_notice(notice_id=propose(shop, invoice, 20).pk, now=NOW)
    assert sent.fee_invoice is not None
    assert (sent.fee_invoice.number, sent.fee_invoice.gross_amount) == ("DF-2026-00001", D("5.48"))
    assert account(shop, Account.Role.DUNNING_FEE) == D("-5.48")
    assert sent.subject == "Mahnung"
    assert sent.body.startswith("Bitte 119.00 EUR and 5.48 EUR of fees and interest zahlen: INV-2026-00001 of")
    with pytest.raises(erp.NoticeIsOver):
        erp.drop_notice(notice_id=sent.pk)


def test_interest_is_for_the_days_since_it_was_last_charged(shop: Shop) -> None:
    """20 days on 119.00 at 7.30 percent: 0.476, so 0.48. At 50 days only the other 30: 0.714, so 0.71, not 1.19.

    The invoice of the first interest is overdue as well by then: it bears none.
    """
    company = {"company_id": shop.company.pk, "interest_percent": D("7.30")}
    erp.set_dunning_level(level_no=1, after_days=20, **company)
    erp.set_dunning_level(level_no=2, after_days=50, **company)
    invoice = invoiced(shop)
    sent = [erp.send_notice(notice_id=propose(shop, invoice, days).pk, now=NOW) for days in (20, 50)]
    assert [one.fee_invoice.gross_amount for one in sent if one.fee_invoice] == [D("0.48"), D("0.71")]
    assert sent[1].lines.count() == 2
    assert account(shop, Account.Role.DUNNING_FEE) == D("-1.19")


def test_what_is_dropped_comes_again_and_what_is_held_does_not(shop: Shop) -> None:
    """Dropped, level 1 is proposed again; held until a day, nothing before it."""
    levels(shop)
    invoice = invoiced(shop)
    erp.drop_notice(notice_id=propose(shop, invoice, 10).pk)
    until = invoice.due_on + 30 * DAY
    erp.hold_dunning(
        company_id=shop.company.pk, customer_id=shop.customer.pk, invoice_id=invoice.pk, until_on=until,
        reason="Complaint", now=NOW,
    )  # fmt: skip
    with pytest.raises(erp.NothingOverdue):
        propose(shop, invoice, 30)
    assert propose(shop, invoice, 31).level_no == 1


def test_reminders_on_their_pages(shop: Shop) -> None:
    """A level is set, reminders are proposed and sent; the text stands on the page."""
    invoiced(shop)
    client = accountant(shop)
    level = {"company": shop.company.pk, "level_no": 1, "after_days": 0, "fee": "0", "interest_percent": "0"}
    client.post("/reminders/levels/set/", level)
    row = DunningLevel.objects.get()
    assert f"/reminders/levels/{row.pk}/" in client.get("/reminders/levels/").content.decode()
    change = {
        "version": row.version, "after_days": "1", "fee": "0", "interest_percent": "0", "language": "en",
        "subject": "Payment reminder", "body": "Please pay {total}.",
    }  # fmt: skip
    assert client.post(f"/reminders/levels/{row.pk}/", change).status_code == 302
    assert client.post(f"/reminders/levels/{row.pk}/", change).status_code == 409
    assert DunningLevel.objects.get().after_days == 1
    assert "Please pay {total}." in client.get(f"/reminders/levels/{row.pk}/").content.decode()
    assert timezone.localdate() > Invoice.objects.get().due_on
    client.post("/reminders/propose/", {"company": shop.company.pk})
    notice = DunningNotice.objects.get()
    client.post(f"/reminders/{notice.pk}/send/")
    assert "Payment reminder" in client.get(f"/reminders/{notice.pk}/").content.decode()
    assert client.get("/reminders/").status_code == 200


def test_a_customer_is_held_with_a_reason_until_a_day(shop: Shop) -> None:
    """Nothing is proposed until the day is over; the page says why, and who is held now."""
    invoice = invoiced(shop)
    erp.set_dunning_level(company_id=shop.company.pk, level_no=1, after_days=0)
    client = accountant(shop)
    until = timezone.localdate() + 30 * DAY
    body = {
        "company": shop.company.pk, "customer": shop.customer.pk, "until_on": until.isoformat(), "reason": "In court",
    }  # fmt: skip
    client.post("/reminders/holds/new/", body)
    assert "In court" in client.get("/reminders/holds/?now=1").content.decode()
    with pytest.raises(erp.NothingOverdue):
        erp.propose_dunning(company_id=shop.company.pk, today=until, now=NOW)
    notice = erp.propose_dunning(company_id=shop.company.pk, today=until + DAY, now=NOW)[0]
    assert notice.lines.get().invoice == invoice
    assert accountant(shop, "sales").get("/reminders/holds/new/").status_code == 403
