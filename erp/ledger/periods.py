"""Periods: those of a year, and their states."""

from __future__ import annotations

import calendar
import datetime as dt

from django.db import transaction

from erp.ledger.models import Period, PeriodChange
from masterdata.models import Company, User

MONTHS_AHEAD = dt.timedelta(days=62)
"""So long before it begins the next year gets its periods."""


@transaction.atomic
def open_year(*, company: Company, year: int) -> list[Period]:
    """Twelve monthly periods for the year, those that are missing; the new ones."""
    known = company.periods.filter(starts_on__year=year)
    there = set(known.values_list("starts_on", flat=True))
    firsts = [first for first in (dt.date(year, month, 1) for month in range(1, 13)) if first not in there]
    Period.objects.bulk_create(
        [
            Period(
                company=company, starts_on=first, ends_on=first.replace(day=calendar.monthrange(year, first.month)[1])
            )
            for first in firsts
        ],
        ignore_conflicts=True,
    )
    return list(known.filter(starts_on__in=firsts).order_by("starts_on"))


def open_coming_years(*, now: dt.datetime) -> int:
    """Open the next year of each company that keeps books when it is near; how many periods that made."""
    year = (now.date() + MONTHS_AHEAD).year
    keeping = Company.objects.filter(periods__ends_on__year=year - 1).distinct().order_by("pk")
    return sum(len(open_year(company=company, year=year)) for company in keeping)


def held_period(period_id: int) -> Period:
    """The period, locked until the transaction ends: who posts in it has committed, or waits and looks again.

    Postings share the row's key (a trigger), so this is the one lock that keeps them out.
    """
    return Period.objects.select_for_update(of=("self",)).select_related("company").order_by("pk").get(pk=period_id)


def change_state(*, period: Period, state: str, now: dt.datetime, by: User | None = None, reason: str = "") -> Period:
    """Write the state and who changed it why. Call while holding the period; again changes nothing."""
    if period.state != state:
        PeriodChange.objects.create(
            period=period, from_state=period.state, to_state=state, reason=reason, changed_at=now, changed_by=by
        )
        period.state = state
        period.save(update_fields=["state"])
    return period
