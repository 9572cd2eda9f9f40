"""A year is closed: its result goes to retained earnings; opened again, that is undone."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from decimal import Decimal
from typing import ClassVar

from django.db import transaction

from erp.books.services.periods import close_period, year_entry
from erp.ledger import periods
from erp.ledger.balances import months
from erp.ledger.models import Account, JournalEntry, Period
from erp.ledger.reversing import reverse_entry
from erp.ledger.services import LedgerLine, post_entry
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import Company, Plant, User

OF_RESULT = (Account.Kind.INCOME, Account.Kind.EXPENSE)


class YearNotReady(Refusal):
    """The year is closed, or periods before its last one are open."""

    code: ClassVar[str] = "year_not_ready"


@transaction.atomic
def close_year(*, company_id: int, year: int, now: dt.datetime, by: User | None = None) -> Period:
    """Bring income and expense of the year to retained earnings on its last day, plant by plant, and close that period.

    All periods before the last are closed. Holds the last period. Raises YearNotReady, NotReadyToClose.
    """
    company = Company.objects.get(pk=company_id)
    found = list(Period.objects.filter(company=company, ends_on__year=year).order_by("starts_on"))
    if not found:
        raise YearNotReady(f"{year} has no periods: open the year first.", year=year)
    last = periods.held_period(found[-1].pk)
    open_ones = [one for one in found[:-1] if one.state != Period.State.CLOSED]
    if open_ones or last.state == Period.State.CLOSED or year_entry(company_id, year):
        raise YearNotReady(
            f"Close the periods of {year} up to the last one first; {len(open_ones)} are open."
            if open_ones
            else f"{year} is closed, or its last period is: open it again first.",
            year=year,
            open_periods=len(open_ones),
        )
    lines = _result_lines(company_id, dt.date(year, 1, 1), last.ends_on)
    if lines:
        post_entry(
            company=company,
            kind=JournalEntry.Kind.CLOSING,
            source=f"year:{year}",
            memo=f"Result of {year} to retained earnings",
            lines=lines,
            posted_on=last.ends_on,
            now=now,
        )
    return close_period(period_id=last.pk, now=now, by=by)


@transaction.atomic
def reopen_year(*, company_id: int, year: int, reason: str, now: dt.datetime, by: User | None = None) -> Period:
    """Undo the closing entry; the last period is locked then, so that it can be corrected and closed again.

    Raises InvalidInput without a reason, YearNotReady when it is not closed.
    """
    if not reason.strip():
        raise InvalidInput("Say why the year is opened again.", field="reason")
    entry = year_entry(company_id, year)
    if entry is None:
        raise YearNotReady(f"{year} is not closed.", year=year)
    last = periods.held_period(entry.period_id)
    periods.change_state(period=last, state=Period.State.LOCKED, now=now, by=by, reason=reason.strip()[:200])
    reverse_entry(entry_id=entry.pk, now=now, posted_on=entry.posted_on)
    return last


def _result_lines(company_id: int, since: dt.date, until: dt.date) -> list[LedgerLine]:
    """Each account of income and expense emptied by plant, retained earnings against it."""
    of_result = set(Account.objects.filter(company=company_id, kind__in=OF_RESULT).values_list("pk", flat=True))
    found: dict[tuple[int, int | None], Decimal] = defaultdict(Decimal)
    for one in months(company_id, since=since, until=until):
        if one.account_id in of_result:
            found[one.account_id, one.plant_id] += one.amount
    plants = Plant.objects.in_bulk({plant for _account, plant in found if plant})
    lines = [
        LedgerLine(account_id=account, amount=-amount, plant=plants.get(plant or 0))
        for (account, plant), amount in sorted(found.items(), key=str)
        if amount
    ]
    total = -sum((line.amount for line in lines), Decimal(0))
    return [*lines, LedgerLine(role=Account.Role.RETAINED, amount=total)] if lines else []
