"""Invoices and payments as lists and pages ask for them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import ExpressionWrapper, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from erp.receivables.models import Invoice, InvoiceInstalment, InvoiceLine, Payment
from erp.sales.selectors import visible_orders
from masterdata.access import visible_to
from masterdata.models.fields import MoneyField
from masterdata.numbers import ZERO

SEE = "erp.view_invoice"


def visible_invoices(user: Any) -> Any:
    """Invoices of the orders that the user may see, and fees of the companies where the user may see invoices.

    With `open_amount` and `open_own`.
    """
    orders = visible_orders(user).order_by().values("pk")
    charged = InvoiceLine.objects.filter(order__in=orders).order_by().values("invoice")
    fees = visible_to(user, Invoice.objects.filter(kind=Invoice.Kind.FEE), SEE).order_by().values("pk")
    rows = Invoice.objects.filter(Q(order__in=orders) | Q(order=None, pk__in=charged) | Q(order=None, pk__in=fees))
    return rows.with_open().select_related("customer", "currency", "order")


def overdue_invoices(rows: Any, today: dt.date) -> Any:
    """Of these, the ones of which something was due before today, with `overdue_own` in the company's currency.

    What of an invoice is due later is the rest after its last instalment that was due.
    """
    due = InvoiceInstalment.objects.filter(invoice=OuterRef("pk"), due_on__lt=today).order_by("-number")
    rest = Coalesce(Subquery(due.values("rest_own")[:1]), Value(ZERO), output_field=MoneyField())
    late = rows.filter(open_amount__gt=0, next_due_on__lt=today)
    return late.annotate(overdue_own=ExpressionWrapper(F("open_own") - rest, output_field=MoneyField()))


def visible_payments(user: Any) -> Any:
    """Payments of the companies where the user may see invoices, with `open_amount`: what is on account."""
    rows = Payment.objects.with_open().select_related("customer", "currency", "bank_account")
    return visible_to(user, rows, SEE)


def invoice_stage(row: Any, today: dt.date) -> str:
    """paid, overdue, part_paid, open, or credit: what a credit note still gives."""
    if not row.open_amount:
        return "paid"
    if row.open_amount < 0:
        return "credit"
    if row.next_due_on < today:
        return "overdue"
    return "part_paid" if row.open_amount < row.gross_amount else "open"
