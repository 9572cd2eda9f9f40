"""What settles an invoice: parts of a payment with their currency difference, discount, small rests; and undoing."""

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
from erp.receivables.models import Allocation, Invoice, Payment
from erp.receivables.services.discounts import discount_lines
from erp.treasury.banks import policy_of
from erp.treasury.conversion import share
from masterdata import live
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import User
from masterdata.numbers import ZERO, money

Role, Kind = Account.Role, Allocation.Kind


class OverPayment(Refusal):
    """More money than the invoice still asks for, or than is left of the payment."""

    code = "over_payment"


class NoDiscount(Refusal):
    """The invoice grants no such discount, or its day is over."""

    code: ClassVar[str] = "no_discount"


@dataclass(frozen=True, kw_only=True, slots=True)
class PaymentPart:
    """What of a payment is for which invoice, in their currency; of a credit note below zero. `discount`: left off."""

    invoice_id: int
    amount: Decimal
    discount: Decimal = ZERO


@dataclass(slots=True)
class OpenInvoice:
    """A locked invoice with what has settled it so far, in both currencies."""

    invoice: Invoice
    settled: Decimal
    settled_own: Decimal

    @property
    def left(self) -> Decimal:
        return self.invoice.gross_amount - self.settled

    def take(self, amount: Decimal) -> Decimal:
        """Settle so much; what it takes of the invoice's own amount, all that is left when nothing stays open."""
        own = share(
            whole=self.invoice.own_gross, of=self.invoice.gross_amount, before=self.settled, now=amount,
            taken=self.settled_own, decimals=self.invoice.company.currency.decimals,
        )  # fmt: skip
        self.settled += amount
        self.settled_own += own
        return own


def hold_invoices(invoice_ids: Collection[int]) -> dict[int, OpenInvoice]:
    """Lock the invoices by id; what has settled each is read afterwards."""
    rows = Invoice.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=invoice_ids)
    invoices = list(rows.select_related("company__currency", "customer", "currency").order_by("pk"))
    sums: dict[int, Any] = {
        row["invoice"]: row
        for row in Allocation.objects.filter(invoice__in=invoice_ids).order_by().values("invoice")
        .annotate(amount=Sum("amount"), own=Sum("own_amount"))
    }  # fmt: skip
    none = {"amount": ZERO, "own": ZERO}
    found = ((one, sums.get(one.pk, none)) for one in invoices)
    return {one.pk: OpenInvoice(one, row["amount"], row["own"]) for one, row in found}


def check_parts(parts: Sequence[PaymentPart], held: dict[int, OpenInvoice], **same: Any) -> None:
    """Each part is for an invoice of the `same` company, customer and currency, and no more than is open of it."""
    if len({part.invoice_id for part in parts}) < len(parts):
        raise InvalidInput("Name each invoice once.", field="parts")
    for part in parts:
        one = held.get(part.invoice_id)
        if one is None or any(getattr(one.invoice, name) != value for name, value in same.items()):
            raise InvalidInput("Choose invoices of this customer in the currency of the payment.", field="parts")
        check_part(one, part)


def check_part(one: OpenInvoice, part: PaymentPart) -> None:
    """The amount has the sign of the invoice, whole coins, and with its discount fits what is open."""
    invoice, decimals = one.invoice, one.invoice.currency.decimals
    sign = -1 if invoice.gross_amount < 0 else 1
    if sign * part.amount <= 0 or any(money(one, decimals) != one for one in (part.amount, part.discount)):
        raise InvalidInput("Enter an amount above zero, to the smallest coin.", field="amount")
    if sign * (part.amount + part.discount) > sign * one.left:
        owed = f"{money(one.left, decimals)} {invoice.currency.code}"
        raise OverPayment(
            f"{invoice.number} has {owed} open: enter at most that.",
            field="amount",
            invoice_id=invoice.pk,
            open=str(money(one.left, decimals)),
        )


def check_discount(one: OpenInvoice, part: PaymentPart, paid_on: dt.date) -> None:
    """A discount pays the rest of its invoice, on its day (or the company's days of grace) at the latest, once."""
    if not part.discount:
        return
    invoice, decimals = one.invoice, one.invoice.currency.decimals
    grace = dt.timedelta(days=policy_of(invoice.company_id).discount_grace_days)
    if invoice.discount_on is None or part.discount < 0 or part.discount > invoice.discount_amount:
        most = money(invoice.discount_amount, decimals)
        raise NoDiscount(
            f"{invoice.number} grants {most} of discount: enter at most that.", field="discount", most=str(most)
        )
    if paid_on > invoice.discount_on + grace:
        raise NoDiscount(
            f"{invoice.number} granted a discount until {invoice.discount_on.day} {invoice.discount_on:%B %Y}: "
            "take the whole amount, or credit it.",
            field="discount",
            until=invoice.discount_on.isoformat(),
        )
    if part.amount + part.discount != one.left:
        raise NoDiscount(
            "A discount is for who pays all the rest: enter what is open less the discount.", field="discount"
        )


