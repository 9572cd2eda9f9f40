"""What settles suppliers' invoices: parts of a payment with their currency difference, cash discount; and undoing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import Sum

from erp.ledger.models import Account, JournalEntry
from erp.ledger.reversing import AlreadyReversed, reverse_entry
from erp.ledger.services import LedgerLine, post_entry
from erp.payables.models import SupplierAllocation, SupplierInvoice, SupplierPayment
from erp.treasury.conversion import share
from masterdata import live
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import Plant, User
from masterdata.numbers import ZERO, allocate, money

Role, Kind = Account.Role, SupplierAllocation.Kind


class PaidTooMuch(Refusal):
    """More than the invoice has open, or than the credit note still gives."""

    code: ClassVar[str] = "paid_too_much"


class NoDiscountLeft(Refusal):
    """The supplier grants no such discount, or its day is over."""

    code: ClassVar[str] = "no_discount"


@dataclass(frozen=True, kw_only=True, slots=True)
class PaidPart:
    """What is paid of an invoice, or used of a credit note: above zero for both; `discount` is left off an invoice."""

    invoice_id: int
    amount: Decimal
    discount: Decimal = ZERO


@dataclass(slots=True)
class OpenBill:
    """A locked posted invoice with what has settled it, signed: below zero for a credit note, in both currencies."""

    invoice: SupplierInvoice
    settled: Decimal
    settled_own: Decimal

    @property
    def left(self) -> Decimal:
        return self.invoice.sign * self.invoice.gross_amount - self.settled

    def take(self, amount: Decimal) -> Decimal:
        """Settle so much (signed); what it takes of the own amount: all that is left when nothing stays open."""
        invoice = self.invoice
        own = share(
            whole=invoice.sign * invoice.own_gross, of=invoice.sign * invoice.gross_amount, before=self.settled,
            now=amount, taken=self.settled_own, decimals=invoice.company.currency.decimals,
        )  # fmt: skip
        self.settled += amount
        self.settled_own += own
        return own


def hold_bills(invoice_ids: Collection[int]) -> dict[int, OpenBill]:
    """Lock posted invoices by id; what has settled each is read afterwards."""
    rows = SupplierInvoice.objects.select_for_update(no_key=True, of=("self",)).filter(
        pk__in=invoice_ids, state=SupplierInvoice.State.POSTED
    )
    invoices = list(rows.select_related("company__currency", "supplier", "currency").order_by("pk"))
    sums: dict[int, Any] = {
        row["invoice"]: row
        for row in SupplierAllocation.objects.filter(invoice__in=invoice_ids).order_by().values("invoice")
        .annotate(amount=Sum("amount"), own=Sum("own_amount"))
    }  # fmt: skip
    none = {"amount": ZERO, "own": ZERO}
    found = ((one, sums.get(one.pk, none)) for one in invoices)
    return {one.pk: OpenBill(one, row["amount"], row["own"]) for one, row in found}


def check_parts(parts: Sequence[PaidPart], held: dict[int, OpenBill], paid_on: dt.date, **same: Any) -> None:
    """Each part is for a posted invoice of the `same` company, supplier and currency, and no more than is open."""
    if len({part.invoice_id for part in parts}) < len(parts):
        raise InvalidInput("Name each invoice once.", field="parts")
    for part in parts:
        one = held.get(part.invoice_id)
        if one is None or any(getattr(one.invoice, name) != value for name, value in same.items()):
            raise InvalidInput("Choose posted invoices of this supplier in the currency of the payment.", field="parts")
        _check_amount(one, part)
        _check_discount(one, part, paid_on)


def _check_amount(one: OpenBill, part: PaidPart) -> None:
    invoice, decimals = one.invoice, one.invoice.currency.decimals
    field = f"amount_{invoice.pk}"
    if part.amount <= 0 or any(money(amount, decimals) != amount for amount in (part.amount, part.discount)):
        raise InvalidInput("Enter an amount above zero, to the smallest coin.", field=field)
    left = abs(one.left)
    if part.amount + part.discount > left or invoice.sign * one.left < 0:
        raise PaidTooMuch(
            f"{invoice.number} has {money(left, decimals)} open: enter at most that.",
            field=field,
            supplier_invoice_id=invoice.pk,
            open=str(money(left, decimals)),
        )


def _check_discount(one: OpenBill, part: PaidPart, paid_on: dt.date) -> None:
    """A discount is taken in its days, with all the rest of the invoice."""
    if not part.discount:
        return
    invoice = one.invoice
    if invoice.discount_on is None or not 0 < part.discount <= invoice.discount_amount or paid_on > invoice.discount_on:
        until = f" until {invoice.discount_on:%d %B %Y}" if invoice.discount_on else ""
        raise NoDiscountLeft(
            f"{invoice.number} grants {money(invoice.discount_amount, invoice.currency.decimals)}{until}: take at most "
            "that, by then.",
            field=f"discount_{invoice.pk}",
        )
    if part.amount + part.discount != one.left:
        raise NoDiscountLeft(
            "A discount is for all the rest: pay what is open less it.", field=f"discount_{invoice.pk}"
        )


def settle(
    payment: SupplierPayment, parts: Sequence[PaidPart], held: dict[int, OpenBill], *, now: dt.datetime,
    by: User | None,
) -> list[SupplierAllocation]:  # fmt: skip
    """Allocate parts of a payment to locked and checked invoices; post discounts and realised differences."""
    used = payment.allocations.filter(kind=Kind.PAYMENT).aggregate(amount=Sum("amount"), own=Sum("own_payment"))
    before, taken = used["amount"] or ZERO, used["own"] or ZERO
    rows: list[SupplierAllocation] = []
    for index, part in enumerate(parts):
        one = held[part.invoice_id]
        amount = one.invoice.sign * part.amount
        own = one.take(amount)
        if payment.amount:
            own_payment = share(
                whole=payment.own_amount, of=payment.amount, before=before, now=amount, taken=taken,
                decimals=payment.company.currency.decimals,
            )  # fmt: skip
        else:  # documents settle each other: the last one bears the difference of their rates
            own_payment = own if index + 1 < len(parts) else -taken
        before, taken = before + amount, taken + own_payment
        row = SupplierAllocation(
            payment=payment, invoice=one.invoice, amount=amount, own_amount=own, own_payment=own_payment, made_at=now,
            by=by,
        )  # fmt: skip
        row.entry = _difference(row, now)
        rows.append(row)
        if part.discount:
            rows.append(_discount(payment, one, part.discount, now, by))
    for row in rows:
        live.publish("supplier_invoice", row.invoice_id)
    return SupplierAllocation.objects.bulk_create(rows)


def _difference(row: SupplierAllocation, now: dt.datetime) -> JournalEntry | None:
    """Money left at another rate than the invoice stands at: realised, so that payables are left with nothing."""
    amount = row.own_payment - row.own_amount
    if not amount:
        return None
    invoice = row.invoice
    side: dict[str, Any] = {"plant": home_of(invoice), "partner": invoice.supplier}
    return post_entry(
        company=invoice.company,
        kind=JournalEntry.Kind.CURRENCY,
        source=f"supplier_invoice:{invoice.pk}",
        lines=[
            LedgerLine(role=Role.CURRENCY_GAIN, amount=amount, **side),
            LedgerLine(
                role=Role.PAYABLE, amount=-amount, currency_id=invoice.currency_id, currency_amount=ZERO, **side
            ),
        ],
        now=now,
        memo=f"Currency difference of {invoice.number}",
    )


def _discount(
    payment: SupplierPayment, one: OpenBill, amount: Decimal, now: dt.datetime, by: User | None
) -> SupplierAllocation:
    own = one.take(amount)
    lines, tax = _discount_lines(one.invoice, amount, own)
    entry = post_entry(
        company=one.invoice.company,
        kind=JournalEntry.Kind.SUPPLIER_PAYMENT,
        source=f"supplier_payment:{payment.number}",
        lines=lines,
        now=now,
        memo=f"Cash discount on {one.invoice.number}",
    )
    return SupplierAllocation(
        kind=Kind.DISCOUNT, payment=payment, invoice=one.invoice, amount=amount, tax_amount=tax, own_amount=own,
        entry=entry, made_at=now, by=by,
    )  # fmt: skip


def _discount_lines(invoice: SupplierInvoice, amount: Decimal, own: Decimal) -> tuple[list[LedgerLine], Decimal]:
    """Payables against discounts taken and the input tax in the discount: discount x tax / gross, by code."""
    decimals, own_decimals = invoice.currency.decimals, invoice.company.currency.decimals
    codes = list(
        invoice.lines.exclude(tax_code=None).values_list("tax_code")
        .annotate(Sum("tax_amount"), Sum("own_tax"), Sum("own_net")).order_by("tax_code")
    )  # fmt: skip
    tax = money(amount * invoice.tax_amount / invoice.gross_amount, decimals) if codes else ZERO
    own_tax = money(own * invoice.own_tax / invoice.own_gross, own_decimals) if codes else ZERO
    side: dict[str, Any] = {"plant": home_of(invoice), "partner": invoice.supplier}
    is_foreign = invoice.currency_id != invoice.company.currency_id

    def beside(part: Decimal) -> dict[str, Any]:
        return {"currency_id": invoice.currency_id, "currency_amount": part} if is_foreign else {}

    lines = [
        LedgerLine(role=Role.PAYABLE, amount=own, **side, **beside(amount)),
        LedgerLine(role=Role.DISCOUNT_TAKEN, amount=own_tax - own, **side, **beside(tax - amount)),
    ]
    if codes:
        parts = allocate(tax, [code[1] for code in codes], decimals)
        own_parts = allocate(own_tax, [code[2] for code in codes], own_decimals)
        bases = allocate(own - own_tax, [code[3] for code in codes], own_decimals)
        lines += [
            LedgerLine(
                role=Role.INPUT_TAX, amount=-own_part, tax_code_id=code[0], tax_base=-base, **side, **beside(-part)
            )
            for code, part, own_part, base in zip(codes, parts, own_parts, bases, strict=True)
        ]
    return lines, tax


def home_of(invoice: SupplierInvoice) -> Plant:
    """The company's first plant: its books carry what is owed."""
    return invoice.company.plants.order_by("pk")[0]


