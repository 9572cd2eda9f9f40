"""What accounts come to: the totals of sealed lines, and the lines that are not sealed yet, in one statement."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection

from erp.ledger.models import Account
from masterdata.numbers import ZERO

# Whole periods from their totals, those in which `since` or `until` lies from their days, and the lines that wait for
# their seal: entry by entry (OFFSET keeps it so), few however old the statistics of that short-lived table are. `day`
# is the day posted on, of a whole period its first.
PARTS = """
    SELECT t.account_id, p.starts_on, p.starts_on AS day, t.plant_id, t.is_closing, t.debit, t.credit
    FROM erp_accounttotal t JOIN erp_period p ON p.id = t.period_id
    WHERE p.company_id = %(company)s AND p.ends_on <= %(until)s
        AND NOT (p.starts_on < %(since)s AND p.ends_on >= %(since)s)
    UNION ALL
    SELECT t.account_id, p.starts_on, t.posted_on, t.plant_id, t.is_closing, t.debit, t.credit
    FROM erp_period p JOIN erp_account a ON a.company_id = p.company_id
    JOIN erp_dailytotal t ON t.account_id = a.id AND t.posted_on BETWEEN p.starts_on AND least(p.ends_on, %(until)s)
    WHERE p.company_id = %(company)s AND p.starts_on <= %(until)s
        AND (p.ends_on > %(until)s OR (p.starts_on < %(since)s AND p.ends_on >= %(since)s))
    UNION ALL
    SELECT w.account_id, w.starts_on, w.day, w.plant_id, w.is_closing, greatest(w.amount, 0), greatest(-w.amount, 0)
    FROM erp_unsealedentry u CROSS JOIN LATERAL (
        SELECT l.account_id, p.starts_on, e.posted_on AS day, l.plant_id, l.amount,
            coalesce(o.kind, e.kind) = 'closing' AS is_closing
        FROM erp_journalentry e JOIN erp_period p ON p.id = e.period_id JOIN erp_journalline l ON l.entry_id = e.id
        LEFT JOIN erp_journalentry o ON o.id = e.reverses_id
        WHERE e.id = u.entry_id AND e.company_id = %(company)s AND e.posted_on <= %(until)s OFFSET 0
    ) w
"""
# The lines that name a sales order: few, by its index.
OF_ORDER = """
    SELECT l.account_id, p.starts_on, e.posted_on AS day, l.plant_id,
        coalesce(o.kind, e.kind) = 'closing' AS is_closing,
        greatest(l.amount, 0) AS debit, greatest(-l.amount, 0) AS credit
    FROM erp_journalline l JOIN erp_journalentry e ON e.id = l.entry_id JOIN erp_period p ON p.id = e.period_id
    LEFT JOIN erp_journalentry o ON o.id = e.reverses_id
    WHERE l.sales_order_id = %(order)s AND e.company_id = %(company)s AND e.posted_on <= %(until)s
"""
_TRIAL = """
    SELECT account_id, coalesce(sum(debit - credit) FILTER (WHERE day < %(since)s), 0),
        coalesce(sum(debit) FILTER (WHERE day >= %(since)s), 0),
        coalesce(sum(credit) FILTER (WHERE day >= %(since)s), 0)
    FROM ({parts}) AS parts WHERE %(plant)s::bigint IS NULL OR plant_id = %(plant)s GROUP BY 1
"""
_MONTHS = """
    SELECT account_id, starts_on, plant_id, sum(debit - credit) FROM ({parts}) AS parts
    WHERE day >= %(since)s AND NOT is_closing AND (%(plant)s::bigint IS NULL OR plant_id = %(plant)s)
    GROUP BY 1, 2, 3 HAVING sum(debit - credit) <> 0
"""


@dataclass(frozen=True, slots=True)
class Balance:
    """An account over a range of days; debit is above zero. Opening + debit - credit = closing."""

    account: Account
    opening: Decimal = ZERO
    debit: Decimal = ZERO
    credit: Decimal = ZERO

    @property
    def closing(self) -> Decimal:
        return self.opening + self.debit - self.credit


@dataclass(frozen=True, slots=True)
class Month:
    """What an account came to in the asked days of the period that begins on `starts_on`, in one plant; year ends left
    out."""

    account_id: int
    starts_on: dt.date
    plant_id: int | None
    amount: Decimal


def balances(
    company_id: int, *, since: dt.date, until: dt.date, plant_id: int | None = None, order_id: int | None = None
) -> list[Balance]:
    """Every account of the company by code, from the day `since` to the day `until`, both included.

    Without a plant and a sales order the opening balances, and the closing ones, sum to zero.
    """
    found = {row[0]: row[1:] for row in _asked(_TRIAL, company_id, since, until, plant_id, order_id)}
    accounts = Account.objects.filter(company=company_id).order_by("code")
    return [Balance(account, *found.get(account.pk, ())) for account in accounts]


def months(
    company_id: int, *, since: dt.date, until: dt.date, plant_id: int | None = None, order_id: int | None = None
) -> list[Month]:
    """What each account came to from `since` to `until`, period by period and plant by plant."""
    return [Month(*row) for row in _asked(_MONTHS, company_id, since, until, plant_id, order_id)]


def _asked(
    query: str, company_id: int, since: dt.date, until: dt.date, plant_id: int | None, order_id: int | None
) -> Sequence[Any]:
    values: dict[str, Any] = {
        "company": company_id,
        "since": since,
        "until": until,
        "plant": plant_id,
        "order": order_id,
    }
    with connection.cursor() as cursor:
        cursor.execute(query.format(parts=PARTS if order_id is None else OF_ORDER), values)
        return cursor.fetchall()
