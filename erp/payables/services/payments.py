"""Payments to suppliers: open invoices paid, credit notes used up, money sent in advance."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from django.db import transaction

from erp.ledger.models import Account, JournalEntry
from erp.ledger.services import LedgerLine, post_entry, posting_day
from erp.payables.models import SupplierAllocation, SupplierPayment
from erp.payables.services.settling import OpenBill, PaidPart, PaidTooMuch, check_parts, hold_bills, settle
from erp.treasury.banks import bank_for, bank_line
from erp.treasury.conversion import conversion
from masterdata.errors import InvalidInput
from masterdata.models import Company, Currency, Partner, User
from masterdata.numbering import next_numbers
from masterdata.numbers import ZERO, money

Parts = Sequence[tuple[int, Decimal] | PaidPart]


@transaction.atomic
def pay_supplier(
    *,
    company_id: int,
    supplier_id: int,
    parts: Parts,
    paid_on: dt.date,
    now: dt.datetime,
    reference: str = "",
    amount: Decimal | None = None,
    currency_id: int | None = None,
    bank_account_id: int | None = None,
    rate: Decimal | None = None,
    by: User | None = None,
) -> SupplierPayment:
    """Pay posted invoices of a supplier: payables against bank, a gapless number.

    `parts` are amounts above zero, with the discount left off; the amount of a credit note is taken off what is paid.
    Parts that cancel out settle each other without money. `amount`, when it is more than the parts: the rest is paid in
    advance; below zero, as much as the credit notes are more than the invoices: that came back. Currency: the
    invoices', at `rate`, else at the day's. Locks the invoices by id, the number series last. Raises PaidTooMuch,
    NoDiscountLeft, NoRate, InvalidInput, PeriodClosed.
    """
    company = Company.objects.select_related("currency").get(pk=company_id)
    supplier = Partner.objects.get(pk=supplier_id)
    meant = [part if isinstance(part, PaidPart) else PaidPart(invoice_id=part[0], amount=part[1]) for part in parts]
    held = hold_bills([part.invoice_id for part in meant])
    currency = _currency(company, meant, held, currency_id)
    check_parts(meant, held, paid_on, company_id=company_id, supplier_id=supplier_id, currency_id=currency.pk)
    total = _total(meant, held, amount, currency)
    rates = conversion(company=company, currency=currency, day=paid_on, rate=rate)
    bank = bank_for(company=company, currency=currency, bank_account_id=bank_account_id)
    plant = company.plants.order_by("pk")[0]
    postings = [
        LedgerLine(
            role=Account.Role.PAYABLE, amount=rates.of(total), plant=plant, partner=supplier, **rates.beside(total)
        ),
        bank_line(bank, amount=-total, conversion=rates, plant=plant, partner=supplier),
    ]
    today = posting_day(postings, now)
    if paid_on > max(today, now.astimezone(dt.UTC).date()):
        raise InvalidInput("The day of payment lies ahead: enter today at the latest.", field="paid_on")
    number = next_numbers(company=company, kind="SP", year=today.year)[0]
    entry = None
    if total:
        entry = post_entry(
            company=company,
            kind=JournalEntry.Kind.SUPPLIER_PAYMENT,
            source=f"supplier_payment:{number}",
            lines=postings,
            now=now,
            memo=f"{number} to {supplier.name}",
        )
    payment = SupplierPayment.objects.create(
        number=number,
        company=company,
        supplier=supplier,
        currency=currency,
        rate=rates.value,
        amount=total,
        own_amount=rates.of(total),
        bank_account=bank,
        paid_on=paid_on,
        reference=reference[:80],
        by=by,
        entry=entry,
    )
    settle(payment, meant, held, now=now, by=by)
    return payment


@transaction.atomic
def allocate_supplier_payment(
    *, payment_id: int, parts: Parts, now: dt.datetime, by: User | None = None
) -> list[SupplierAllocation]:
    """Pay invoices with what was sent in advance. Locks the invoices by id, then the payment.

    Raises PaidTooMuch with what is left, NoDiscountLeft, InvalidInput, PeriodClosed.
    """
    meant = [part if isinstance(part, PaidPart) else PaidPart(invoice_id=part[0], amount=part[1]) for part in parts]
    held = hold_bills([part.invoice_id for part in meant])
    rows = SupplierPayment.objects.select_for_update(no_key=True, of=("self",)).order_by("pk")
    payment = rows.select_related("company__currency", "supplier", "currency").get(pk=payment_id)
    same = {"company_id": payment.company_id, "supplier_id": payment.supplier_id, "currency_id": payment.currency_id}
    check_parts(meant, held, payment.paid_on, **same)
    left = SupplierPayment.objects.with_open().values_list("open_amount", flat=True).get(pk=payment_id)
    wanted = sum((held[part.invoice_id].invoice.sign * part.amount for part in meant), ZERO)
    if not meant or wanted <= 0 or wanted > left:
        rest = money(left, payment.currency.decimals)
        raise PaidTooMuch(f"{payment.number} has {rest} left: use at most that.", field="parts", open=str(rest))
    return settle(payment, meant, held, now=now, by=by)


def _currency(
    company: Company, parts: Sequence[PaidPart], held: dict[int, OpenBill], currency_id: int | None
) -> Currency:
    """The one named, else the invoices', else the company's."""
    if currency_id is not None:
        return Currency.objects.get(pk=currency_id)
    first = next((held[part.invoice_id] for part in parts if part.invoice_id in held), None)
    return first.invoice.currency if first else company.currency


def _total(parts: Sequence[PaidPart], held: dict[int, OpenBill], amount: Decimal | None, currency: Currency) -> Decimal:
    total = sum((held[part.invoice_id].invoice.sign * part.amount for part in parts), ZERO)
    if amount is not None:
        if amount < total or money(amount, currency.decimals) != amount or (amount > total and amount <= 0):
            raise InvalidInput(f"The invoices come to {total}: pay at least that.", field="amount")
        return amount
    if not parts:
        raise InvalidInput("Name the invoices, or an amount in advance.", field="parts")
    if total < 0:
        raise InvalidInput(
            "The credit notes are more than the invoices: pay at least as much, or name the amount that came back.",
            field="parts",
        )
    return total
