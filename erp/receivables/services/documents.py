"""How a document of receivables is posted: its lines into the journal, its number, its rows."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from erp import facts as erp_facts
from erp.ledger.models import Account, JournalEntry
from erp.ledger.services import LedgerLine, post_entry, posting_day
from erp.ledger.taxes import by_code
from erp.receivables.models import Invoice, InvoiceLine
from erp.receivables.services.instalments import last_day, write_instalments
from erp.sales.models import SalesOrder, SalesOrderLine
from erp.treasury.conversion import Conversion
from masterdata import facts, live
from masterdata.models import Company, Partner, PaymentTerm, Plant, TaxCode, User
from masterdata.numbering import next_numbers
from masterdata.numbers import ZERO, money, tax_shares

Role, Kind = Account.Role, Invoice.Kind
SERIES: dict[str, str] = {Kind.INVOICE: "INV", Kind.DEPOSIT: "DI", Kind.CREDIT_NOTE: "CN", Kind.FEE: "DF"}
ENTRY_KINDS: dict[str, str] = {
    Kind.DEPOSIT: JournalEntry.Kind.DEPOSIT,
    Kind.CREDIT_NOTE: JournalEntry.Kind.CREDIT_NOTE,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Charge:
    """A line to be posted: `role` is credited with its net. Own amounts None: the document's at its rate."""

    net: Decimal
    tax: Decimal = ZERO
    role: str = Role.REVENUE
    plant: Plant
    order_id: int | None = None
    tax_code_id: int | None = None
    order_line: SalesOrderLine | None = None
    quantity: Decimal = ZERO
    text: str = ""
    deposit: InvoiceLine | None = None
    credits: InvoiceLine | None = None
    return_line_id: int | None = None
    own_net: Decimal | None = None
    own_tax: Decimal | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Paper:
    """The head of a document. `gross` below zero on a credit note; without an order it charges several, or none."""

    kind: str
    company: Company
    customer: Partner
    conversion: Conversion
    order: SalesOrder | None = None
    term: PaymentTerm | None = None
    credits: Invoice | None = None
    reason: str = ""
    by: User | None = None


def taxed(charges: Sequence[Charge], decimals: int) -> list[Charge]:
    """The charges with their tax: per code on the document, spread to its lines by largest remainder."""
    rates = dict(TaxCode.objects.filter(pk__in={one.tax_code_id for one in charges}).values_list("pk", "rate_percent"))
    shares = tax_shares([(one.tax_code_id, one.net) for one in charges], rates, decimals)
    return [replace(one, tax=tax) for one, tax in zip(charges, shares, strict=True)]


def post_document(paper: Paper, charges: Sequence[Charge], now: dt.datetime) -> Invoice:
    """Post the charges as one document: receivable against revenue or deposits and tax; the number is the last lock.

    States InvoicePosted for each order. Raises PeriodClosed, NoBooks.
    """
    rows = [_converted(one, paper.conversion) for one in charges]
    postings = _postings(paper, rows)
    issued_on = posting_day(postings, now)
    number = next_numbers(company=paper.company, kind=SERIES[paper.kind], year=issued_on.year)[0]
    about = paper.order.number if paper.order else paper.customer.name
    entry = post_entry(
        company=paper.company,
        kind=ENTRY_KINDS.get(paper.kind, JournalEntry.Kind.INVOICE),
        source=f"invoice:{number}",
        lines=postings,
        now=now,
        memo=f"{number} for {about}",
    )
    net, tax, own_net, own_tax = (_sum(rows, name) for name in ("net", "tax", "own_net", "own_tax"))
    term = paper.term
    has_discount = term is not None and paper.kind == Kind.INVOICE and term.discount_percent and net + tax > 0
    percent = term.discount_percent if term is not None and has_discount else ZERO
    days = term.discount_days if term is not None else 0
    invoice = Invoice.objects.create(
        number=number,
        kind=paper.kind,
        company=paper.company,
        order=paper.order,
        customer=paper.customer,
        currency=paper.conversion.currency,
        rate=paper.conversion.value,
        issued_on=issued_on,
        due_on=issued_on if _is_due_at_once(paper) else last_day(paper.term, issued_on),
        net_amount=net,
        tax_amount=tax,
        gross_amount=net + tax,
        own_net=own_net,
        own_tax=own_tax,
        own_gross=own_net + own_tax,
        discount_on=issued_on + dt.timedelta(days=days) if has_discount else None,
        discount_amount=money((net + tax) * percent / 100, paper.conversion.currency.decimals),
        credits=paper.credits,
        reason=paper.reason[:200],
        by=paper.by,
        entry=entry,
    )
    InvoiceLine.objects.bulk_create(
        InvoiceLine(
            invoice=invoice,
            order_line=one.order_line,
            order_id=one.order_id,
            plant=one.plant,
            text=one.text[:200],
            quantity=one.quantity,
            net_amount=one.net,
            tax_amount=one.tax,
            own_net=_own(one.own_net),
            own_tax=_own(one.own_tax),
            tax_code_id=one.tax_code_id,
            deposit=one.deposit,
            credits=one.credits,
            return_line_id=one.return_line_id,
        )
        for one in rows
    )
    if not _is_due_at_once(paper):
        write_instalments(invoice, paper.term)
    for order_id in sorted({one.order_id for one in rows if one.order_id}):
        facts.state(erp_facts.InvoicePosted(order_id=order_id, invoice_id=invoice.pk))
        live.publish("order", order_id)
    return invoice


