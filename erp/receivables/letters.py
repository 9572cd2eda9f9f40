"""Invoices, deposit invoices, fees and credit notes as the customer gets them; set once, then kept."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.db.models import Max

from erp.fulfilment.models import Shipment
from erp.receivables.models import Invoice, InvoiceLine
from erp.treasury.models import BankAccount
from masterdata.documents import codes
from masterdata.documents.issued import issued, issued_language
from masterdata.documents.items import named, tax_total
from masterdata.documents.letters import Cell, Column, Letter, Payment, Row, Total
from masterdata.documents.parties import address_of, recipient_of, sender_of
from masterdata.documents.printing import Pdf, letter_pdf
from masterdata.documents.wording import Wording, wording
from masterdata.models import IssuedDocument, TaxCode
from masterdata.numbers import ZERO

RELATED = "company__currency", "customer__payment_term", "currency", "order", "credits"
Kind = Invoice.Kind


def invoice_pdf(invoice: Invoice, now: dt.datetime, language: str = "") -> Pdf:
    """In the language asked for, else as it was issued, else the customer's; kept and given again.

    Comes with `RELATED`. PDF/A-2b. In euros a code for banking apps stands beside the bank account.
    """
    kind = IssuedDocument.Kind.CREDIT_NOTE if invoice.kind == Kind.CREDIT_NOTE else IssuedDocument.Kind.INVOICE
    kept = "" if language else issued_language(company=invoice.company, kind=kind, number=invoice.number)
    say = wording(language or kept, invoice.customer.language, invoice.company.language)
    lines = list(
        invoice.lines.select_related("order_line__material__unit", "tax_code", "deposit__invoice").order_by("pk")
    )
    title = _title(invoice, lines, say)
    content = issued(
        company=invoice.company,
        kind=kind,
        number=invoice.number,
        language=say.language,
        make=lambda: letter_pdf(_letter(invoice, lines, title, say), archival=True).content,
        now=now,
    )
    return Pdf(f"{title} {invoice.number}", content)


def _letter(invoice: Invoice, lines: list[InvoiceLine], title: str, say: Wording) -> Letter:
    bank = _bank(invoice)
    code = invoice.currency.code
    foot = [bank.name, bank.iban, bank.bic] if bank else []
    return Letter(
        language=say.language,
        title=title,
        number=invoice.number,
        sender=sender_of(invoice.company, say, [line for line in foot if line]),
        page_of=say.page_of,
        recipient=recipient_of(invoice.customer, say, address_of(invoice.customer)),
        facts=_facts(invoice, say),
        intro=_intro(invoice, say),
        columns=[
            Column(say.head("no"), "right"),
            Column(say.head("description"), wide=True),
            Column(say.head("quantity"), "right"),
            Column(say.head("tax"), "right"),
            Column(f"{say.head('amount')} {code}", "right"),
        ],
        rows=[_row(number, line, invoice, say) for number, line in enumerate(lines, 1)],
        totals=_totals(invoice, lines, say),
        closing=_closing(invoice, say),
        payment=_payment(invoice, bank, say) if invoice.gross_amount > 0 else None,
        dated_on=invoice.issued_on,
    )


def _title(invoice: Invoice, lines: list[InvoiceLine], say: Wording) -> str:
    if invoice.kind == Kind.CREDIT_NOTE:
        return say.title("credit_note")
    if invoice.kind == Kind.DEPOSIT:
        return say.title("deposit_invoice")
    return say.title("final_invoice" if any(line.deposit_id for line in lines) else "invoice")


def _facts(invoice: Invoice, say: Wording) -> list[tuple[str, str]]:
    customer, order = invoice.customer, invoice.order
    facts = [(say.fact("date"), say.day(invoice.issued_on)), (say.fact("customer_no"), customer.code)]
    if order is not None:
        facts.append((say.fact("order"), order.number))
        if order.customer_reference:
            facts.append((say.fact("reference"), order.customer_reference))
    left_at = _left_at(invoice)
    if left_at is not None and invoice.kind == Kind.INVOICE:
        facts.append((say.fact("delivered_on"), say.day(left_at)))
    if invoice.gross_amount > 0:
        facts.append((say.fact("due_on"), say.day(invoice.due_on)))
    if customer.tax_no:
        facts.append((say.fact("their_tax_no"), customer.tax_no))
    if invoice.reason:
        facts.append((say.fact("reason"), invoice.reason))
    return facts


def _left_at(invoice: Invoice) -> dt.datetime | None:
    """When the goods of its orders last left before it was issued."""
    orders = invoice.lines.filter(order_line__isnull=False).order_by().values("order_line__order")
    rows = Shipment.objects.filter(order__in=orders, shipped_at__date__lte=invoice.issued_on + dt.timedelta(days=1))
    found: dt.datetime | None = rows.aggregate(last=Max("shipped_at"))["last"]
    return found


def _intro(invoice: Invoice, say: Wording) -> list[str]:
    if invoice.credits is not None:
        return [say.text("credit_intro", number=invoice.credits.number)]
    if invoice.kind == Kind.DEPOSIT and invoice.order is not None:
        return [say.text("deposit_intro", order=invoice.order.number)]
    return []


def _sign(invoice: Invoice) -> int:
    """A credit note says what is credited, above zero."""
    return -1 if invoice.kind == Kind.CREDIT_NOTE else 1


def _row(number: int, line: InvoiceLine, invoice: Invoice, say: Wording) -> Row:
    what, quantity = Cell(line.text, strong=True), ""
    if line.deposit is not None:
        what = Cell(say.total("deposit", number=line.deposit.invoice.number), strong=True)
    elif line.order_line is not None:
        what = named(line.order_line.material, line.text)
        quantity = say.quantity(abs(line.quantity), line.order_line.material.unit.code) if line.quantity else ""
    rate = f"{say.number(line.tax_code.rate_percent)} %" if line.tax_code else ""
    amount = say.money(_sign(invoice) * line.net_amount, invoice.currency, bare=True)
    return Row([Cell(str(number)), what, Cell(quantity), Cell(rate), Cell(amount)])


def _totals(invoice: Invoice, lines: list[InvoiceLine], say: Wording) -> list[Total]:
    """The posted amounts, tax by code; nothing is worked out anew."""
    sign, currency = _sign(invoice), invoice.currency
    by_code: dict[TaxCode, tuple[Decimal, Decimal]] = {}
    for line in lines:
        if line.tax_code is not None:
            base, tax = by_code.get(line.tax_code, (ZERO, ZERO))
            by_code[line.tax_code] = base + line.net_amount, tax + line.tax_amount
    found = [Total(say.total("net"), say.money(sign * invoice.net_amount, currency))]
    for code, (base, tax) in sorted(by_code.items(), key=lambda one: one[0].code):
        found.append(tax_total(code, sign * base, sign * tax, currency, say))
    label = "credited" if invoice.kind == Kind.CREDIT_NOTE else "to_pay"
    found.append(Total(say.total(label), say.money(sign * invoice.gross_amount, currency), strong=True))
    return found


def _closing(invoice: Invoice, say: Wording) -> list[str]:
    if invoice.gross_amount <= 0:
        return []
    parts = [
        say.text("instalment", amount=say.money(one.amount, invoice.currency), day=say.day(one.due_on))
        for one in invoice.instalments.order_by("number")
    ]
    found = [say.text("invoice_closing", day=say.day(invoice.due_on), number=invoice.number)]
    if parts:
        found = [say.text("instalments_closing", parts="; ".join(parts), number=invoice.number)]
    if invoice.discount_on is not None and invoice.discount_amount:
        percent = say.number(round(100 * invoice.discount_amount / invoice.gross_amount, 2))
        amount = say.money(invoice.gross_amount - invoice.discount_amount, invoice.currency)
        found.append(say.text("discount_closing", day=say.day(invoice.discount_on), percent=percent, amount=amount))
    return [*found, say.text("goods_remain_ours")] if invoice.kind == Kind.INVOICE else found


def _bank(invoice: Invoice) -> BankAccount | None:
    """Where money in the invoice's currency comes to, else where the company's does."""
    rows = BankAccount.objects.filter(company=invoice.company, is_active=True, is_main=True).select_related("currency")
    found = {row.currency_id: row for row in rows}
    return found.get(invoice.currency_id) or found.get(invoice.company.currency_id)


def _payment(invoice: Invoice, bank: BankAccount | None, say: Wording) -> Payment | None:
    if bank is None or not bank.iban:
        return None
    facts = [
        (say.fact("bank"), bank.name),
        ("IBAN", " ".join(bank.iban[at : at + 4] for at in range(0, len(bank.iban), 4))),
        *([("BIC", bank.bic)] if bank.bic else []),
        (say.fact("amount"), say.money(invoice.gross_amount, invoice.currency)),
        (say.fact("purpose"), invoice.number),
    ]
    code = ""
    if invoice.currency.code == "EUR":
        code = codes.payment_qr(
            name=invoice.company.name, iban=bank.iban, bic=bank.bic, amount=invoice.gross_amount, text=invoice.number
        )
    return Payment(facts, code)
