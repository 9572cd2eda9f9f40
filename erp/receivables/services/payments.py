"""Payments of customers, allocated to the invoice that they pay."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum

from erp import facts as erp_facts
from erp.ledger.models import Account, JournalEntry
from erp.ledger.services import LedgerLine, post_entry, posting_day
from erp.receivables.models import Allocation, Invoice, Payment
from erp.receivables.services.invoicing import legal_number
from erp.sales.models import SalesOrder
from masterdata import facts, live
from masterdata.errors import InvalidInput, Refusal
from masterdata.numbers import ZERO, money


class OverPayment(Refusal):
    """More money than the invoice still asks for."""

    code = "over_payment"


class WrongPaymentDay(InvalidInput):
    """Money cannot have come on a day that lies ahead, nor before it was asked for."""

    code = "wrong_payment_day"


@transaction.atomic
def receive_payment(
    *, invoice_id: int, amount: Decimal, received_on: dt.date, now: dt.datetime, reference: str = ""
) -> Payment:
    """Book money of a customer against one invoice: bank against receivable, a gapless number, PaymentReceived.

    Locks the invoice's order, the number series last. Raises OverPayment with what is open, InvalidInput,
    WrongPaymentDay. The books take it on the day of `now`, in the open period; `received_on` says when the money came.
    """
    order_id = Invoice.objects.values_list("order_id", flat=True).get(pk=invoice_id)
    SalesOrder.objects.select_for_update(no_key=True).order_by("pk").get(pk=order_id)
    invoice = Invoice.objects.select_related("company", "customer", "currency").get(pk=invoice_id)
    if amount <= 0 or money(amount, invoice.currency.decimals) != amount:
        raise InvalidInput("Enter an amount above zero, to the smallest coin.", field="amount")
    paid = invoice.allocations.aggregate(total=Sum("amount"))["total"] or ZERO
    left = invoice.gross_amount - paid
    if amount > left:
        owed = f"{money(left, invoice.currency.decimals)} {invoice.currency.code}"
        raise OverPayment(
            f"{invoice.number} has {owed} open: enter at most that.",
            field="amount",
            invoice_id=invoice.pk,
            open=str(money(left, invoice.currency.decimals)),
        )
    line = invoice.order.lines.select_related("plant").order_by("line_no")[0]
    postings = [
        LedgerLine(role=role, amount=signed, plant=line.plant, partner=invoice.customer, sales_order_id=order_id)
        for role, signed in ((Account.Role.BANK, amount), (Account.Role.RECEIVABLE, -amount))
    ]
    today = posting_day(postings, now)
    _check_day(invoice, received_on, today=today, now=now)
    number = legal_number(company=invoice.company, kind="PAY", on=today)
    entry = post_entry(
        company=invoice.company,
        kind=JournalEntry.Kind.PAYMENT,
        source=f"payment:{number}",
        lines=postings,
        now=now,
        memo=f"{number} for {invoice.number}",
    )
    payment = Payment.objects.create(
        number=number,
        company=invoice.company,
        customer=invoice.customer,
        currency=invoice.currency,
        amount=amount,
        received_on=received_on,
        reference=reference,
        entry=entry,
    )
    Allocation.objects.create(payment=payment, invoice=invoice, amount=amount)
    facts.state(erp_facts.PaymentReceived(order_id=order_id, payment_id=payment.pk))
    live.publish("order", order_id)
    return payment


def _check_day(invoice: Invoice, received_on: dt.date, *, today: dt.date, now: dt.datetime) -> None:
    """Raises WrongPaymentDay. Programs count days in UTC, plants in their own zone: both todays are taken."""
    elsewhere = now.astimezone(dt.UTC).date()
    if received_on > max(today, elsewhere):
        raise WrongPaymentDay(
            f"{_said(received_on)} has not come yet: enter the day on which the money came, today at the latest.",
            field="received_on",
            latest=today.isoformat(),
        )
    if received_on < min(invoice.issued_on, elsewhere):
        raise WrongPaymentDay(
            f"{invoice.number} was issued on {_said(invoice.issued_on)}: enter that day or a later one.",
            field="received_on",
            earliest=invoice.issued_on.isoformat(),
        )


def _said(day: dt.date) -> str:
    return f"{day.day} {day:%B %Y}"