def settle(
    payment: Payment, parts: Sequence[PaymentPart], held: dict[int, OpenInvoice], *, now: dt.datetime, by: User | None
) -> list[Allocation]:
    """Allocate parts of a payment to locked and checked invoices; post discounts and realised differences."""
    used = payment.allocations.filter(kind=Kind.PAYMENT).aggregate(amount=Sum("amount"), own=Sum("own_payment"))
    before, taken = used["amount"] or ZERO, used["own"] or ZERO
    decimals = payment.company.currency.decimals
    rows: list[Allocation] = []
    for index, part in enumerate(parts):
        one = held[part.invoice_id]
        own = one.take(part.amount)
        if payment.amount:
            own_payment = share(
                whole=payment.own_amount, of=payment.amount, before=before, now=part.amount, taken=taken,
                decimals=decimals,
            )  # fmt: skip
        else:  # documents settle each other: the last one bears the difference of their rates
            own_payment = own if index + 1 < len(parts) else -taken
        before, taken = before + part.amount, taken + own_payment
        row = Allocation(
            payment=payment, invoice=one.invoice, amount=part.amount, own_amount=own, own_payment=own_payment,
            made_at=now, by=by,
        )  # fmt: skip
        row.entry = _difference(row, now)
        rows.append(row)
        if part.discount:
            rows.append(_discount(payment, one, part.discount, now, by))
    return Allocation.objects.bulk_create(rows)


def _difference(row: Allocation, now: dt.datetime) -> JournalEntry | None:
    """Money came at another rate than it was asked for: the difference is realised; receivables are left with none."""
    amount = row.own_payment - row.own_amount
    if not amount:
        return None
    invoice = row.invoice
    side: dict[str, Any] = {"plant": plant_of(invoice), "partner": invoice.customer, "sales_order_id": invoice.order_id}
    zero: dict[str, Any] = {"currency_id": invoice.currency_id, "currency_amount": ZERO}
    return post_entry(
        company=invoice.company,
        kind=JournalEntry.Kind.CURRENCY,
        source=f"invoice:{invoice.number}",
        lines=[
            LedgerLine(role=Role.RECEIVABLE, amount=amount, **side, **zero),
            LedgerLine(role=Role.CURRENCY_GAIN, amount=-amount, **side),
        ],
        now=now,
        memo=f"Currency difference of {invoice.number}",
    )


def _discount(payment: Payment, one: OpenInvoice, amount: Decimal, now: dt.datetime, by: User | None) -> Allocation:
    own = one.take(amount)
    lines, tax = discount_lines(one.invoice, amount=amount, own=own, plant=plant_of(one.invoice))
    entry = post_entry(
        company=one.invoice.company,
        kind=JournalEntry.Kind.PAYMENT,
        source=f"payment:{payment.number}",
        lines=lines,
        now=now,
        memo=f"Cash discount on {one.invoice.number}",
    )
    return Allocation(
        kind=Kind.DISCOUNT, payment=payment, invoice=one.invoice, amount=amount, tax_amount=tax, own_amount=own,
        entry=entry, made_at=now, by=by,
    )  # fmt: skip


def plant_of(invoice: Invoice) -> Any:
    """The plant whose books carry it: of its order's first line, else the company's first."""
    if invoice.order_id:
        line = invoice.order.lines.select_related("plant").order_by("line_no").first()  # type: ignore[union-attr]
        if line is not None:
            return line.plant
    return invoice.company.plants.order_by("pk")[0]


@transaction.atomic
def undo_allocation(*, allocation_id: int, reason: str, now: dt.datetime, by: User | None = None) -> list[Allocation]:
    """Take back what settled an invoice, by linked rows and entries; the money is on account again.

    A discount goes with the payment that took it. Locks the invoice. Raises AlreadyReversed, InvalidInput.
    """
    if not reason.strip():
        raise InvalidInput("Say why it is undone.", field="reason")
    row = Allocation.objects.get(pk=allocation_id)
    hold_invoices([row.invoice_id])
    rows = [row]
    if row.kind == Kind.PAYMENT:
        with_it = Allocation.objects.filter(payment=row.payment_id, invoice=row.invoice_id, kind=Kind.DISCOUNT)
        rows += list(with_it.filter(reverses=None, reversed_by=None).order_by("pk"))
    if row.reverses_id or Allocation.objects.filter(reverses=row).exists():
        raise AlreadyReversed("This was undone before: nothing is left to undo.", allocation_id=row.pk)
    undone = [_reversed(one, reason.strip()[:200], now, by) for one in rows]
    made = Allocation.objects.bulk_create(undone)
    tell(made)
    return made


def _reversed(row: Allocation, reason: str, now: dt.datetime, by: User | None) -> Allocation:
    entry = reverse_entry(entry_id=row.entry_id, now=now, memo=reason) if row.entry_id else None
    return Allocation(
        kind=row.kind, payment_id=row.payment_id, invoice_id=row.invoice_id, amount=-row.amount,
        tax_amount=-row.tax_amount, own_amount=-row.own_amount, own_payment=-row.own_payment, entry=entry,
        reverses=row, reason=reason, made_at=now, by=by,
    )  # fmt: skip


def tell(rows: Sequence[Allocation]) -> None:
    """Pages of the invoices and their orders fetch themselves again."""
    for row in rows:
        live.publish("invoice", row.invoice_id)
        if row.invoice.order_id:
            live.publish("order", row.invoice.order_id)
