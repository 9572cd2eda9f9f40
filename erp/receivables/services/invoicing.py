"""Invoices: everything shipped and not invoiced, taxed on the document, posted with a legal number."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F

from erp import facts as erp_facts
from erp.ledger.models import Account, JournalEntry
from erp.ledger.services import LedgerLine, post_entry, posting_day
from erp.ledger.taxes import by_code
from erp.receivables.models import Invoice, InvoiceLine
from erp.sales.models import SalesOrder, SalesOrderLine
from masterdata import facts, live
from masterdata.errors import Refusal
from masterdata.models import Company, Partner, Plant
from masterdata.numbering import next_numbers
from masterdata.numbers import ZERO, allocate, money


class NothingToInvoice(Refusal):
    """Nothing was shipped since the last invoice, or only goods without a price."""

    code = "nothing_to_invoice"


@dataclass(frozen=True, slots=True)
class Share:
    """The part of an order line that an invoice charges."""

    line: SalesOrderLine
    quantity: Decimal
    net: Decimal
    tax: Decimal


@transaction.atomic
def post_invoice(*, order_id: int, now: dt.datetime) -> Invoice:
    """Charge what is shipped and not invoiced: receivable against revenue and tax, a gapless number, InvoicePosted.

    Tax is computed per tax code on the document and spread to its lines by largest remainder. The parts of a line that
    is invoiced in several documents sum to its net amount. Locks the order, the number series last. Raises
    NothingToInvoice, PeriodClosed.
    """
    order = (
        SalesOrder.objects.select_for_update(no_key=True, of=("self",))
        .select_related("company__currency", "customer__payment_term", "currency")
        .order_by("pk")
        .get(pk=order_id)
    )
    lines = order.lines.filter(shipped_qty__gt=F("invoiced_qty")).select_related("plant", "tax_code")
    shares = shares_of(list(lines.order_by("line_no")), order.currency.decimals)
    net, tax = sum((share.net for share in shares), ZERO), sum((share.tax for share in shares), ZERO)
    if not net + tax:
        raise _nothing(order)
    postings = _postings(order, shares, net + tax)
    issued_on = posting_day(postings, now)
    number = legal_number(company=order.company, kind="INV", on=issued_on)
    entry = post_entry(
        company=order.company,
        kind=JournalEntry.Kind.INVOICE,
        source=f"invoice:{number}",
        lines=postings,
        now=now,
        memo=f"{number} for {order.number}",
    )
    invoice = Invoice.objects.create(
        number=number,
        company=order.company,
        order=order,
        customer=order.customer,
        currency=order.currency,
        issued_on=issued_on,
        due_on=issued_on + dt.timedelta(days=_days_to_pay(order.customer)),
        net_amount=net,
        tax_amount=tax,
        gross_amount=net + tax,
        entry=entry,
    )
    InvoiceLine.objects.bulk_create(
        InvoiceLine(
            invoice=invoice,
            order_line=share.line,
            quantity=share.quantity,
            net_amount=share.net,
            tax_amount=share.tax,
        )
        for share in shares
    )
    order.lines.filter(pk__in=[share.line.pk for share in shares]).update(invoiced_qty=F("shipped_qty"))
    facts.state(erp_facts.InvoicePosted(order_id=order.pk, invoice_id=invoice.pk))
    live.publish("order", order.pk)
    return invoice


def _nothing(order: SalesOrder) -> NothingToInvoice:
    """Why there is nothing to charge, and what to do."""
    if not order.lines.filter(shipped_qty__gt=0).exists():
        sentence = f"Nothing of {order.number} has been shipped yet: pack and ship it, then invoice it."
    elif order.lines.filter(shipped_qty__gt=F("invoiced_qty")).exists():
        sentence = f"What was shipped of {order.number} since its last invoice has no price: nothing to charge."
    else:
        sentence = f"Everything shipped of {order.number} is invoiced: ship more first."
    return NothingToInvoice(sentence, order_id=order.pk)


def legal_number(*, company: Company, kind: str, on: dt.date) -> str:
    """The next gapless number of the company, kind and year; nobody else gets one before this transaction ends."""
    return next_numbers(company=company, kind=kind, year=on.year)[0]


def shares_of(lines: Sequence[SalesOrderLine], decimals: int) -> list[Share]:
    """What each line is charged now: its net so far less what was charged before, and its share of the tax."""
    nets = [_net_now(line, decimals) for line in lines]
    taxes = [ZERO] * len(lines)
    by_code: dict[int, list[int]] = defaultdict(list)
    for index, line in enumerate(lines):
        if line.tax_code_id:
            by_code[line.tax_code_id].append(index)
    for indexes in by_code.values():
        tax_code = lines[indexes[0]].tax_code
        rate = tax_code.rate_percent if tax_code else ZERO
        weights = [nets[index] for index in indexes]
        total = money(sum(weights, ZERO) * rate / 100, decimals)
        for index, part in zip(indexes, allocate(total, weights, decimals), strict=True):
            taxes[index] = part
    return [
        Share(line, line.shipped_qty - line.invoiced_qty, net, tax)
        for line, net, tax in zip(lines, nets, taxes, strict=True)
    ]


def _net_now(line: SalesOrderLine, decimals: int) -> Decimal:
    charged = money(line.net_amount * line.invoiced_qty / line.quantity, decimals)
    return money(line.net_amount * line.shipped_qty / line.quantity, decimals) - charged


def _postings(order: SalesOrder, shares: Sequence[Share], gross: Decimal) -> list[LedgerLine]:
    """Receivable, then revenue by plant, then tax by code; revenue under a code that comes to no tax names it."""
    plants = {share.line.plant_id: share.line.plant for share in shares}
    first = next(iter(plants.values()))
    taxed = by_code((share.line.tax_code_id, -share.net, -share.tax) for share in shares)
    untaxed = {one.tax_code_id for one in taxed if not one.tax}
    revenue: dict[tuple[int, int | None], Decimal] = defaultdict(Decimal)
    for share in shares:
        code = share.line.tax_code_id
        revenue[share.line.plant_id, code if code in untaxed else None] -= share.net

    def line(role: str, amount: Decimal, plant: Plant, **tax: Any) -> LedgerLine:
        return LedgerLine(role=role, amount=amount, plant=plant, partner=order.customer, sales_order_id=order.pk, **tax)

    postings = [line(Account.Role.RECEIVABLE, gross, first)]
    for (plant_id, code), amount in revenue.items():
        tax = {"tax_code_id": code, "tax_base": amount} if code is not None else {}
        postings.append(line(Account.Role.REVENUE, amount, plants[plant_id], **tax))
    return postings + [
        line(Account.Role.TAX_PAYABLE, one.tax, first, tax_code_id=one.tax_code_id, tax_base=one.base) for one in taxed
    ]


def _days_to_pay(customer: Partner) -> int:
    return customer.payment_term.days if customer.payment_term else 30
