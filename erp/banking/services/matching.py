"""What a line of the bank is: an invoice that it pays, a payment that is recorded, or a posting to an account."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, ClassVar

from django.db import transaction

from erp.banking.models import BankLine, BankMatch, BankRule
from erp.banking.selectors import Proposed, proposals, with_rest
from erp.ledger.models import Account, JournalEntry
from erp.ledger.reversing import reverse_entry
from erp.ledger.services import LedgerLine, post_entry
from erp.payables.models import SupplierInvoice, SupplierPayment
from erp.payables.services import PaidPart, pay_supplier
from erp.payables.services.bearers import OPEN_ROLES
from erp.receivables.models import Invoice, Payment
from erp.receivables.services import PaymentPart, receive_money
from erp.treasury.banks import bank_line
from erp.treasury.conversion import conversion
from masterdata import live
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import User

# Where interest and charges go besides accounts without a role.
BY_HAND = {Account.Role.DUNNING_FEE, Account.Role.CURRENCY_GAIN, Account.Role.ROUNDING}
BOOKABLE = (OPEN_ROLES | BY_HAND) - {Account.Role.ACCRUED_COST}


class LineIsMatched(Refusal):
    """Nothing of the line is left, or the other side was matched meanwhile."""

    code: ClassVar[str] = "line_is_matched"


@transaction.atomic
def take_proposal(
    *, line_id: int, kind: str, target_id: int, now: dt.datetime, amount: Decimal | None = None,
    by: User | None = None,
) -> BankMatch:  # fmt: skip
    """Take what was proposed for a line, or `amount` of it: money for an invoice or a bill, or a recorded payment.

    Locks the line, then what the payment locks. Raises LineIsMatched, OverPayment, PaidTooMuch, PeriodClosed.
    """
    line = _held(line_id)
    found = next((one for one in proposals(line) if (one.kind, one.target_id) == (kind, target_id)), None)
    if found is None:
        raise LineIsMatched("This does not fit any more: look at the line again.", line_id=line_id)
    if kind == "account":
        return _booked(line, found.target_id, line.rest if amount is None else amount, found.reason, now, by)
    part = found.amount if amount is None else amount
    if kind in ("payment", "supplier_payment") and part != found.amount:
        raise InvalidInput("A recorded payment is matched whole.", field="amount")
    _check(line, part)
    match = BankMatch(line=line, amount=part, reason=found.reason[:200], matched_at=now, matched_by=by)
    if kind == "payment":
        match.payment = Payment.objects.select_for_update(no_key=True).order_by("pk").get(pk=target_id)
    elif kind == "supplier_payment":
        rows = SupplierPayment.objects.select_for_update(no_key=True)
        match.supplier_payment = rows.order_by("pk").get(pk=target_id)
    elif kind == "invoice":
        match.payment = _received(line, found, part, now, by)
    else:
        match.supplier_payment = _paid(line, found, part, now, by)
    return _saved(match)


@transaction.atomic
def take_on_account(*, line_id: int, customer_id: int, now: dt.datetime, by: User | None = None) -> BankMatch:
    """Money of a customer who does not say what for: on account. Locks the line. Raises LineIsMatched."""
    line = _held(line_id)
    _check(line, line.rest)
    payment = receive_money(
        company_id=line.bank_account.company_id, customer_id=customer_id, amount=line.rest, **_same(line, now, by)
    )
    return _saved(BankMatch(line=line, amount=line.rest, payment=payment, matched_at=now, matched_by=by))


@transaction.atomic
def book_line(
    *, line_id: int, account_id: int, now: dt.datetime, amount: Decimal | None = None, words: str = "",
    by: User | None = None,
) -> BankMatch:  # fmt: skip
    """Post a line, or a part of it, to an account: a fee, interest, rent. `words` are remembered for lines to come.

    Locks the line. Raises LineIsMatched, InvalidInput, PeriodClosed.
    """
    line = _held(line_id)
    match = _booked(line, account_id, line.rest if amount is None else amount, "", now, by)
    if words.strip():
        BankRule.objects.update_or_create(
            company_id=line.bank_account.company_id, words=words.strip()[:80], defaults={"account_id": account_id}
        )
    return match


@transaction.atomic
def undo_match(*, match_id: int, reason: str, now: dt.datetime, by: User | None = None) -> BankMatch:
    """Take a match back: what was posted to an account is reversed; a payment stays in the books, without its line.

    Undo what the payment settled on its own page. Locks the line. Raises LineIsMatched, InvalidInput.
    """
    if not reason.strip():
        raise InvalidInput("Say why it is undone.", field="reason")
    line_id = BankMatch.objects.values_list("line", flat=True).get(pk=match_id)
    _held(line_id)
    match = BankMatch.objects.select_for_update(no_key=True).order_by("pk").get(pk=match_id)
    if match.undone_at is not None:
        raise LineIsMatched("This was undone before.", match_id=match_id)
    if match.entry_id:
        reverse_entry(entry_id=match.entry_id, now=now, memo=reason.strip()[:200])
    match.undone_at, match.undone_by, match.undone_because = now, by, reason.strip()[:200]
    match.save(update_fields=["undone_at", "undone_by", "undone_because"])
    live.publish("bank", match_id)
    return match


def _held(line_id: int) -> Any:
    """The line, locked; what is left of it is read afterwards."""
    BankLine.objects.select_for_update(no_key=True).order_by("pk").get(pk=line_id)
    rows = BankLine.objects.select_related("bank_account__company__currency", "bank_account__currency")
    return with_rest(rows).get(pk=line_id)


def _check(line: Any, amount: Decimal) -> None:
    if not amount or amount * line.rest <= 0 or abs(amount) > abs(line.rest):
        raise LineIsMatched(f"{line.rest} of this line is left: match at most that.", field="amount", line_id=line.pk)


def _same(line: Any, now: dt.datetime, by: User | None) -> dict[str, Any]:
    bank = line.bank_account
    said = {"reference": line.text[:80], "now": now, "by": by}
    return said | {"received_on": line.booked_on, "currency_id": bank.currency_id, "bank_account_id": bank.pk}


def _received(line: Any, found: Proposed, amount: Decimal, now: dt.datetime, by: User | None) -> Payment:
    invoice = Invoice.objects.get(pk=found.target_id)
    discount = found.discount if amount == found.amount else Decimal(0)
    return receive_money(
        company_id=invoice.company_id,
        customer_id=invoice.customer_id,
        amount=amount,
        parts=[PaymentPart(invoice_id=invoice.pk, amount=amount, discount=discount)],
        **_same(line, now, by),
    )


def _paid(line: Any, found: Proposed, amount: Decimal, now: dt.datetime, by: User | None) -> SupplierPayment:
    bill = SupplierInvoice.objects.get(pk=found.target_id)
    discount = found.discount if amount == found.amount else Decimal(0)
    said = _same(line, now, by)
    return pay_supplier(
        company_id=bill.company_id,
        supplier_id=bill.supplier_id,
        parts=[PaidPart(invoice_id=bill.pk, amount=-amount, discount=discount)],
        paid_on=said.pop("received_on"),
        **said,
    )


def _booked(line: Any, account_id: int, amount: Decimal, reason: str, now: dt.datetime, by: User | None) -> BankMatch:
    _check(line, amount)
    bank = line.bank_account
    account = Account.objects.filter(pk=account_id, company=bank.company_id).first()
    if account is None or account.role not in BOOKABLE or account.pk == bank.account_id:
        raise InvalidInput(f"Choose an account of {bank.company.name} that is posted by hand.", field="account")
    rates = conversion(company=bank.company, currency=bank.currency, day=line.booked_on)
    plant = bank.company.plants.order_by("pk")[0]
    entry = post_entry(
        company=bank.company,
        kind=JournalEntry.Kind.PAYMENT,
        source=f"bank_line:{line.pk}",
        lines=[
            bank_line(bank, amount=amount, conversion=rates, plant=plant),
            LedgerLine(account_id=account.pk, amount=-rates.of(amount), plant=plant, **rates.beside(-amount)),
        ],
        now=now,
        memo=(line.text or line.partner_name)[:200],
    )
    match = BankMatch(line=line, amount=amount, entry=entry, reason=reason[:200], matched_at=now, matched_by=by)
    return _saved(match)


def _saved(match: BankMatch) -> BankMatch:
    """Raises LineIsMatched when its payment is on another line."""
    for name in ("payment", "supplier_payment"):
        row = getattr(match, name)
        if row is not None and BankMatch.objects.filter(undone_at=None, **{name: row}).exists():
            raise LineIsMatched(f"{row} is on another line of the bank.", line_id=match.line_id)
    match.save(force_insert=True)
    live.publish("bank", match.line_id)
    return match
