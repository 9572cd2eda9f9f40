"""Payment proposals: drafted from what is due, agreed to by somebody else, paid. And holds that keep invoices out."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from erp.payables.models import PaymentHold, PaymentProposal, PaymentProposalLine, SupplierInvoice
from erp.payables.selectors import with_open
from erp.payables.services.payments import pay_supplier
from erp.payables.services.settling import PaidPart, hold_bills
from erp.treasury.banks import bank_for
from masterdata import live
from masterdata.errors import InvalidInput, Refusal, StaleVersion
from masterdata.models import Company, Currency, User
from masterdata.numbering import next_numbers
from masterdata.numbers import ZERO, money

State = PaymentProposal.State


class NothingToPay(Refusal):
    """Nothing is due until then that no other proposal has."""

    code: ClassVar[str] = "nothing_to_pay"


class ProposalIsOver(Refusal):
    """The proposal is not in the state that the deed is for."""

    code: ClassVar[str] = "proposal_is_over"


class OwnProposal(Refusal):
    """Who made a proposal does not approve it."""

    code: ClassVar[str] = "own_proposal"


class AlreadyProposed(Refusal):
    """Another open proposal pays the invoice, or somebody holds it."""

    code: ClassVar[str] = "already_proposed"


@dataclass(frozen=True, kw_only=True, slots=True)
class ProposedPart:
    """What of an invoice is paid; of a credit note below zero."""

    invoice_id: int
    amount: Decimal
    discount: Decimal = ZERO


@transaction.atomic
def propose_payments(
    *,
    company_id: int,
    pay_on: dt.date,
    due_until: dt.date,
    now: dt.datetime,
    currency_id: int | None = None,
    bank_account_id: int | None = None,
    by: User | None = None,
) -> PaymentProposal:
    """Draft what is paid on a day: invoices due until then, those whose discount ends before, and credit notes.

    What somebody holds, and what another open proposal has, is left out; a discount is left off while `pay_on` is in
    its days. A supplier whose credit notes are more than his invoices is left out. Locks the invoices by id. Raises
    NothingToPay, InvalidInput.
    """
    company = Company.objects.select_related("currency").get(pk=company_id)
    currency = Currency.objects.get(pk=currency_id) if currency_id else company.currency
    bank = bank_for(company=company, currency=currency, bank_account_id=bank_account_id)
    held = hold_bills(list(payable(company.pk, currency.pk, pay_on, due_until).values_list("pk", flat=True)))
    still = set(payable(company.pk, currency.pk, pay_on, due_until).values_list("pk", flat=True))
    by_supplier: dict[int, list[PaymentProposalLine]] = defaultdict(list)
    for pk, one in held.items():
        if pk in still and one.left:
            invoice = one.invoice
            is_early = invoice.discount_on is not None and pay_on <= invoice.discount_on and not one.settled
            discount = invoice.discount_amount if is_early else ZERO
            line = PaymentProposalLine(invoice=invoice, amount=one.left - discount, discount=discount)
            by_supplier[invoice.supplier_id].append(line)
    lines = [line for rows in by_supplier.values() if sum((row.amount for row in rows), ZERO) > 0 for line in rows]
    if not lines:
        raise NothingToPay("Nothing is due until then: choose a later day.", field="due_until")
    proposal = PaymentProposal.objects.create(
        number=next_numbers(company=company, kind="PP", year=pay_on.year)[0],
        company=company,
        bank_account=bank,
        currency=currency,
        pay_on=pay_on,
        due_until=due_until,
        made_at=now,
        made_by=by,
    )
    for line in lines:
        line.proposal = proposal
    PaymentProposalLine.objects.bulk_create(lines)
    live.publish("payment_proposal", proposal.pk)
    return proposal


def payable(company_id: int, currency_id: int, pay_on: dt.date, due_until: dt.date) -> Any:
    """Posted and open invoices that a proposal may take."""
    wanted = Q(due_on__lte=due_until) | Q(discount_on__gte=pay_on, discount_on__lte=due_until) | Q(kind="credit_note")
    return free_bills(company_id, currency_id).filter(wanted)


def free_bills(company_id: int, currency_id: int) -> Any:
    """Posted invoices with something open that nobody holds and no open proposal has."""
    rows = with_open(SupplierInvoice.objects.filter(company=company_id, currency=currency_id, state="posted"))
    rows = rows.exclude(open_amount=0)
    holds = PaymentHold.objects.filter(invoice=OuterRef("pk"), lifted_at=None)
    proposed = PaymentProposalLine.objects.filter(invoice=OuterRef("pk"), is_open=True)
    return rows.filter(~Exists(holds), ~Exists(proposed))


@transaction.atomic
def change_proposal(
    *,
    proposal_id: int,
    parts: Sequence[ProposedPart],
    pay_on: dt.date | None = None,
    expected_version: int | None = None,
) -> PaymentProposal:
    """Say anew what a draft pays; what is not named is left out. Raises ProposalIsOver, AlreadyProposed, StaleVersion.

    Locks the proposal, then the invoices by id.
    """
    proposal = _held(proposal_id, expected_version, State.DRAFT)
    held = hold_bills([part.invoice_id for part in parts])
    proposal.lines.all().delete()
    holds = PaymentHold.objects.filter(invoice=OuterRef("pk"), lifted_at=None)
    proposed = PaymentProposalLine.objects.filter(invoice=OuterRef("pk"), is_open=True)
    if first := SupplierInvoice.objects.filter(Exists(holds) | Exists(proposed), pk__in=held).first():
        raise AlreadyProposed(f"{first.number} is held, or in another open proposal: leave it out.", field="parts")
    decimals = proposal.currency.decimals
    for part in parts:
        one = held.get(part.invoice_id)
        if one is None or (one.invoice.company_id, one.invoice.currency_id) != (
            proposal.company_id, proposal.currency_id,
        ):  # fmt: skip
            raise InvalidInput("Choose open invoices of this company and currency.", field="parts")
        sign = one.invoice.sign
        wrong = part.amount * sign <= 0 or part.discount < 0 or money(part.amount, decimals) != part.amount
        if wrong or abs(part.amount + part.discount) > abs(one.left):
            raise InvalidInput(f"{one.invoice.number} has {one.left} open: enter at most that.", field="parts")
    PaymentProposalLine.objects.bulk_create(
        PaymentProposalLine(proposal=proposal, invoice_id=part.invoice_id, amount=part.amount, discount=part.discount)
        for part in parts
    )
    proposal.pay_on = pay_on or proposal.pay_on
    return _stepped(proposal)


@transaction.atomic
def approve_proposal(
    *, proposal_id: int, now: dt.datetime, by: User | None = None, expected_version: int | None = None
) -> PaymentProposal:
    """Agree to a draft, by somebody else than who made it. Raises OwnProposal, ProposalIsOver, StaleVersion."""
    proposal = _held(proposal_id, expected_version, State.DRAFT)
    if by is not None and by.pk == proposal.made_by_id:
        raise OwnProposal(f"You made {proposal.number}: somebody else has to approve it.")
    if not proposal.lines.exists():
        raise NothingToPay(f"{proposal.number} pays nothing: take invoices into it.")
    proposal.state, proposal.approved_at, proposal.approved_by = State.APPROVED, now, by
    return _stepped(proposal)


@transaction.atomic
def drop_proposal(*, proposal_id: int, expected_version: int | None = None) -> PaymentProposal:
    """Give it up; its invoices are free for the next. Raises ProposalIsOver, StaleVersion."""
    proposal = _held(proposal_id, expected_version, State.DRAFT, State.APPROVED)
    proposal.lines.update(is_open=False)
    proposal.state = State.DROPPED
    return _stepped(proposal)


@transaction.atomic
def pay_proposal(
    *, proposal_id: int, now: dt.datetime, by: User | None = None, expected_version: int | None = None
) -> PaymentProposal:
    """Post an approved proposal: one payment for each supplier, on its day or today, whichever is earlier.

    What was paid or held meanwhile stops it whole: PaidTooMuch or AlreadyProposed name the invoice. Locks the proposal,
    the invoices by id, the number series last. Raises ProposalIsOver, NoDiscountLeft, NoRate, PeriodClosed.
    """
    proposal = _held(proposal_id, expected_version, State.APPROVED)
    lines = list(proposal.lines.select_related("invoice").order_by("invoice__supplier", "invoice"))
    hold_bills([line.invoice_id for line in lines])
    blocked = PaymentHold.objects.filter(invoice__in=[line.invoice_id for line in lines], lifted_at=None)
    if hold := blocked.select_related("invoice").first():
        raise AlreadyProposed(f"{hold.invoice.number} is held: {hold.reason}. Drop the proposal and make another.")
    by_supplier: dict[int, list[PaymentProposalLine]] = defaultdict(list)
    for line in lines:
        by_supplier[line.invoice.supplier_id].append(line)
    for supplier_id, rows in by_supplier.items():
        payment = pay_supplier(
            company_id=proposal.company_id,
            supplier_id=supplier_id,
            parts=[PaidPart(invoice_id=row.invoice_id, amount=abs(row.amount), discount=row.discount) for row in rows],
            paid_on=min(proposal.pay_on, now.date()),
            now=now,
            reference=proposal.number,
            currency_id=proposal.currency_id,
            bank_account_id=proposal.bank_account_id,
            by=by,
        )
        PaymentProposalLine.objects.filter(pk__in=[row.pk for row in rows]).update(payment=payment, is_open=False)
    proposal.state, proposal.paid_at = State.PAID, now
    return _stepped(proposal)


def _held(proposal_id: int, expected_version: int | None, *states: str) -> PaymentProposal:
    rows = PaymentProposal.objects.select_for_update(no_key=True, of=("self",)).select_related("company", "currency")
    proposal = rows.order_by("pk").get(pk=proposal_id)
    if expected_version not in (None, proposal.version):
        raise StaleVersion("Somebody changed the proposal meanwhile: look at it again.", version=proposal.version)
    if proposal.state not in states:
        said = (
            "waits to be approved: have somebody else do that first"
            if proposal.state == State.DRAFT
            else f"is {proposal.get_state_display().lower()} already"
        )
        raise ProposalIsOver(f"{proposal.number} {said}.")
    return proposal


def _stepped(proposal: PaymentProposal) -> PaymentProposal:
    proposal.version += 1
    proposal.save()
    live.publish("payment_proposal", proposal.pk)
    return proposal


@transaction.atomic
def hold_payment(*, invoice_id: int, reason: str, now: dt.datetime, by: User | None = None) -> PaymentHold:
    """Keep a posted invoice out of proposals until the hold is lifted. Locks the invoice. Raises AlreadyProposed."""
    if not reason.strip():
        raise InvalidInput("Say why it is not paid.", field="reason")
    one = hold_bills([invoice_id]).get(invoice_id)
    if one is None or not one.left:
        raise InvalidInput("Only a posted invoice with something open is held.", field="invoice")
    if PaymentProposalLine.objects.filter(invoice=invoice_id, is_open=True, proposal__state=State.APPROVED).exists():
        raise AlreadyProposed(f"An approved proposal pays {one.invoice.number}: drop that first.", field="reason")
    PaymentProposalLine.objects.filter(invoice=invoice_id, is_open=True).delete()
    hold, _ = PaymentHold.objects.get_or_create(
        invoice=one.invoice, lifted_at=None, defaults={"reason": reason.strip()[:200], "held_at": now, "held_by": by}
    )
    live.publish("supplier_invoice", invoice_id)
    return hold


@transaction.atomic
def lift_payment_hold(*, invoice_id: int, now: dt.datetime, by: User | None = None) -> PaymentHold:
    """It may be paid again. Locks the invoice. Raises InvalidInput when nothing holds it."""
    hold_bills([invoice_id])
    hold = PaymentHold.objects.filter(invoice=invoice_id, lifted_at=None).first()
    if hold is None:
        raise InvalidInput("Nothing holds this invoice.", field="invoice")
    hold.lifted_at, hold.lifted_by = now, by
    hold.save(update_fields=["lifted_at", "lifted_by"])
    live.publish("supplier_invoice", invoice_id)
    return hold
