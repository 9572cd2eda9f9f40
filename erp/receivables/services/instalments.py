"""When the parts of an invoice are due: what its terms say, and what is open of each on the way to being paid."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from erp.receivables.models import Invoice, InvoiceInstalment
from masterdata.models import PaymentTerm
from masterdata.numbers import ZERO, allocate


@dataclass(frozen=True, slots=True)
class DueItem:
    """What is open of an invoice, or of one of its instalments, and since when it is due."""

    invoice: Any
    instalment: InvoiceInstalment | None
    due_on: dt.date
    open_amount: Decimal


def due_items(invoice: Any) -> list[DueItem]:
    """The open parts of an invoice with its `open_amount`, the first due first; money pays the first instalment first.

    Reads `invoice.instalments`, which may be prefetched.
    """
    parts = instalments_of(invoice)
    if not parts and invoice.open_amount:
        return [DueItem(invoice, None, invoice.due_on, invoice.open_amount)]
    return [DueItem(invoice, one, one.due_on, left) for one, left in parts if left]


def instalments_of(invoice: Any) -> list[tuple[InvoiceInstalment, Decimal]]:
    """Each instalment of an invoice with its `open_amount`, and what of it is open."""
    parts = sorted(invoice.instalments.all(), key=lambda one: one.number)
    return [(one, min(one.amount, max(ZERO, invoice.open_amount - one.rest_amount))) for one in parts]


def last_day(term: PaymentTerm | None, issued_on: dt.date) -> dt.date:
    """When all of an invoice is due."""
    days = max(days for _, days in term.parts) if term else 30
    return issued_on + dt.timedelta(days=days)


def write_instalments(invoice: Invoice, term: PaymentTerm | None) -> None:
    """The instalments of an invoice just posted; none when it is due in one part, or asks for nothing.

    Both amounts are split by the term's percents, by largest remainder: the parts sum to the whole.
    """
    parts = sorted(term.parts, key=lambda one: one[1]) if term else []
    if len(parts) < 2 or invoice.gross_amount <= 0:
        return
    weights = [percent for percent, _ in parts]
    amounts = allocate(invoice.gross_amount, weights, invoice.currency.decimals)
    own = allocate(invoice.own_gross, weights, invoice.company.currency.decimals)
    rows = []
    rest, rest_own = invoice.gross_amount, invoice.own_gross
    for number, ((_, days), amount, own_amount) in enumerate(zip(parts, amounts, own, strict=True), 1):
        rest, rest_own = rest - amount, rest_own - own_amount
        row = InvoiceInstalment(invoice=invoice, number=number, due_on=invoice.issued_on + dt.timedelta(days=days))
        row.amount, row.own_amount, row.rest_amount, row.rest_own = amount, own_amount, rest, rest_own
        rows.append(row)
    InvoiceInstalment.objects.bulk_create(rows)
