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

# Whole periods from their totals and the lines that wait for their seal; of the period that `until` lies in, its lines.
PARTS = """
    SELECT t.account_id, p.starts_on, t.plant_id, t.is_closing, t.debit, t.credit
    FROM erp_accounttotal t JOIN erp_period p ON p.id = t.period_id
    WHERE p.company_id = %(company)s AND p.ends_on <= %(until)s
    UNION ALL
    SELECT l.account_id, p.starts_on, l.plant_id, coalesce(o.kind, e.kind) = 'closing',
        greatest(l.amount, 0), greatest(-l.amount, 0)
    FROM erp_unsealedentry u JOIN erp_journalentry e ON e.id = u.entry_id JOIN erp_period p ON p.id = e.period_id
    JOIN erp_journalline l ON l.entry_id = e.id LEFT JOIN erp_journalentry o ON o.id = e.reverses_id
    WHERE e.company_id = %(company)s AND p.ends_on <= %(until)s
    UNION ALL
    SELECT l.account_id, p.starts_on, l.plant_id, coalesce(o.kind, e.kind) = 'closing',
        greatest(l.amount, 0), greatest(-l.amount, 0)
    FROM erp_period p JOIN erp_journalentry e ON e.period_id = p.id AND e.posted_on <= %(until)s
    JOIN erp_journalline l ON l.entry_id = e.id LEFT JOIN erp_journalentry o ON o.id = e.reverses_id
    WHERE p.company_id = %(company)s AND p.starts_on <= %(until)s AND p.ends_on > %(until)s
"""
_TRIAL = f"""
    SELECT account_id, coalesce(sum(debit - credit) FILTER (WHERE starts_on < %(since)s), 0),
        coalesce(sum(debit) FILTER (WHERE starts_on >= %(since)s), 0),
        coalesce(sum(credit) FILTER (WHERE starts_on >= %(since)s), 0)
    FROM ({PARTS}) AS parts WHERE %(plant)s::bigint IS NULL OR plant_id = %(plant)s GROUP BY 1
"""  # noqa: S608 (our own words)
_MONTHS = f"""
    SELECT account_id, starts_on, plant_id, sum(debit - credit) FROM ({PARTS}) AS parts
    WHERE starts_on >= %(since)s AND NOT is_closing AND (%(plant)s::bigint IS NULL OR plant_id = %(plant)s)
    GROUP BY 1, 2, 3 HAVING sum(debit - credit) <> 0
"""  # noqa: S608 (our own words)


@dataclass(frozen=True, slots=True)
class Balance:
    """An account over a range of periods; debit is above zero. Opening + debit - credit = closing."""

    account: Account
    opening: Decimal = ZERO
    debit: Decimal = ZERO
    credit: Decimal = ZERO

    @property
    def closing(self) -> Decimal:
        return self.opening + self.debit - self.credit


@dataclass(frozen=True, slots=True)
class Month:
    """What an account came to in the period that begins on `starts_on`, in one plant; year ends left out."""

    account_id: int
    starts_on: dt.date
    plant_id: int | None
    amount: Decimal


def balances(company_id: int, *, since: dt.date, until: dt.date, plant_id: int | None = None) -> list[Balance]:
    """Every account of the company by code, from the period that begins on `since` to the day `until`.

    Without a plant the opening balances, and the closing ones, sum to zero.
    """
    found = {row[0]: row[1:] for row in _asked(_TRIAL, company_id, since, until, plant_id)}
    accounts = Account.objects.filter(company=company_id).order_by("code")
    return [Balance(account, *found.get(account.pk, ())) for account in accounts]


def months(company_id: int, *, since: dt.date, until: dt.date, plant_id: int | None = None) -> list[Month]:
    """What each account came to, period by period and plant by plant."""
    return [Month(*row) for row in _asked(_MONTHS, company_id, since, until, plant_id)]


def _asked(query: str, company_id: int, since: dt.date, until: dt.date, plant_id: int | None) -> Sequence[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query, {"company": company_id, "since": since, "until": until, "plant": plant_id})
        return cursor.fetchall()
