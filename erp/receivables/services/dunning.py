"""Reminders: levels are set, overdue invoices proposed, what is agreed to is sent with fee and interest, or held."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, ClassVar

from django.db import transaction

from erp import facts as erp_facts
from erp.ledger.models import Account
from erp.receivables.models import (
    DunningHold,
    DunningLevel,
    DunningNotice,
    DunningNoticeLine,
    DunningText,
    Invoice,
)
from erp.receivables.services.documents import Charge, Paper, post_document
from erp.receivables.services.instalments import due_items
from erp.receivables.services.settling import hold_invoices
from erp.treasury.conversion import conversion
from masterdata import facts, live
from masterdata.errors import InvalidInput, Refusal, StaleVersion
from masterdata.models import Company, User
from masterdata.numbering import next_numbers
from masterdata.numbers import ZERO, money

State = DunningNotice.State
YEAR = 365
SUBJECT = "invoice_id", "instalment_id"
PLAIN = (
    "Payment reminder",
    "Dear {customer},\n\nthese invoices are overdue:\n{invoices}\n\nPlease pay {total}{fee}.",
)


class NothingOverdue(Refusal):
    """No invoice has reached its next level."""

    code: ClassVar[str] = "nothing_overdue"


class NoticeIsOver(Refusal):
    """The notice was sent or dropped already."""

    code: ClassVar[str] = "notice_is_over"


@transaction.atomic
def set_dunning_level(
    *,
    company_id: int,
    level_no: int,
    after_days: int,
    fee: Decimal = ZERO,
    interest_percent: Decimal = ZERO,
    texts: Sequence[tuple[str, str, str]] = (),
    expected_version: int | None = None,
) -> DunningLevel:
    """Say when a level is reached, what it costs and, as (language, subject, body), what it writes.

    Raises StaleVersion, InvalidInput.
    """
    if level_no < 1 or min(fee, interest_percent) < 0:
        raise InvalidInput("Levels count from 1; fee and interest are zero or more.", field="level_no")
    DunningLevel.objects.get_or_create(company_id=company_id, level_no=level_no, defaults={"after_days": after_days})
    rows = DunningLevel.objects.select_for_update(no_key=True).order_by("pk")
    level = rows.get(company_id=company_id, level_no=level_no)
    if expected_version not in (None, level.version):
        raise StaleVersion("Somebody changed the level meanwhile: look at it again.", version=level.version)
    level.after_days, level.fee, level.interest_percent = after_days, fee, interest_percent
    level.version += 1
    level.save()
    for language, subject, body in texts:
        DunningText.objects.update_or_create(
            level=level, language=language, defaults={"subject": subject[:120], "body": body}
        )
    return level


@transaction.atomic
def propose_dunning(*, company_id: int, today: dt.date, now: dt.datetime) -> list[DunningNotice]:
    """A notice for each customer and currency with invoices that have reached their next level.

    An invoice, or each instalment of it, goes up one level at a time; what is held is left out. Locks the invoices by
    id. Raises NothingOverdue.
    """
    company = Company.objects.select_related("currency").get(pk=company_id)
    levels = {level.level_no: level for level in DunningLevel.objects.filter(company=company)}
    overdue = Invoice.objects.with_open().filter(company=company, next_due_on__lt=today, open_amount__gt=0)
    overdue = overdue.exclude(kind=Invoice.Kind.CREDIT_NOTE)
    hold_invoices(list(overdue.values_list("pk", flat=True)))
    held = DunningHold.objects.filter(company=company, until_on__gte=today)
    whole = set(held.filter(invoice=None).values_list("customer", flat=True))
    single = set(held.exclude(invoice=None).values_list("invoice", flat=True))
    rows = overdue.exclude(customer__in=whole).exclude(pk__in=single).prefetch_related("instalments")
    items = [item for row in rows.order_by("customer", "due_on", "pk") for item in due_items(row)]
    counted = DunningNoticeLine.objects.filter(invoice__in=[item.invoice.pk for item in items], counts=True)
    last = {(one, part): no for one, part, no in counted.order_by("level_no").values_list(*SUBJECT, "level_no")}
    groups: dict[tuple[int, int], list[DunningNoticeLine]] = defaultdict(list)
    for item in items:
        row, part = item.invoice, item.instalment
        level = levels.get(last.get((row.pk, part.pk if part else None), 0) + 1)
        days = (today - item.due_on).days
        if level is not None and days >= max(1, level.after_days):
            line = DunningNoticeLine(
                invoice=row, instalment=part, level_no=level.level_no, open_amount=item.open_amount, days=days
            )
            groups[row.customer_id, row.currency_id].append(line)
    if not groups:
        raise NothingOverdue("No invoice has reached its next level: nothing to remind of.")
    numbers = next_numbers(company=company, kind="DN", year=today.year, count=len(groups))
    notices = []
    for number, ((customer_id, currency_id), lines) in zip(numbers, groups.items(), strict=True):
        notice = DunningNotice.objects.create(
            number=number,
            company=company,
            customer_id=customer_id,
            currency_id=currency_id,
            level_no=max(line.level_no for line in lines),
            made_at=now,
        )
        for line in lines:
            line.notice = notice
        DunningNoticeLine.objects.bulk_create(lines)
        notices.append(notice)
    live.publish("dunning", company.pk)
    return notices


@transaction.atomic
def send_notice(*, notice_id: int, now: dt.datetime, by: User | None = None) -> DunningNotice:
    """Agree to a proposed notice: its text is written in the customer's language, fee and interest are posted.

    Interest is the open amounts x percent x days / 365, at the notice's level: of the days overdue those for which no
    earlier notice charged any. With the fee it is an invoice of its own. Locks the notice, the number series last.
    Raises NoticeIsOver, PeriodClosed.
    """
    notice = _held(notice_id)
    lines = list(notice.lines.select_related("invoice", "instalment").order_by("id"))
    level = DunningLevel.objects.get(company=notice.company_id, level_no=notice.level_no)
    rates = conversion(company=notice.company, currency=notice.currency, day=now.date())
    decimals = notice.currency.decimals
    interest = _interest(lines, level.interest_percent, decimals)
    fee = money(level.fee / rates.rate.value, decimals) if rates.is_foreign else level.fee
    plant = notice.company.plants.order_by("pk")[0]
    parts = ((fee, f"Fee of {notice.number}"), (interest, f"Interest of {notice.number}"))
    charges = [
        Charge(net=amount, role=Account.Role.DUNNING_FEE, plant=plant, text=text) for amount, text in parts if amount
    ]
    if charges:
        paper = Paper(
            kind=Invoice.Kind.FEE, company=notice.company, customer=notice.customer, conversion=rates,
            reason=notice.number, by=by,
        )  # fmt: skip
        notice.fee_invoice = post_document(paper, charges, now)
    notice.language = notice.customer.language or "en"
    notice.subject, notice.body = _written(notice, level, lines, fee + interest)
    notice.state, notice.sent_at, notice.sent_by = State.SENT, now, by
    notice.save()
    facts.state(erp_facts.ReminderSent(notice_id=notice.pk))
    live.publish("dunning", notice.pk)
    return notice


def _interest(lines: Sequence[DunningNoticeLine], percent: Decimal, decimals: int) -> Decimal:
    """For the days since interest was last charged, kept with each line. Fees bear none."""
    sent = DunningNoticeLine.objects.filter(invoice__in=[line.invoice_id for line in lines], notice__state=State.SENT)
    charged = {
        (one, part): days for one, part, days in sent.order_by("interest_days").values_list(*SUBJECT, "interest_days")
    }
    days = ZERO
    for line in lines:
        before = charged.get((line.invoice_id, line.instalment_id), 0)
        if line.invoice.kind != Invoice.Kind.FEE:
            days += line.open_amount * max(0, line.days - before)
        line.interest_days = max(before, line.days) if percent else before
    DunningNoticeLine.objects.bulk_update(lines, ["interest_days"])
    return money(days * percent / 100 / YEAR, decimals)


def _written(
    notice: DunningNotice, level: DunningLevel, lines: Sequence[DunningNoticeLine], charged: Decimal
) -> tuple[str, str]:
    """Subject and body in the customer's language, else in English, else plain words."""
    texts = {text.language: text for text in level.texts.all()}
    text = texts.get(notice.language) or texts.get("en")
    subject, body = (text.subject, text.body) if text else PLAIN
    code, decimals = notice.currency.code, notice.currency.decimals
    total = sum((line.open_amount for line in lines), ZERO)
    words: dict[str, Any] = {
        "customer": notice.customer.name,
        "invoices": "\n".join(
            f"{line.invoice.number} of {line.invoice.issued_on.isoformat()}, due {line.due_on.isoformat()}: "
            f"{money(line.open_amount, decimals)} {code}"
            for line in lines
        ),
        "total": f"{money(total, decimals)} {code}",
        "fee": f" and {money(charged, decimals)} {code} of fees and interest" if charged else "",
    }
    for name, said in words.items():
        subject, body = subject.replace("{" + name + "}", str(said)), body.replace("{" + name + "}", str(said))
    return subject[:200], body


