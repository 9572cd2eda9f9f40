"""Money on account that goes back to the customer."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.db import transaction

from erp.ledger.models import Account, JournalEntry
from erp.ledger.services import LedgerLine, post_entry, posting_day
from erp.receivables.models import Payment
from erp.receivables.services.payments import hold_payment, lies_ahead, too_little
from erp.treasury.banks import bank_for, bank_line
from erp.treasury.conversion import conversion, share
from masterdata.errors import InvalidInput
from masterdata.models import User
from masterdata.numbering import next_numbers
from masterdata.numbers import ZERO, money

Role = Account.Role


@transaction.atomic
def refund_payment(
    *,
    payment_id: int,
    amount: Decimal,
    paid_on: dt.date,
    now: dt.datetime,
    bank_account_id: int | None = None,
    rate: Decimal | None = None,
    reference: str = "",
    by: User | None = None,
) -> Payment:
    """Give back what is on account of a payment, whole or in part: a payment below zero that names it.

    It takes the payment's own share of receivables; money that leaves at another rate realises the difference. Locks
    the payment, the number series last. Raises OverPayment with what is left, WrongPaymentDay, PeriodClosed.
    """
    payment, left, left_own = hold_payment(payment_id)
    if amount <= 0 or money(amount, payment.currency.decimals) != amount:
        raise InvalidInput("Enter an amount above zero, to the smallest coin.", field="amount")
    if amount > left:
        raise too_little(payment, left)
    company = payment.company
    own = share(whole=left_own, of=left, before=ZERO, now=amount, taken=ZERO, decimals=company.currency.decimals)
    rates = conversion(company=company, currency=payment.currency, day=paid_on, rate=rate)
    bank = bank_for(company=company, currency=payment.currency, bank_account_id=bank_account_id)
    plant = company.plants.order_by("pk")[0]
    postings = [
        bank_line(bank, amount=-amount, conversion=rates, plant=plant, partner=payment.customer),
        LedgerLine(role=Role.RECEIVABLE, amount=own, plant=plant, partner=payment.customer, **rates.beside(amount)),
        LedgerLine(role=Role.CURRENCY_GAIN, amount=rates.of(amount) - own, plant=plant, partner=payment.customer),
    ]
    today = posting_day(postings, now)
    if paid_on > max(today, now.astimezone(dt.UTC).date()):
        raise lies_ahead(paid_on, today)
    number = next_numbers(company=company, kind="PAY", year=today.year)[0]
    entry = post_entry(
        company=company,
        kind=JournalEntry.Kind.PAYMENT,
        source=f"payment:{number}",
        lines=postings,
        now=now,
        memo=f"{number}: {payment.number} paid back",
    )
    return Payment.objects.create(
        number=number,
        company=company,
        customer=payment.customer,
        currency=payment.currency,
        rate=rates.value,
        amount=-amount,
        own_amount=-own,
        bank_account=bank,
        refunds=payment,
        received_on=paid_on,
        reference=reference[:80],
        by=by,
        entry=entry,
    )
