"""Small rests of invoices that are given up."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django.db import transaction

from erp.ledger.models import Account, JournalEntry
from erp.ledger.services import LedgerLine, post_entry
from erp.receivables.models import Allocation
from erp.receivables.services.settling import hold_invoices, plant_of, tell
from erp.treasury.banks import policy_of
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import User
from masterdata.numbers import money

Role, Kind = Account.Role, Allocation.Kind


class TooMuchToWriteOff(Refusal):
    """The rest is more than the company writes off."""

    code: ClassVar[str] = "too_much_to_write_off"


@transaction.atomic
def write_off(*, invoice_id: int, reason: str, now: dt.datetime, by: User | None = None) -> Allocation:
    """Give up what is open of an invoice, within the company's limit: bad debts against receivable.

    The tax stays as it was invoiced: a credit note takes tax back. Locks the invoice. Raises TooMuchToWriteOff,
    InvalidInput, PeriodClosed.
    """
    one = hold_invoices([invoice_id])[invoice_id]
    invoice, left = one.invoice, one.left
    if not reason.strip():
        raise InvalidInput("Say why it is written off.", field="reason")
    if not left:
        raise InvalidInput(f"{invoice.number} has nothing open.", field="invoice")
    own = one.take(left)
    limit = policy_of(invoice.company_id).write_off_limit
    if abs(own) > limit:
        code = invoice.company.currency.code
        raise TooMuchToWriteOff(
            f"{invoice.number} has {money(left, invoice.currency.decimals)} open and up to "
            f"{money(limit, invoice.company.currency.decimals)} {code} is written off: credit it instead.",
            field="reason",
            limit=str(limit),
        )
    side: dict[str, Any] = {"plant": plant_of(invoice), "partner": invoice.customer, "sales_order_id": invoice.order_id}
    beside: dict[str, Any] = {"currency_id": invoice.currency_id, "currency_amount": -left}
    is_foreign = invoice.currency_id != invoice.company.currency_id
    entry = post_entry(
        company=invoice.company,
        kind=JournalEntry.Kind.WRITE_OFF,
        source=f"invoice:{invoice.number}",
        lines=[
            LedgerLine(role=Role.BAD_DEBT, amount=own, **side),
            LedgerLine(role=Role.RECEIVABLE, amount=-own, **side, **(beside if is_foreign else {})),
        ],
        now=now,
        memo=f"{invoice.number}: {reason.strip()}"[:200],
    )
    row = Allocation.objects.create(
        kind=Kind.WRITE_OFF, invoice=invoice, amount=left, own_amount=own, entry=entry, reason=reason.strip()[:200],
        made_at=now, by=by,
    )  # fmt: skip
    tell([row])
    return row
