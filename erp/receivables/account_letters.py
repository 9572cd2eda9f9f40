"""The account statement and the reminder as the customer gets them."""

from __future__ import annotations

import datetime as dt

from erp.receivables.models import DunningNotice, DunningNoticeLine
from erp.receivables.selectors.statements import OpenItem, open_items
from masterdata.documents.issued import issued, issued_language
from masterdata.documents.letters import Cell, Column, Letter, Row, Total
from masterdata.documents.parties import address_of, recipient_of, sender_of
from masterdata.documents.printing import Pdf, letter_pdf
from masterdata.documents.wording import Wording, wording
from masterdata.models import Company, Currency, IssuedDocument, Partner
from masterdata.numbers import ZERO

NOTICE_RELATED = "company__currency", "customer", "currency", "fee_invoice"


def statement_pdf(*, company: Company, customer: Partner, on: dt.date, language: str = "") -> Pdf:
    """What is open at the end of the day, in each currency, and how much of it is overdue."""
    say = wording(language, customer.language, company.language)
    items = open_items(company_id=company.pk, customer_id=customer.pk, on=on)
    currencies = Currency.objects.in_bulk({item.currency_id for item in items})
    letter = Letter(
        language=say.language,
        title=say.title("statement"),
        number=customer.code,
        sender=sender_of(company, say),
        page_of=say.page_of,
        recipient=recipient_of(customer, say, address_of(customer)),
        facts=[(say.fact("as_of"), say.day(on)), (say.fact("customer_no"), customer.code)],
        intro=[say.text("statement_intro", day=say.day(on)) if items else say.text("statement_nothing")],
        columns=_columns(say) if items else [],
        rows=[_item(item, currencies[item.currency_id], on, say) for item in items],
        totals=_sums(items, currencies, on, say),
    )
    return letter_pdf(letter)


def _columns(say: Wording) -> list[Column]:
    return [
        Column(say.head("document"), wide=True),
        Column(say.head("date")),
        Column(say.head("due_on")),
        Column(say.head("days"), "right"),
        Column(say.head("amount"), "right"),
        Column(say.head("open"), "right"),
    ]


def _item(item: OpenItem, currency: Currency, on: dt.date, say: Wording) -> Row:
    days = item.days_overdue(on)
    cells = [
        item.number,
        say.short_day(item.issued_on),
        say.short_day(item.due_on) if item.due_on else "",
        str(days) if days else "",
        say.money(item.amount, currency),
        say.money(item.open_amount, currency),
    ]
    return Row([Cell(cell) for cell in cells])


def _sums(items: list[OpenItem], currencies: dict[int, Currency], on: dt.date, say: Wording) -> list[Total]:
    found = []
    for pk, currency in sorted(currencies.items(), key=lambda one: one[1].code):
        mine = [item for item in items if item.currency_id == pk]
        overdue = sum((item.open_amount for item in mine if item.days_overdue(on)), ZERO)
        balance = sum((item.open_amount for item in mine), ZERO)
        if overdue:
            found.append(Total(say.total("overdue"), say.money(overdue, currency)))
        found.append(Total(say.total("balance"), say.money(balance, currency), strong=True))
    return found


def reminder_pdf(notice: DunningNotice, now: dt.datetime, language: str = "") -> Pdf:
    """What was sent, kept as it was issued; a proposed one is a draft in words of the house."""
    kept = issued_language(company=notice.company, kind=IssuedDocument.Kind.DUNNING_LETTER, number=notice.number)
    say = wording(kept or notice.language or language, notice.customer.language, notice.company.language)
    lines = list(notice.lines.select_related("invoice", "instalment").order_by("id"))
    title = notice.subject or say.title("dunning_letter")
    name = f"{say.title('dunning_letter')} {notice.number}"
    if notice.state != DunningNotice.State.SENT:
        return Pdf(name, letter_pdf(_reminder(notice, lines, title, now, say)).content)
    content = issued(
        company=notice.company,
        kind=IssuedDocument.Kind.DUNNING_LETTER,
        number=notice.number,
        language=say.language,
        make=lambda: letter_pdf(_reminder(notice, lines, title, now, say), archival=True).content,
        now=now,
    )
    return Pdf(name, content)


def _reminder(
    notice: DunningNotice, lines: list[DunningNoticeLine], title: str, now: dt.datetime, say: Wording
) -> Letter:
    at, currency = notice.sent_at or now, notice.currency
    text = notice.body or say.text(f"dunning_{min(notice.level_no, 3)}", day=say.day(at + dt.timedelta(days=7)))
    total = sum((line.open_amount for line in lines), ZERO)
    rows = [
        Row([
            Cell(line.invoice.number),
            Cell(say.short_day(line.invoice.issued_on)),
            Cell(say.short_day(line.due_on)),
            Cell(str(line.days)),
            Cell(say.money(line.invoice.gross_amount, currency)),
            Cell(say.money(line.open_amount, currency)),
        ])
        for line in lines
    ]  # fmt: skip
    totals = [Total(say.total("overdue"), say.money(total, currency), strong=notice.fee_invoice is None)]
    if notice.fee_invoice is not None:
        fee = notice.fee_invoice.gross_amount
        totals += [
            Total(say.total("fee"), say.money(fee, currency)),
            Total(say.total("to_pay"), say.money(total + fee, currency), strong=True),
        ]
    return Letter(
        language=say.language,
        title=title,
        number=notice.number,
        sender=sender_of(notice.company, say),
        page_of=say.page_of,
        recipient=recipient_of(notice.customer, say, address_of(notice.customer)),
        facts=[(say.fact("date"), say.day(at)), (say.fact("customer_no"), notice.customer.code)],
        intro=[line for line in text.splitlines() if line.strip()],
        columns=_columns(say),
        rows=rows,
        totals=totals,
        mark="" if notice.state == DunningNotice.State.SENT else say.word("marks", "draft"),
        dated_on=at.date(),
    )
