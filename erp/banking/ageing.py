"""What is open of whom since when, on any day: its sum is the balance of the account on that day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection

from masterdata.numbers import ZERO

BUCKETS = ("not_due", "to_30", "to_60", "to_90", "over_90")

# Own amounts of documents posted until the day less what settled them until then; payments count as they were used.
_RECEIVABLES = """
    SELECT i.company_id, i.customer_id AS partner_id, coalesce(n.due_on, i.due_on) AS due_on,
        CASE WHEN n.id IS NULL THEN i.own_gross - coalesce(a.own, 0)
            ELSE greatest(0, least(n.own_amount, i.own_gross - coalesce(a.own, 0) - n.rest_own)) END AS amount
    FROM erp_invoice i LEFT JOIN erp_invoiceinstalment n ON n.invoice_id = i.id
    LEFT JOIN LATERAL (SELECT sum(x.own_amount) AS own FROM erp_allocation x
        LEFT JOIN erp_journalentry e ON e.id = x.entry_id
        WHERE x.invoice_id = i.id AND coalesce(e.posted_on, x.made_at::date) <= %(on)s) a ON true
    WHERE i.issued_on <= %(on)s
    UNION ALL
    SELECT p.company_id, p.customer_id, %(on)s, coalesce(a.own, 0) - p.own_amount
    FROM erp_payment p LEFT JOIN erp_journalentry d ON d.id = p.entry_id
    LEFT JOIN LATERAL (SELECT sum(x.own_payment) AS own FROM erp_allocation x
        LEFT JOIN erp_journalentry e ON e.id = x.entry_id
        WHERE x.payment_id = p.id AND coalesce(e.posted_on, x.made_at::date) <= %(on)s) a ON true
    WHERE coalesce(d.posted_on, p.received_on) <= %(on)s
"""
_PAYABLES = """
    SELECT i.company_id, i.supplier_id AS partner_id, i.due_on,
        i.own_gross * CASE WHEN i.kind = 'credit_note' THEN -1 ELSE 1 END - coalesce(a.own, 0) AS amount
    FROM erp_supplierinvoice i JOIN erp_journalentry d ON d.id = i.entry_id AND d.posted_on <= %(on)s
    LEFT JOIN LATERAL (SELECT sum(x.own_amount) AS own FROM erp_supplierallocation x
        LEFT JOIN erp_journalentry e ON e.id = x.entry_id
        WHERE x.invoice_id = i.id AND coalesce(e.posted_on, x.made_at::date) <= %(on)s) a ON true
    UNION ALL
    SELECT p.company_id, p.supplier_id, %(on)s, coalesce(a.own, 0) - p.own_amount
    FROM erp_supplierpayment p LEFT JOIN erp_journalentry d ON d.id = p.entry_id
    LEFT JOIN LATERAL (SELECT sum(x.own_payment) AS own FROM erp_supplierallocation x
        LEFT JOIN erp_journalentry e ON e.id = x.entry_id
        WHERE x.payment_id = p.id AND coalesce(e.posted_on, x.made_at::date) <= %(on)s) a ON true
    WHERE coalesce(d.posted_on, p.paid_on) <= %(on)s
"""
_AGED = """
    SELECT o.partner_id, p.code, p.name, sum(o.amount),
        coalesce(sum(o.amount) FILTER (WHERE o.due_on >= %(on)s), 0),
        coalesce(sum(o.amount) FILTER (WHERE %(on)s - o.due_on BETWEEN 1 AND 30), 0),
        coalesce(sum(o.amount) FILTER (WHERE %(on)s - o.due_on BETWEEN 31 AND 60), 0),
        coalesce(sum(o.amount) FILTER (WHERE %(on)s - o.due_on BETWEEN 61 AND 90), 0),
        coalesce(sum(o.amount) FILTER (WHERE %(on)s - o.due_on > 90), 0)
    FROM ({items}) o JOIN masterdata_partner p ON p.id = o.partner_id
    WHERE o.company_id = %(company)s AND o.amount <> 0
    GROUP BY 1, 2, 3 HAVING sum(abs(o.amount)) <> 0 ORDER BY 3
"""


@dataclass(frozen=True, slots=True)
class Aged:
    """A partner's open items in the company's currency: not due (money on account too), then by days overdue."""

    partner_id: int
    code: str
    name: str
    total: Decimal
    not_due: Decimal
    to_30: Decimal
    to_60: Decimal
    to_90: Decimal
    over_90: Decimal


def aged_receivables(*, company_id: int, on: dt.date) -> list[Aged]:
    """What customers owe at the end of the day, by name; below zero: what we owe them."""
    return _aged(_RECEIVABLES, company_id, on)


def aged_payables(*, company_id: int, on: dt.date) -> list[Aged]:
    """What suppliers are owed at the end of the day, by name."""
    return _aged(_PAYABLES, company_id, on)


def _aged(items: str, company_id: int, on: dt.date) -> list[Aged]:
    with connection.cursor() as cursor:
        cursor.execute(_AGED.format(items=items), {"company": company_id, "on": on})
        return [Aged(*row) for row in cursor.fetchall()]


def totals(rows: Sequence[Aged]) -> dict[str, Decimal]:
    """The sums of all columns."""
    return {name: sum((getattr(row, name) for row in rows), ZERO) for name in ("total", *BUCKETS)}
