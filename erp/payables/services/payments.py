"""Payments to suppliers: open invoices paid, credit notes used up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import ClassVar

from django.db import transaction
from django.db.models import Sum

from erp.ledger.models import Account, JournalEntry
from erp.ledger.services import LedgerLine, post_entry, posting_day
from erp.payables.models import SupplierAllocation, SupplierInvoice, SupplierPayment
from masterdata import live
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import Company, Partner
from masterdata.numbering import next_numbers
from masterdata.numbers import ZERO, money


class PaidTooMuch(Refusal):
    """More than the invoice has open, or than the credit note still gives."""

    code: ClassVar[str] = "paid_too_much"


@transaction.atomic
def pay_supplier(
    *,
    company_id: int,
    supplier_id: int,
    parts: Sequence[tuple[int, Decimal]],
    paid_on: dt.date,
    now: dt.datetime,
    reference: str = "",
) -> SupplierPayment:
    """Pay posted invoices of a supplier: payables against bank, a gapless number.

    `parts` are (invoice, amount above zero); the amount of a credit note is taken off what is paid. Parts that cancel
    out settle each other without money. Locks the invoices by id, the number series last. Raises PaidTooMuch,
    InvalidInput, PeriodClosed.
    """
    company = Company.objects.select_related("currency").get(pk=company_id)
    supplier = Partner.objects.get(pk=supplier_id)
    amounts = _amounts(company, supplier, parts)
    total = sum(amounts.values(), ZERO)
    if total < 0:
        raise InvalidInput("The credit notes are more than the invoices: pay at least as much.", field="parts")
    plant = company.plants.order_by("pk")[0]
    postings = [
        LedgerLine(role=role, amount=signed, plant=plant, partner=supplier)
        for role, signed in ((Account.Role.PAYABLE, total), (Account.Role.BANK, -total))
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
        currency=company.currency,
        amount=total,
        paid_on=paid_on,
        reference=reference[:80],
        entry=entry,
    )
    SupplierAllocation.objects.bulk_create(
        SupplierAllocation(payment=payment, invoice_id=invoice_id, amount=amount)
        for invoice_id, amount in amounts.items()
    )
    for invoice_id in amounts:
        live.publish("supplier_invoice", invoice_id)
    return payment


def _amounts(company: Company, supplier: Partner, parts: Sequence[tuple[int, Decimal]]) -> dict[int, Decimal]:
    """What each part does to what the supplier is owed, checked against what is open."""
    wanted = dict(parts)
    if not parts or len(wanted) < len(parts):
        raise InvalidInput("Name each invoice once.", field="parts")
    rows = SupplierInvoice.objects.select_for_update(no_key=True).filter(
        pk__in=wanted, company=company, supplier=supplier, state=SupplierInvoice.State.POSTED
    )
    invoices = {row.pk: row for row in rows.order_by("pk")}
    paid = dict(
        SupplierAllocation.objects.filter(invoice__in=wanted).values_list("invoice").annotate(Sum("amount")).order_by()
    )
    amounts = {}
    for invoice_id, amount in wanted.items():
        invoice = invoices.get(invoice_id)
        if invoice is None:
            raise InvalidInput(f"Choose posted invoices of {supplier.name}.", field="parts")
        decimals = company.currency.decimals
        if amount <= 0 or money(amount, decimals) != amount:
            raise InvalidInput("Enter an amount above zero, to the smallest coin.", field=f"amount_{invoice_id}")
        left = invoice.gross_amount - invoice.sign * paid.get(invoice_id, ZERO)
        if amount > left:
            raise PaidTooMuch(
                f"{invoice.number} has {money(left, decimals)} open: enter at most that.",
                field=f"amount_{invoice_id}",
                supplier_invoice_id=invoice_id,
                open=str(money(left, decimals)),
            )
        amounts[invoice_id] = invoice.sign * amount
    return amounts
