"""Open items in other currencies, valued at the rate of a day."""

from __future__ import annotations

import datetime as dt

from django.db import connection, transaction

from erp.ledger import periods
from erp.ledger.models import Account, JournalEntry
from erp.ledger.rates import rate_on
from erp.ledger.reversing import reverse_entry
from erp.ledger.services import LedgerLine, post_entry
from masterdata.models import Company, Partner
from masterdata.numbers import ZERO

Role = Account.Role
VALUED = (Role.RECEIVABLE, Role.PAYABLE, Role.BANK, Role.DEPOSIT)

# Valuations of the same day are lines of the currency with no amount in it: they count, so that again finds nothing.
_OPEN = """
    SELECT l.account_id, l.partner_id, l.currency_id, sum(l.amount), sum(l.currency_amount)
    FROM erp_journalline l JOIN erp_journalentry e ON e.id = l.entry_id JOIN erp_account a ON a.id = l.account_id
    WHERE a.company_id = %s AND a.role = ANY(%s) AND l.currency_id IS NOT NULL AND e.posted_on <= %s
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
LOCK = 12
"""The class of advisory locks under which one valuation of a company's currencies runs."""


@transaction.atomic
def value_currencies(*, company_id: int, on: dt.date, now: dt.datetime) -> JournalEntry | None:
    """Post what receivables, payables, bank and deposits in other currencies are worth more or less at the day's rate.

    By account, partner and currency, against unrealised differences; a linked entry undoes it on the next day. Again
    it finds nothing and answers None. Raises NoRate, PeriodClosed.
    """
    company = Company.objects.select_related("currency").get(pk=company_id)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, company_id])
        cursor.execute(_OPEN, [company_id, list(map(str, VALUED)), on])
        rows = cursor.fetchall()
    partners = Partner.objects.in_bulk({partner for _account, partner, *_rest in rows if partner})
    lines = []
    for account, partner, currency, book, amount in rows:
        worth = rate_on(from_id=currency, to_id=company.currency_id, day=on).of(amount, company.currency.decimals)
        lines.append(
            LedgerLine(
                account_id=account,
                amount=worth - book,
                partner=partners.get(partner),
                currency_id=currency,
                currency_amount=ZERO,
            )
        )
    lines = [line for line in lines if line.amount]
    if not lines:
        return None
    total = sum((line.amount for line in lines), ZERO)
    entry = post_entry(
        company=company,
        kind=JournalEntry.Kind.CURRENCY,
        source=f"currencies:{on.isoformat()}",
        memo=f"Open items at the rates of {on.day} {on:%B %Y}",
        lines=[*lines, LedgerLine(role=Role.CURRENCY_VALUATION, amount=-total)],
        posted_on=on,
        now=now,
    )
    after = on + dt.timedelta(days=1)
    if not company.periods.filter(starts_on__lte=after, ends_on__gte=after).exists():
        periods.open_year(company=company, year=after.year)
    reverse_entry(entry_id=entry.pk, now=now, posted_on=after)
    return entry
