"""Money of customers: received, allocated to invoices or kept on account."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import ClassVar

from django.db import transaction

from erp import facts as erp_facts
from erp.ledger.models import Account, JournalEntry
from erp.ledger.services import LedgerLine, post_entry, posting_day
from erp.receivables.models import Allocation, Invoice, Payment
from erp.receivables.services.settling import (
    OpenInvoice,
    OverPayment,
    PaymentPart,
    check_discount,
    check_part,
    check_parts,
    hold_invoices,
    plant_of,
    settle,
)
from erp.treasury.banks import bank_for, bank_line
from erp.treasury.conversion import Conversion, conversion
from masterdata import facts, live
from masterdata.errors import InvalidInput
from masterdata.models import Company, Currency, Partner, Plant, User
from masterdata.numbering import next_numbers
from masterdata.numbers import ZERO, money

Role = Account.Role


class WrongPaymentDay(InvalidInput):
    """Money cannot have come on a day that lies ahead, nor before it was asked for."""

    code: ClassVar[str] = "wrong_payment_day"


@transaction.atomic
def receive_payment(
    *,
    invoice_id: int,
    amount: Decimal,
    received_on: dt.date,
    now: dt.datetime,
    reference: str = "",
    discount: Decimal = ZERO,
    bank_account_id: int | None = None,
    rate: Decimal | None = None,
    by: User | None = None,
) -> Payment:
    """Book money of a customer against one invoice, less a cash discount: `receive_money` with this one part.

    Raises OverPayment with what is open, NoDiscount, InvalidInput, WrongPaymentDay.
    """
    one = hold_invoices([invoice_id])[invoice_id]
    invoice = one.invoice
    part = PaymentPart(invoice_id=invoice_id, amount=amount, discount=discount)
    check_part(one, part)
    today = posting_day([LedgerLine(amount=amount, plant=plant_of(invoice))], now)
    _check_day(invoice, received_on, today=today, now=now)
    return receive_money(
        company_id=invoice.company_id,
        customer_id=invoice.customer_id,
        currency_id=invoice.currency_id,
        amount=amount,
        parts=[part],
        received_on=received_on,
        now=now,
        reference=reference,
        bank_account_id=bank_account_id,
        rate=rate,
        by=by,
    )


@transaction.atomic
def receive_money(
    *,
    company_id: int,
    customer_id: int,
    amount: Decimal,
    received_on: dt.date,
    now: dt.datetime,
    parts: Sequence[PaymentPart] = (),
    currency_id: int | None = None,
    bank_account_id: int | None = None,
    rate: Decimal | None = None,
    reference: str = "",
    by: User | None = None,
) -> Payment:
    """Book money of a customer: bank against receivable, a gapless number, PaymentReceived for each order.

    The parts pay invoices (or use up credit notes, below zero); what is left stays on account. An amount of zero
    settles documents with one another; below zero it pays credit notes back, and all of it has its parts. Currency:
    the company's unless named; in another at `rate`, else at the rate of the day the money came. Locks the invoices by
    id, the number series last. Raises OverPayment, NoDiscount, WrongPaymentDay, NoRate, PeriodClosed, InvalidInput.
    """
    company = Company.objects.select_related("currency").get(pk=company_id)
    customer = Partner.objects.get(pk=customer_id)
    currency = Currency.objects.get(pk=currency_id) if currency_id else company.currency
    if money(amount, currency.decimals) != amount or not (amount or parts):
        raise InvalidInput("Enter an amount above zero, to the smallest coin.", field="amount")
    held = hold_invoices([part.invoice_id for part in parts])
    check_parts(parts, held, company_id=company_id, customer_id=customer_id, currency_id=currency.pk)
    for part in parts:
        check_discount(held[part.invoice_id], part, received_on)
    rest = amount - sum((part.amount for part in parts), ZERO)
    if rest < 0 or (rest and amount <= 0):
        come, whole = money(amount - rest, currency.decimals), money(amount, currency.decimals)
        raise OverPayment(f"The parts come to {come}: they have to be {whole}.", field="parts")
    rates = conversion(company=company, currency=currency, day=received_on, rate=rate)
    bank = bank_for(company=company, currency=currency, bank_account_id=bank_account_id)
    plant = plant_of(held[parts[0].invoice_id].invoice) if parts else company.plants.order_by("pk")[0]
    postings = [
        bank_line(bank, amount=amount, conversion=rates, plant=plant, partner=customer),
        *_receivable(amount, parts, held, rates, customer, plant),
    ]
    today = posting_day(postings, now)
    if received_on > max(today, now.astimezone(dt.UTC).date()):
        raise lies_ahead(received_on, today)
    number = next_numbers(company=company, kind="PAY", year=today.year)[0]
    entry = None
    if amount:
        entry = post_entry(
            company=company,
            kind=JournalEntry.Kind.PAYMENT,
            source=f"payment:{number}",
            lines=postings,
            now=now,
            memo=f"{number} of {customer.name}",
        )
    payment = Payment.objects.create(
        number=number,
        company=company,
        customer=customer,
        currency=currency,
        rate=rates.value,
        amount=amount,
        own_amount=rates.of(amount),
        bank_account=bank,
        received_on=received_on,
        reference=reference[:80],
        by=by,
        entry=entry,
    )
    _told(payment, settle(payment, parts, held, now=now, by=by))
    return payment


@transaction.atomic
def allocate_payment(
    *, payment_id: int, parts: Sequence[PaymentPart], now: dt.datetime, by: User | None = None
) -> list[Allocation]:
    """Pay invoices with what is on account of a payment. Locks the invoices by id, then the payment.

    Raises OverPayment with what is left, NoDiscount, InvalidInput, PeriodClosed.
    """
    held = hold_invoices([part.invoice_id for part in parts])
    payment, left, _ = hold_payment(payment_id)
    check_parts(
        parts, held, company_id=payment.company_id, customer_id=payment.customer_id, currency_id=payment.currency_id
    )
    for part in parts:
        check_discount(held[part.invoice_id], part, payment.received_on)
    wanted = sum((part.amount for part in parts), ZERO)
    if not parts or wanted <= 0 or wanted > left:
        raise too_little(payment, left)
    rows = settle(payment, parts, held, now=now, by=by)
    _told(payment, rows)
    return rows


def hold_payment(payment_id: int) -> tuple[Payment, Decimal, Decimal]:
    """The payment, locked, and what is on account of it, in its currency and in ours."""
    rows = Payment.objects.select_for_update(no_key=True, of=("self",)).order_by("pk")
    payment = rows.select_related("company__currency", "customer", "currency").get(pk=payment_id)
    left = Payment.objects.with_open().values_list("open_amount", "open_own").get(pk=payment_id)
    return payment, left[0], left[1]


def too_little(payment: Payment, left: Decimal) -> OverPayment:
    """What is left of the payment, and what to do."""
    said = f"{money(left, payment.currency.decimals)} {payment.currency.code}"
    return OverPayment(
        f"{payment.number} has {said} on account: use at most that.", field="amount", payment_id=payment.pk,
        open=str(money(left, payment.currency.decimals)),
    )  # fmt: skip


def _receivable(
    amount: Decimal, parts: Sequence[PaymentPart], held: dict[int, OpenInvoice], rates: Conversion, customer: Partner,
    plant: Plant,
) -> list[LedgerLine]:  # fmt: skip
    """The credit to receivables by order; what is on account names none. Own amounts sum to the bank's."""
    by_order: dict[int | None, Decimal] = defaultdict(Decimal)
    for part in parts:
        by_order[held[part.invoice_id].invoice.order_id] += part.amount
    if rest := amount - sum(by_order.values(), ZERO):
        by_order[None] += rest
    own, done, lines = rates.of(amount), ZERO, []
    for index, (order_id, part_amount) in enumerate(by_order.items()):
        own_part = own - done if index + 1 == len(by_order) else rates.of(part_amount)
        done += own_part
        lines.append(
            LedgerLine(
                role=Role.RECEIVABLE, amount=-own_part, plant=plant, partner=customer, sales_order_id=order_id,
                **rates.beside(-part_amount),
            )
        )  # fmt: skip
    return lines


