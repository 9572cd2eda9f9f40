"""A period is locked for documents, closed, and opened again."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.db import transaction

from erp.books import selectors
from erp.ledger import periods
from erp.ledger.models import JournalEntry, Period
from erp.ledger.sealing import seal_all
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import User


class NotReadyToClose(Refusal):
    """Something of the period is not done."""

    code: ClassVar[str] = "not_ready_to_close"


class YearIsClosed(Refusal):
    """The result of the year was brought to retained earnings."""

    code: ClassVar[str] = "year_is_closed"


class PeriodIsClosed(Refusal):
    """A closed period is opened before anything else is done with it."""

    code: ClassVar[str] = "period_is_closed"


@transaction.atomic
def lock_period(*, period_id: int, now: dt.datetime, by: User | None = None) -> Period:
    """Documents no longer post in the period; the accountant still does. Waits for who is just posting.

    Raises PeriodIsClosed.
    """
    period = periods.held_period(period_id)
    if period.state == Period.State.CLOSED:
        raise PeriodIsClosed("The period is closed: open it again first.", period_id=period.pk)
    return periods.change_state(period=period, state=Period.State.LOCKED, now=now, by=by)


@transaction.atomic
def close_period(*, period_id: int, now: dt.datetime, by: User | None = None) -> Period:
    """Nothing more is posted in the period until it is opened again; everything in it is sealed.

    Locks the period: who is just posting in it is waited for. Raises NotReadyToClose with what stands in the way.
    """
    period = periods.held_period(period_id)
    seal_all(company_id=period.company_id, now=now)
    open_checks = selectors.standing_in_the_way(selectors.checklist(period))
    if open_checks:
        said = "; ".join(f"{check.label}: {check.count}" for check in open_checks)
        raise NotReadyToClose(
            f"The period is not ready to close. {said}. Do what the list on its page names, then close it.",
            period_id=period.pk,
            checks={check.code: check.count for check in open_checks},
        )
    return periods.change_state(period=period, state=Period.State.CLOSED, now=now, by=by)


@transaction.atomic
def reopen_period(*, period_id: int, reason: str, now: dt.datetime, by: User | None = None) -> Period:
    """Documents post in the period again; the reason stands in its trail.

    Raises InvalidInput without one, YearIsClosed.
    """
    if not reason.strip():
        raise InvalidInput("Say why the period is opened again.", field="reason")
    period = periods.held_period(period_id)
    if year_entry(period.company_id, period.ends_on.year):
        raise YearIsClosed(
            f"{period.ends_on.year} is closed: open the year again first.",
            period_id=period.pk,
            year=period.ends_on.year,
        )
    return periods.change_state(period=period, state=Period.State.OPEN, now=now, by=by, reason=reason.strip()[:200])


def year_entry(company_id: int, year: int) -> JournalEntry | None:
    """The entry that closes the year and was not undone."""
    rows = JournalEntry.objects.filter(company=company_id, kind=JournalEntry.Kind.CLOSING, posted_on__year=year)
    return rows.filter(reversed_by=None).first()
