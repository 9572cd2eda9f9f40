"""Questions about what customers owe: read only, limited to what a person may see."""

from __future__ import annotations

import datetime as dt
from typing import Any

from erp.receivables.models import Invoice, InvoiceQuerySet
from erp.sales.selectors import visible_orders


def visible_invoices(user: Any) -> InvoiceQuerySet:
    """Invoices of the orders that the user may see, with `open_amount`."""
    orders = visible_orders(user).order_by().values("pk")
    return Invoice.objects.filter(order__in=orders).with_open().select_related("customer", "currency", "order")


def invoice_stage(row: Any, today: dt.date) -> str:
    """paid, overdue, part_paid or open."""
    if row.open_amount <= 0:
        return "paid"
    if row.due_on < today:
        return "overdue"
    return "part_paid" if row.open_amount < row.gross_amount else "open"