@transaction.atomic
def undo_supplier_allocation(
    *, allocation_id: int, reason: str, now: dt.datetime, by: User | None = None
) -> list[SupplierAllocation]:
    """Take back what settled a supplier's invoice, by linked rows and entries; a discount goes with its payment.

    Locks the invoice. Raises AlreadyReversed, InvalidInput.
    """
    if not reason.strip():
        raise InvalidInput("Say why it is undone.", field="reason")
    row = SupplierAllocation.objects.get(pk=allocation_id)
    hold_bills([row.invoice_id])
    if row.reverses_id or SupplierAllocation.objects.filter(reverses=row).exists():
        raise AlreadyReversed("This was undone before: nothing is left to undo.", allocation_id=row.pk)
    rows = [row]
    if row.kind == Kind.PAYMENT:
        with_it = SupplierAllocation.objects.filter(payment=row.payment_id, invoice=row.invoice_id, kind=Kind.DISCOUNT)
        rows += list(with_it.filter(reverses=None, reversed_by=None).order_by("pk"))
    live.publish("supplier_invoice", row.invoice_id)
    return SupplierAllocation.objects.bulk_create([_reversed(one, reason.strip()[:200], now, by) for one in rows])


def _reversed(row: SupplierAllocation, reason: str, now: dt.datetime, by: User | None) -> SupplierAllocation:
    entry = reverse_entry(entry_id=row.entry_id, now=now, memo=reason) if row.entry_id else None
    return SupplierAllocation(
        kind=row.kind, payment_id=row.payment_id, invoice_id=row.invoice_id, amount=-row.amount,
        tax_amount=-row.tax_amount, own_amount=-row.own_amount, own_payment=-row.own_payment, entry=entry,
        reverses=row, reason=reason, made_at=now, by=by,
    )  # fmt: skip
