"""Invoices: what is shipped and not invoiced, of an order, of shipments, or of all orders of a customer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.db.models import F, Sum

from erp.fulfilment.models import ShipmentLine
from erp.receivables.models import Invoice, InvoiceLine
from erp.receivables.services.deductions import deductions
from erp.receivables.services.documents import Charge, Paper, post_document, taxed
from erp.sales.models import SalesOrder, SalesOrderLine
from erp.treasury.conversion import conversion
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import User
from masterdata.numbers import ZERO, money

Pieces = Mapping[int, Decimal]  # order line -> quantity


class NothingToInvoice(Refusal):
    """Nothing was shipped since the last invoice, or only goods without a price."""

    code = "nothing_to_invoice"


@dataclass(frozen=True, slots=True)
class Share:
    """The part of an order line that an invoice charges."""

    line: SalesOrderLine
    quantity: Decimal
    net: Decimal


@transaction.atomic
def post_invoice(
    *,
    order_id: int,
    now: dt.datetime,
    shipment_ids: Collection[int] = (),
    rate: Decimal | None = None,
    by: User | None = None,
) -> Invoice:
    """Charge what is shipped and not invoiced, or of that what left with the shipments named.

    What came back is not charged. Receivable against revenue and tax, a gapless number, InvoicePosted. Tax is computed
    per tax code on the document; what was invoiced as a deposit is deducted with its tax, in proportion to what is
    charged. The parts of a line that is invoiced in several documents sum to its net amount. In another currency at
    `rate`, else at the day's. Locks the order, the number series last. Raises NothingToInvoice, NoRate, PeriodClosed.
    """
    order = _hold([order_id])[0]
    shares = _shares([order], _shipped(shipment_ids, [order_id]) if shipment_ids else None)
    return _post([order], shares, now=now, rate=rate, by=by)


@transaction.atomic
def post_collective_invoice(
    *,
    company_id: int,
    customer_id: int,
    currency_id: int,
    now: dt.datetime,
    until_on: dt.date | None = None,
    rate: Decimal | None = None,
    by: User | None = None,
) -> Invoice:
    """One invoice for everything a customer was shipped (until a day, in UTC) and not invoiced, of all its orders.

    Otherwise like `post_invoice`. Locks the orders by id. Raises NothingToInvoice.
    """
    open_lines = SalesOrderLine.objects.filter(
        order__company=company_id, order__customer=customer_id, order__currency=currency_id,
        shipped_qty__gt=F("invoiced_qty") + F("taken_back_qty"),
    )  # fmt: skip
    orders = _hold(sorted(set(open_lines.values_list("order_id", flat=True))))
    if not orders:
        raise NothingToInvoice("Everything shipped to this customer is invoiced: ship more first.")
    pieces = None
    if until_on is not None:
        end = dt.datetime.combine(until_on + dt.timedelta(days=1), dt.time(), tzinfo=dt.UTC)
        gone = ShipmentLine.objects.filter(order_line__order__in=orders, shipment__shipped_at__lt=end)
        pieces = dict(gone.order_by().values_list("order_line").annotate(Sum("quantity")))
    shares = _shares(orders, pieces, is_total=True)
    return _post(orders, shares, now=now, rate=rate, by=by)


def _hold(order_ids: Sequence[int]) -> list[SalesOrder]:
    rows = SalesOrder.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=order_ids)
    return list(
        rows.select_related("company__currency", "customer__payment_term", "payment_term", "currency").order_by("pk")
    )


def _shipped(shipment_ids: Collection[int], order_ids: Collection[int]) -> dict[int, Decimal]:
    """What left with the shipments, per order line. Raises InvalidInput for one that has not left, or is another's."""
    rows = ShipmentLine.objects.filter(
        shipment__in=shipment_ids, shipment__shipped_at__isnull=False, order_line__order__in=order_ids
    )
    if set(rows.values_list("shipment", flat=True)) != set(shipment_ids):
        raise InvalidInput("Choose shipments of this order that have left.", field="shipments")
    return dict(rows.order_by().values_list("order_line").annotate(Sum("quantity")))


def _shares(orders: Sequence[SalesOrder], pieces: Pieces | None, *, is_total: bool = False) -> list[Share]:
    """What each line is charged: all that is open, or so many `pieces` of it (`is_total`: less what is invoiced)."""
    rows = SalesOrderLine.objects.filter(order__in=orders, shipped_qty__gt=F("invoiced_qty") + F("taken_back_qty"))
    lines = list(rows.select_related("plant").order_by("order_id", "line_no"))
    charged = dict(
        InvoiceLine.objects.filter(order_line__in=lines).exclude(quantity=0)
        .order_by().values_list("order_line").annotate(Sum("net_amount"))
    )  # fmt: skip
    decimals = orders[0].currency.decimals
    found = []
    for line in lines:
        quantity = line.shipped_qty - line.taken_back_qty - line.invoiced_qty
        if pieces is not None:
            quantity = min(quantity, pieces.get(line.pk, ZERO) - (line.invoiced_qty if is_total else ZERO))
        if quantity > 0:
            so_far = money(line.net_amount * (line.invoiced_qty + quantity) / line.quantity, decimals)
            found.append(Share(line, quantity, so_far - charged.get(line.pk, ZERO)))
    return found


def _post(
    orders: Sequence[SalesOrder], shares: Sequence[Share], *, now: dt.datetime, rate: Decimal | None, by: User | None
) -> Invoice:
    if not sum((share.net for share in shares), ZERO):
        raise _nothing(orders)
    charged = {share.line.order_id for share in shares}
    order = orders[0] if len(charged) == 1 else None
    if order is not None:
        order = next(one for one in orders if one.pk in charged)
    first, decimals = orders[0], orders[0].currency.decimals
    goods = taxed(
        [
            Charge(
                net=share.net,
                plant=share.line.plant,
                order_id=share.line.order_id,
                tax_code_id=share.line.tax_code_id,
                order_line=share.line,
                quantity=share.quantity,
            )
            for share in shares
        ],
        decimals,
    )
    paper = Paper(
        kind=Invoice.Kind.INVOICE,
        company=first.company,
        customer=first.customer,
        conversion=conversion(company=first.company, currency=first.currency, day=now.date(), rate=rate),
        order=order,
        term=(order.payment_term if order else None) or first.customer.payment_term,
        by=by,
    )
    pieces = {share.line.pk: share.quantity for share in shares}
    invoice = post_document(paper, [*goods, *deductions(sorted(charged), goods, decimals)], now)
    for line_id, quantity in pieces.items():
        SalesOrderLine.objects.filter(pk=line_id).update(invoiced_qty=F("invoiced_qty") + quantity)
    return invoice


def _nothing(orders: Sequence[SalesOrder]) -> NothingToInvoice:
    """Why there is nothing to charge, and what to do."""
    order = orders[0]
    if not order.lines.filter(shipped_qty__gt=0).exists():
        sentence = f"Nothing of {order.number} has been shipped yet: pack and ship it, then invoice it."
    elif order.lines.filter(shipped_qty__gt=F("invoiced_qty") + F("taken_back_qty")).exists():
        sentence = f"What was shipped of {order.number} since its last invoice has no price: nothing to charge."
    else:
        sentence = f"Everything shipped of {order.number} is invoiced: ship more first."
    return NothingToInvoice(sentence, order_id=order.pk)
