"""Credit notes: an invoice taken back, whole or in part, at its own rates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import ClassVar

from django.db import transaction
from django.db.models import F, Sum

from erp.ledger.models import Account
from erp.ledger.rates import Rate
from erp.receivables.models import Invoice, InvoiceLine
from erp.receivables.services.documents import Charge, Paper, post_document
from erp.sales.models import SalesOrder, SalesOrderLine
from erp.treasury.conversion import Conversion, share
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import User
from masterdata.numbers import ZERO, money

_AMOUNTS = ("net_amount", "tax_amount", "own_net", "own_tax")


class NothingToCredit(Refusal):
    """All of it was credited before."""

    code: ClassVar[str] = "nothing_to_credit"


class OverCredit(Refusal):
    """More than the invoice charged and no credit note took back."""

    code: ClassVar[str] = "over_credit"


class DepositDeducted(Refusal):
    """A later invoice deducts the deposit: that one comes first."""

    code: ClassVar[str] = "deposit_deducted"


@dataclass(frozen=True, kw_only=True, slots=True)
class Credit:
    """What of an invoice's line is taken back: pieces, or an amount (net, in its currency) off their price.

    Pieces may be invoiced again unless they came back (`return_line_id`: with which line of a return); an amount leaves
    the pieces invoiced.
    """

    line_id: int
    quantity: Decimal = ZERO
    net: Decimal = ZERO
    return_line_id: int | None = None


@transaction.atomic
def credit_invoice(
    *, invoice_id: int, reason: str, now: dt.datetime, lines: Sequence[Credit] = (), by: User | None = None
) -> Invoice:
    """Post a credit note for an invoice: all that is left of it, or the `lines` given. It is open until it is settled.

    Revenue (or deposits) and tax are taken back at the invoice's own amounts, in both currencies: what is credited in
    parts adds up to the line. Locks the order and the invoice, the number series last. Raises NothingToCredit,
    OverCredit, DepositDeducted, InvalidInput, PeriodClosed.
    """
    if not reason.strip():
        raise InvalidInput("Say why it is credited: the reason stands on the paper.", field="reason")
    invoice = hold_invoice(invoice_id)
    if len({one.line_id for one in lines}) < len(lines):
        raise InvalidInput(f"Name each line of {invoice.number} once.", field="lines")
    return post_credit(invoice, credit_charges(invoice, lines), reason=reason, now=now, by=by)


def hold_invoice(invoice_id: int) -> Invoice:
    """Lock the orders that an invoice charges, then the invoice."""
    order_ids = InvoiceLine.objects.filter(invoice=invoice_id).values_list("order_line__order", "invoice__order")
    held = sorted({pk for pair in order_ids for pk in pair if pk})
    list(SalesOrder.objects.select_for_update(no_key=True).filter(pk__in=held).order_by("pk"))
    rows = Invoice.objects.select_for_update(no_key=True, of=("self",)).order_by("pk")
    return rows.select_related("company__currency", "customer", "currency", "order").get(pk=invoice_id)


def post_credit(
    invoice: Invoice, charges: Sequence[Charge], *, reason: str, now: dt.datetime, by: User | None
) -> Invoice:
    """Post a credit note of these charges for a locked invoice; what is taken back may be invoiced again."""
    if not charges:
        raise NothingToCredit(f"All of {invoice.number} was credited before.", invoice_id=invoice.pk)
    rate = Rate(invoice.rate, Decimal(1), invoice.issued_on)
    paper = Paper(
        kind=Invoice.Kind.CREDIT_NOTE,
        company=invoice.company,
        customer=invoice.customer,
        conversion=Conversion(invoice.currency, invoice.company.currency, rate),
        order=invoice.order,
        credits=invoice,
        reason=reason.strip(),
        by=by,
    )
    note = post_document(paper, charges, now)
    for charge in charges:
        if charge.order_line is not None and charge.quantity:
            taken = SalesOrderLine.objects.filter(pk=charge.order_line.pk)
            taken.update(invoiced_qty=F("invoiced_qty") + charge.quantity)
    return note


def credit_charges(invoice: Invoice, wanted: Sequence[Credit]) -> list[Charge]:
    """What a credit note of a locked invoice says: the parts wanted one after the other, else all that is left."""
    if invoice.kind == Invoice.Kind.CREDIT_NOTE:
        raise InvalidInput(f"{invoice.number} is a credit note: credit an invoice.", field="invoice")
    lines = list(invoice.lines.select_related("order_line", "plant", "deposit").order_by("pk"))
    before = {line.pk: dict.fromkeys(("quantity", *_AMOUNTS), ZERO) for line in lines}
    for row in InvoiceLine.objects.filter(credits__in=lines).values("credits", "quantity", *_AMOUNTS):
        for name, amount in before[row["credits"]].items():
            before[row["credits"]][name] = amount - row[name]
    _check_deposit(invoice, lines)
    if not wanted:
        return [
            _whole(invoice, line, before[line.pk])
            for line in lines
            if line.net_amount != before[line.pk]["net_amount"] or line.quantity != before[line.pk]["quantity"]
        ]
    found = {line.pk: line for line in lines}
    if any(one.line_id not in found for one in wanted):
        raise InvalidInput(f"Choose lines of {invoice.number}.", field="lines")
    charges = []
    for index, one in enumerate(wanted):
        so_far = before[one.line_id]
        charge = _part(invoice, found[one.line_id], so_far, one, f"lines.{index}")
        charges.append(replace(charge, return_line_id=one.return_line_id))
        taken = (charge.quantity, charge.net, charge.tax, charge.own_net or ZERO, charge.own_tax or ZERO)
        for name, amount in zip(("quantity", *_AMOUNTS), taken, strict=True):
            so_far[name] -= amount
    return charges


def _check_deposit(invoice: Invoice, lines: Sequence[InvoiceLine]) -> None:
    """A deposit that another invoice still deducts cannot be taken back before that one is."""
    if invoice.kind != Invoice.Kind.DEPOSIT:
        return
    deducted = InvoiceLine.objects.filter(deposit__in=lines)
    if deducted.aggregate(total=Sum("net_amount"))["total"]:
        number = deducted.order_by("-pk").values_list("invoice__number", flat=True)[0]
        raise DepositDeducted(f"{number} deducts it: credit that invoice first.", invoice_id=invoice.pk)


def _whole(invoice: Invoice, line: InvoiceLine, before: dict[str, Decimal]) -> Charge:
    """All that is left of a line, to the last coin in both currencies."""
    left = {name: getattr(line, name) - before[name] for name in _AMOUNTS}
    return _charge(invoice, line, line.quantity - before["quantity"], left)


def _part(invoice: Invoice, line: InvoiceLine, before: dict[str, Decimal], one: Credit, field: str) -> Charge:
    decimals, own_decimals = invoice.currency.decimals, invoice.company.currency.decimals
    if (one.quantity > 0) == (one.net > 0) or min(one.quantity, one.net) < 0:
        raise InvalidInput("Enter a quantity, or an amount off the price.", field=f"{field}.quantity")
    left_qty, left_net = line.quantity - before["quantity"], line.net_amount - before["net_amount"]
    if one.quantity > left_qty or one.net > left_net:
        raise OverCredit(
            f"{invoice.number} still has {left_qty.normalize():f} for {money(left_net, decimals)} on this line: "
            "credit at most that.",
            field=f"{field}.quantity",
            quantity=str(left_qty),
            net=str(left_net),
        )
    if one.quantity == left_qty and not one.net:
        return _whole(invoice, line, before)
    if one.net and money(one.net, decimals) != one.net:
        raise InvalidInput("Enter an amount to the smallest coin.", field=f"{field}.net")
    now = one.net or money(left_net * one.quantity / left_qty, decimals)

    def part(name: str, places: int) -> Decimal:
        return share(
            whole=getattr(line, name), of=line.net_amount, before=before["net_amount"], now=now, taken=before[name],
            decimals=places,
        )  # fmt: skip

    taken = {
        "net_amount": now,
        "tax_amount": part("tax_amount", decimals),
        "own_net": part("own_net", own_decimals),
        "own_tax": part("own_tax", own_decimals),
    }
    return _charge(invoice, line, one.quantity, taken)


def _charge(invoice: Invoice, line: InvoiceLine, quantity: Decimal, taken: dict[str, Decimal]) -> Charge:
    is_deposit = line.deposit_id is not None or invoice.kind == Invoice.Kind.DEPOSIT
    plant = line.plant or invoice.company.plants.order_by("pk")[0]
    role = Account.Role.DUNNING_FEE if invoice.kind == Invoice.Kind.FEE else Account.Role.REVENUE
    return Charge(
        net=-taken["net_amount"],
        tax=-taken["tax_amount"],
        own_net=-taken["own_net"],
        own_tax=-taken["own_tax"],
        role=Account.Role.DEPOSIT if is_deposit else role,
        plant=plant,
        order_id=line.order_line.order_id if line.order_line else invoice.order_id,
        tax_code_id=line.tax_code_id,
        order_line=line.order_line,
        quantity=-quantity,
        text=line.text,
        deposit=line.deposit,
        credits=line,
    )
