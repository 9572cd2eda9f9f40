"""A line of a confirmed order gets another quantity; what it was stays written down."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from erp.sales.models import LineChange, SalesOrderLine
from masterdata.models import Currency, User
from masterdata.numbers import money


def change_quantity(
    *, line: SalesOrderLine, quantity: Decimal, cause: str, reason: str, by: User | None, now: dt.datetime
) -> LineChange:
    """Its order is locked by the caller; the net amount follows."""
    currency = Currency.objects.get(pk=line.order.currency_id)
    change = LineChange.objects.create(
        line=line, before=line.quantity, after=quantity, cause=cause, reason=reason[:200], changed_by=by, changed_at=now
    )
    line.quantity = quantity
    line.net_amount = money(quantity * line.unit_price, currency.decimals)
    line.save(update_fields=["quantity", "net_amount"])
    return change