def _converted(one: Charge, conversion: Conversion) -> Charge:
    """A line is converted by itself, and a document's own amounts are the sums of its lines'."""
    return replace(
        one,
        own_net=conversion.of(one.net) if one.own_net is None else one.own_net,
        own_tax=conversion.of(one.tax) if one.own_tax is None else one.own_tax,
    )


def _sum(rows: Sequence[Charge], name: str) -> Decimal:
    return sum((getattr(one, name) for one in rows), ZERO)


def _postings(paper: Paper, rows: Sequence[Charge]) -> list[LedgerLine]:
    """Receivable per order, then what is credited by plant, then tax by code.

    A code that comes to no tax has no line of its own: what is credited under it names it (erp/ledger/taxes.py).
    """
    codes = by_code((one.tax_code_id, -_own(one.own_net), -_own(one.own_tax)) for one in rows)
    in_currency = {one.tax_code_id: one.tax for one in by_code((x.tax_code_id, -x.net, -x.tax) for x in rows)}
    untaxed = {one.tax_code_id for one in codes if not one.tax}
    postings: list[LedgerLine] = []

    def add(role: str, own: Decimal, amount: Decimal, plant: Plant, order_id: int | None, **more: Any) -> None:
        beside = paper.conversion.beside(amount)
        postings.append(
            LedgerLine(
                role=role, amount=own, plant=plant, partner=paper.customer, sales_order_id=order_id, **beside, **more
            )
        )

    for order_id in dict.fromkeys(one.order_id for one in rows):
        same = [one for one in rows if one.order_id == order_id]
        gross, own_gross = _sum(same, "net") + _sum(same, "tax"), _sum(same, "own_net") + _sum(same, "own_tax")
        add(Role.RECEIVABLE, own_gross, gross, same[0].plant, order_id)
    sums: dict[tuple[str, Plant, int | None, int | None], list[Decimal]] = defaultdict(lambda: [ZERO, ZERO])
    for one in rows:
        total = sums[one.role, one.plant, one.order_id, one.tax_code_id if one.tax_code_id in untaxed else None]
        total[0] -= _own(one.own_net)
        total[1] -= one.net
    for (role, plant, order_id, code), (own, amount) in sums.items():
        add(role, own, amount, plant, order_id, **({"tax_code_id": code, "tax_base": own} if code else {}))
    first, order_id = rows[0].plant, rows[0].order_id
    for each in codes:
        amount = in_currency.get(each.tax_code_id, ZERO)
        under: dict[str, Any] = {"tax_code_id": each.tax_code_id, "tax_base": each.base}
        add(Role.TAX_PAYABLE, each.tax, amount, first, order_id, **under)
    return postings


def _own(amount: Decimal | None) -> Decimal:
    return amount or ZERO


def _is_due_at_once(paper: Paper) -> bool:
    """A deposit is asked for at once, a credit note is there at once."""
    return paper.kind in (Kind.DEPOSIT, Kind.CREDIT_NOTE)