@transaction.atomic
def drop_notice(*, notice_id: int) -> DunningNotice:
    """Do not send it; its invoices may be proposed again. Raises NoticeIsOver."""
    notice = _held(notice_id)
    notice.lines.update(counts=False)
    notice.state = State.DROPPED
    notice.save(update_fields=["state"])
    live.publish("dunning", notice.pk)
    return notice


def _held(notice_id: int) -> DunningNotice:
    rows = DunningNotice.objects.select_for_update(no_key=True, of=("self",))
    notice = rows.select_related("company__currency", "customer", "currency").order_by("pk").get(pk=notice_id)
    if notice.state != State.PROPOSED:
        raise NoticeIsOver(f"{notice.number} is {notice.get_state_display().lower()} already.", notice_id=notice.pk)
    return notice


@transaction.atomic
def hold_dunning(
    *, customer_id: int, company_id: int, until_on: dt.date, reason: str, now: dt.datetime,
    invoice_id: int | None = None, by: User | None = None,
) -> DunningHold:  # fmt: skip
    """Do not remind a customer, or of one invoice, until a day. What is proposed already stays. Raises InvalidInput."""
    if not reason.strip():
        raise InvalidInput("Say why nobody is reminded.", field="reason")
    if invoice_id and not Invoice.objects.filter(pk=invoice_id, customer=customer_id, company=company_id).exists():
        raise InvalidInput("Choose an invoice of this customer.", field="invoice")
    return DunningHold.objects.create(
        company_id=company_id, customer_id=customer_id, invoice_id=invoice_id, until_on=until_on,
        reason=reason.strip()[:200], made_at=now, by=by,
    )  # fmt: skip