def _told(payment: Payment, rows: Sequence[Allocation]) -> None:
    for order_id in sorted({row.invoice.order_id for row in rows if row.invoice.order_id}):
        facts.state(erp_facts.PaymentReceived(order_id=order_id, payment_id=payment.pk))
        live.publish("order", order_id)
    live.publish("payment", payment.pk)


def _check_day(invoice: Invoice, received_on: dt.date, *, today: dt.date, now: dt.datetime) -> None:
    """Raises WrongPaymentDay. Programs count days in UTC, plants in their own zone: both todays are taken."""
    elsewhere = now.astimezone(dt.UTC).date()
    if received_on > max(today, elsewhere):
        raise lies_ahead(received_on, today)
    if received_on < min(invoice.issued_on, elsewhere):
        raise WrongPaymentDay(
            f"{invoice.number} was issued on {_said(invoice.issued_on)}: enter that day or a later one.",
            field="received_on",
            earliest=invoice.issued_on.isoformat(),
        )


def lies_ahead(day: dt.date, today: dt.date) -> WrongPaymentDay:
    """Money that has not come yet."""
    return WrongPaymentDay(
        f"{_said(day)} has not come yet: enter the day on which the money came, today at the latest.",
        field="received_on",
        latest=today.isoformat(),
    )


def _said(day: dt.date) -> str:
    return f"{day.day} {day:%B %Y}"
