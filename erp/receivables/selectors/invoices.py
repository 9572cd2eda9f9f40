"""Invoices and payments as lists and pages ask for them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Q

from erp.receivables.models import Invoice, InvoiceLine, Payment
from erp.sales.selectors import visible_orders
from masterdata.access import visible_to

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
