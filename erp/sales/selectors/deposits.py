"""Deposits that an order's terms ask for: what is still to be paid before it is made or shipped."""

from __future__ import annotations

from decimal import Decimal

from django.db import connection

from erp.sales.models import SalesOrder
from masterdata.models import PaymentTerm
from masterdata.numbers import ZERO, money

STAGES = ("order", "production", "shipping")

# Net and gross of the order (tax per code on the whole of it), net and open amount of its deposits less credit notes.
_SQL = """
    SELECT coalesce(o.net, 0), coalesce(o.gross, 0), coalesce(d.net, 0), coalesce(d.gross - d.paid, 0)
    FROM (SELECT sum(x.net) AS net, sum(x.net + round(x.net * coalesce(x.rate, 0) / 100, %(decimals)s)) AS gross FROM (
            SELECT sum(l.net_amount) AS net, t.rate_percent AS rate FROM erp_salesorderline l
            LEFT JOIN masterdata_taxcode t ON t.id = l.tax_code_id WHERE l.order_id = %(order)s GROUP BY t.id
        ) x) o,
        (SELECT sum(i.net_amount) AS net, sum(i.gross_amount) AS gross, coalesce(sum(a.amount), 0) AS paid
            FROM erp_invoice i LEFT JOIN erp_invoice c ON c.id = i.credits_id
            LEFT JOIN LATERAL (SELECT sum(amount) AS amount FROM erp_allocation WHERE invoice_id = i.id) a ON true
            WHERE i.order_id = %(order)s AND 'deposit' IN (i.kind, c.kind)) d
"""


def term_of(order: SalesOrder) -> PaymentTerm | None:
    """The order's payment term, else its customer's."""
    return order.payment_term or order.customer.payment_term


def deposit_missing(order: SalesOrder, stage: str = "shipping") -> Decimal:
    """What of the deposits due until `stage` (order, production, shipping) is not paid, gross, in the order's currency.

    Zero when the terms ask for none; a deposit that was not even invoiced is missing as well.
    """
    term = term_of(order)
    percent = ZERO
    if term is not None:
        percent = sum((getattr(term, f"{one}_percent") for one in STAGES[: STAGES.index(stage) + 1]), ZERO)
    if not percent:
        return ZERO
    decimals = order.currency.decimals
    with connection.cursor() as cursor:
        cursor.execute(_SQL, {"order": order.pk, "decimals": decimals})
        net, gross, asked, unpaid = cursor.fetchone()
    not_asked = max(ZERO, money(net * percent / 100, decimals) - asked)
    return max(ZERO, unpaid) + (money(not_asked * gross / net, decimals) if net else ZERO)
