"""What customers owe a company, what they may, and which orders that stops."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from erp.ledger.rates import in_company_currency
from erp.sales.models import CreditLimit, CreditRelease, SalesOrder
from erp.sales.selectors.ready import OPEN_LINES
from masterdata.models import Company
from masterdata.numbers import ZERO, money

# Receivables stand above sales; what they booked is read from the ledger, the days from their table. Deposits are a
# credit balance, so that they come off. Orders count with their tax, by currency.
_BOOKED = """
    SELECT j.partner_id,
        coalesce(sum(j.amount) FILTER (WHERE a.role = 'receivable'), 0),
        coalesce(-sum(j.amount) FILTER (WHERE a.role = 'deposit'), 0)
    FROM erp_journalline j JOIN erp_account a ON a.id = j.account_id
    WHERE a.company_id = %s AND a.role IN ('receivable', 'deposit') AND j.partner_id = ANY(%s) GROUP BY 1
"""
_ORDERED = """
    SELECT o.customer_id, o.currency_id,
        sum(l.net_amount * greatest(0, l.shipped_qty - l.taken_back_qty - l.invoiced_qty) / l.quantity
            * (1 + coalesce(t.rate_percent, 0) / 100)),
        sum(l.net_amount * (l.quantity - l.shipped_qty) / l.quantity * (1 + coalesce(t.rate_percent, 0) / 100))
    FROM erp_salesorderline l JOIN erp_salesorder o ON o.id = l.order_id
    LEFT JOIN masterdata_taxcode t ON t.id = l.tax_code_id
    WHERE o.company_id = %s AND o.customer_id = ANY(%s) AND o.confirmed_at IS NOT NULL AND o.cancelled_at IS NULL
        AND l.quantity > 0 AND l.invoiced_qty < l.quantity
    GROUP BY 1, 2
"""
_ORDER = """
    SELECT l.order_id, sum(l.net_amount * (1 + coalesce(t.rate_percent, 0) / 100))
    FROM erp_salesorderline l LEFT JOIN masterdata_taxcode t ON t.id = l.tax_code_id WHERE l.order_id = ANY(%s)
    GROUP BY l.order_id
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Exposure:
    """What a customer owes and will owe a company, in its currency, taxes included; `overdue_days` of the oldest."""

    invoiced: Decimal = ZERO
    shipped: Decimal = ZERO
    ordered: Decimal = ZERO
    deposits: Decimal = ZERO
    overdue_days: int = 0

    @property
    def total(self) -> Decimal:
        return self.invoiced + self.shipped + self.ordered - self.deposits


def exposures(*, company: Company, customer_ids: Collection[int], today: dt.date) -> dict[int, Exposure]:
    """Of each customer: open invoices less payments, shipped and not invoiced, confirmed and not shipped, deposits."""
    ids = sorted(customer_ids)
    figures: dict[int, dict[str, Any]] = {
        pk: {"invoiced": ZERO, "shipped": ZERO, "ordered": ZERO, "deposits": ZERO, "overdue_days": 0} for pk in ids
    }
    with connection.cursor() as cursor:
        cursor.execute(_BOOKED, [company.pk, ids])
        for pk, invoiced, deposits in cursor.fetchall():
            figures[pk].update(invoiced=invoiced, deposits=deposits)
        cursor.execute(_ORDERED, [company.pk, ids])
        for pk, currency_id, shipped, ordered in cursor.fetchall():
            figures[pk]["shipped"] += _own(company, currency_id, shipped, today)
            figures[pk]["ordered"] += _own(company, currency_id, ordered, today)
    for pk, due_on in _oldest_due(company, ids, today):
        figures[pk]["overdue_days"] = max(figures[pk]["overdue_days"], (today - due_on).days)
    return {pk: Exposure(**row) for pk, row in figures.items()}


def _oldest_due(company: Company, ids: Collection[int], today: dt.date) -> Iterable[tuple[int, dt.date]]:
    """Invoices that are past their day and not paid; they stand above sales and are reached by their name."""
    invoices: Any = apps.get_model("erp", "Invoice")
    rows = invoices.objects.with_open().filter(
        company=company, customer__in=ids, next_due_on__lt=today, open_amount__gt=0
    )
    late = rows.filter(next_due_on__lt=today)
    found: Iterable[tuple[int, dt.date]] = late.values_list("customer_id", "next_due_on")
    return found


def _own(company: Company, currency_id: int, amount: Decimal, today: dt.date) -> Decimal:
    rounded = money(amount, company.currency.decimals)
    return in_company_currency(company=company, currency_id=currency_id, amount=rounded, day=today)


def order_gross(order: SalesOrder, today: dt.date) -> Decimal:
    """What the order comes to with its tax, in the company's currency."""
    return orders_gross([order], today)[order.pk]


def orders_gross(orders: Collection[SalesOrder], today: dt.date) -> dict[int, Decimal]:
    """The same of many, in one query; an order without lines comes to nothing."""
    with connection.cursor() as cursor:
        cursor.execute(_ORDER, [[order.pk for order in orders]])
        found = dict(cursor.fetchall())
    return {order.pk: _own(order.company, order.currency_id, found.get(order.pk, ZERO), today) for order in orders}


def wrong_with(limit: CreditLimit, exposure: Exposure, more: Decimal = ZERO) -> str:
    """Why nothing more is confirmed or shipped for the customer: held, overdue, over; empty: nothing is."""
    if limit.held_because:
        return "held"
    if limit.overdue_days is not None and exposure.overdue_days > limit.overdue_days:
        return "overdue"
    return "over" if limit.amount is not None and exposure.total + more > limit.amount else ""


@dataclass(slots=True)
class HeldOrder:
    """An order that waits for credit, with the customer's figures; `why` is held, overdue or over."""

    order: SalesOrder
    limit: CreditLimit
    exposure: Exposure
    gross: Decimal
    why: str

    @property
    def pk(self) -> int:
        return self.order.pk

    @property
    def owed(self) -> Decimal:
        """With the order."""
        return self.exposure.total + (self.gross if self.order.confirmed_at is None else ZERO)


def held_orders(orders: QuerySet[SalesOrder], today: dt.date) -> list[HeldOrder]:
    """Of these, the open ones that nobody has released and that the check refuses now; the newest first."""
    limits = CreditLimit.objects.filter(customer=OuterRef("customer"), company=OuterRef("company"))
    released = CreditRelease.objects.filter(order=OuterRef("pk"))
    rows = orders.filter(Exists(limits), ~Exists(released), cancelled_at=None)
    rows = rows.filter(Q(confirmed_at=None) | Q(Exists(OPEN_LINES)))
    found = list(rows.select_related("customer", "company__currency", "currency").order_by("-pk"))
    of_company: dict[Company, list[SalesOrder]] = {}
    for order in found:
        of_company.setdefault(order.company, []).append(order)
    held: list[HeldOrder] = []
    for company, its in of_company.items():
        ids = {order.customer_id for order in its}
        figures = exposures(company=company, customer_ids=ids, today=today)
        allowed = {row.customer_id: row for row in CreditLimit.objects.filter(company=company, customer__in=ids)}
        amounts = orders_gross(its, today)
        for order in its:
            gross = amounts[order.pk]
            more = gross if order.confirmed_at is None else ZERO
            limit, figure = allowed[order.customer_id], figures[order.customer_id]
            if why := wrong_with(limit, figure, more):
                held.append(HeldOrder(order, limit, figure, gross, why))
    return sorted(held, key=lambda one: -one.pk)
