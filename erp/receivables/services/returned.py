"""Credit notes for goods that came back: at the price, discount and tax of the invoices that charged them."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from django.db import transaction
from django.db.models import F, Sum

from erp.fulfilment.models import CustomerReturn
from erp.fulfilment.selectors.returns import creditable
from erp.ledger.models import Account
from erp.receivables.models import Invoice, InvoiceLine
from erp.receivables.services.crediting import Credit, credit_charges, hold_invoice, post_credit
from erp.receivables.services.documents import Charge, taxed
from erp.sales.models import SalesOrder, SalesOrderLine
from masterdata.errors import InvalidInput, Refusal, StaleVersion
from masterdata.models import User
from masterdata.numbers import ZERO, money


class NothingCameBack(Refusal):
    """Nothing of the return is to be credited: nothing came, it was not charged, or it was credited before."""

    code: ClassVar[str] = "nothing_came_back"


class FeeTooLarge(Refusal):
    """The fee is more than what is credited."""

    code: ClassVar[str] = "fee_too_large"


@dataclass(frozen=True, slots=True)
class ToCredit:
    """So many pieces of an invoice's line came back with a line of a return; `net` is what they were charged."""

    line: InvoiceLine
    return_line_id: int
    quantity: Decimal
    net: Decimal


def to_credit(customer_return: CustomerReturn) -> list[ToCredit]:
    """What a credit note for the return takes back, by invoice line.

    What came, less what is the customer's again and what was credited with this return, and of each order line no more
    than it is charged for beyond what the customer has. Invoices since the goods left come first, the oldest of them
    first.
    """
    came = creditable(customer_return)
    credited = _credited([one.line_id for one in came])
    lines = SalesOrderLine.objects.in_bulk({one.order_line_id for one in came})
    charged = _charged(customer_return, list(lines))
    room = {pk: line.invoiced_qty - line.shipped_qty + line.taken_back_qty for pk, line in lines.items()}
    found: list[ToCredit] = []
    for one in came:
        wanted = min(one.quantity - credited.get(one.line_id, ZERO), room[one.order_line_id])
        for piece in charged[one.order_line_id]:
            taken = min(wanted, piece.quantity)
            if taken > 0:
                net = money(piece.net * taken / piece.quantity, customer_return.order.currency.decimals)
                found.append(ToCredit(piece.line, one.line_id, taken, net))
                piece.quantity, piece.net = piece.quantity - taken, piece.net - net
                wanted, room[one.order_line_id] = wanted - taken, room[one.order_line_id] - taken
    return found


@dataclass(slots=True)
class _Charged:
    line: InvoiceLine
    quantity: Decimal
    net: Decimal


def _credited(line_ids: Sequence[int]) -> dict[int, Decimal]:
    rows = InvoiceLine.objects.filter(return_line__in=line_ids).order_by()
    return {pk: -total for pk, total in rows.values_list("return_line").annotate(Sum("quantity"))}


def _charged(customer_return: CustomerReturn, line_ids: Sequence[int]) -> dict[int, list[_Charged]]:
    """Per order line what invoices charged and no credit note took back, in the order in which it is credited."""
    first = customer_return.lines.order_by("shipment_line__shipment__shipped_at").select_related(
        "shipment_line__shipment"
    )[0]
    left_at = first.shipment_line.shipment.shipped_at
    assert left_at is not None
    rows = InvoiceLine.objects.filter(order_line__in=line_ids, credits=None, quantity__gt=0).select_related(
        "invoice", "order_line__material__unit"
    )
    lines = sorted(rows, key=lambda line: (line.invoice.issued_on < left_at.date(), line.invoice_id, line.pk))
    taken = InvoiceLine.objects.filter(credits__in=lines).order_by().values_list("credits")
    gone = {pk: (q, n) for pk, q, n in taken.annotate(Sum("quantity"), Sum("net_amount"))}
    found: dict[int, list[_Charged]] = defaultdict(list)
    for line in lines:
        quantity, net = gone.get(line.pk, (ZERO, ZERO))
        assert line.order_line_id is not None
        found[line.order_line_id].append(_Charged(line, line.quantity + quantity, line.net_amount + net))
    return found


@transaction.atomic
def credit_return(
    *,
    return_id: int,
    now: dt.datetime,
    reason: str = "",
    restock_fee: Decimal = ZERO,
    by: User | None = None,
    expected_version: int | None = None,
) -> list[Invoice]:
    """Credit what came back with a return: a credit note for each invoice that charged it.

    `restock_fee` (net, in the order's currency) is kept, with the tax of the goods: it stands on the largest note. The
    order line's invoiced quantity falls by what is credited. What came and is credited, and is then sent to the
    customer again or replaced, may be invoiced again. Locks the order, the return, the invoices by id, the number
    series last. Raises NothingCameBack, FeeTooLarge, InvalidInput, StaleVersion, PeriodClosed.
    """
    SalesOrder.objects.select_for_update(no_key=True).order_by("pk").get(returns=return_id)
    rows = CustomerReturn.objects.select_for_update(no_key=True, of=("self",)).order_by("pk")
    held = rows.select_related("order__currency", "plant").get(pk=return_id)
    if expected_version not in (None, held.version):
        raise StaleVersion(f"{held.number} was changed meanwhile: look at it again.", version=held.version)
    wanted = to_credit(held)
    if not wanted:
        raise NothingCameBack(
            f"Nothing of {held.number} is to be credited: nothing came, it was not invoiced, or it is credited.",
            return_id=return_id,
        )
    by_invoice: dict[int, list[ToCredit]] = defaultdict(list)
    for one in wanted:
        by_invoice[one.line.invoice_id].append(one)
    largest = max(sorted(by_invoice), key=lambda pk: _net(by_invoice[pk]))
    fee = _fee(held, by_invoice[largest], restock_fee)
    said = reason.strip() or f"{held.get_reason_display()}: return {held.number}"
    notes = []
    for invoice_id in sorted(by_invoice):
        invoice = hold_invoice(invoice_id)
        parts = [
            Credit(line_id=one.line.pk, quantity=one.quantity, return_line_id=one.return_line_id)
            for one in by_invoice[invoice_id]
        ]
        charges = credit_charges(invoice, parts) + (fee if invoice_id == largest else [])
        notes.append(post_credit(invoice, charges, reason=said, now=now, by=by))
    CustomerReturn.objects.filter(pk=held.pk).update(version=F("version") + 1)
    return notes


def _net(parts: Sequence[ToCredit]) -> Decimal:
    return sum((one.net for one in parts), ZERO)


def _fee(held: CustomerReturn, parts: Sequence[ToCredit], amount: Decimal) -> list[Charge]:
    """What is kept of a note, with the tax code of its dearest goods. Raises FeeTooLarge, InvalidInput."""
    decimals, most = held.order.currency.decimals, _net(parts)
    if amount < 0 or money(amount, decimals) != amount:
        raise InvalidInput("Enter a fee of zero or more, to the smallest coin.", field="restock_fee")
    if not amount:
        return []
    if amount >= most:
        raise FeeTooLarge(
            f"{money(most, decimals)} net are credited: keep less than that.", field="restock_fee", most=str(most)
        )
    dearest = max(parts, key=lambda one: one.net).line
    charge = Charge(
        net=amount,
        role=Account.Role.REVENUE,
        plant=dearest.plant or held.plant,
        order_id=held.order_id,
        tax_code_id=dearest.tax_code_id,
        text=f"Restocking fee of {held.number}",
    )
    return taxed([charge], decimals)
