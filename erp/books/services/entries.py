"""Manual entries: written, submitted, posted by another than who wrote them, refused, undone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import ClassVar

from django.db import transaction

from erp.books.models import ManualEntry, ManualEntryLine
from erp.books.services.drafts import ManualDraft, ManualLine, check_accounts, check_draft
from erp.ledger import periods
from erp.ledger.models import JournalEntry, Period
from erp.ledger.reversing import reverse_entry
from erp.ledger.services import LedgerLine, post_entry
from masterdata import live
from masterdata.errors import InvalidInput, Refusal, StaleVersion
from masterdata.models import Company, User
from masterdata.numbering import next_numbers
from masterdata.numbers import ZERO, money

State = ManualEntry.State


class NotBalanced(Refusal):
    """Debits and credits differ."""

    code: ClassVar[str] = "not_balanced"


class NotWaiting(Refusal):
    """The entry is not in the state that the deed is for."""

    code: ClassVar[str] = "not_waiting"


class OwnEntry(Refusal):
    """Who wrote an entry does not decide about it."""

    code: ClassVar[str] = "own_entry"


@transaction.atomic
def write_entry(*, company: Company, draft: ManualDraft, by: User, now: dt.datetime) -> ManualEntry:
    """Write a draft. Raises InvalidInput, ControlAccount, naming the line."""
    check_draft(company, draft)
    row = ManualEntry.objects.create(
        number=next_numbers(company=company, kind="MJ", year=draft.posted_on.year)[0],
        company=company,
        posted_on=draft.posted_on,
        memo=draft.memo.strip(),
        is_accrual=draft.is_accrual,
        repeats_until=draft.repeats_until,
        author=by,
        written_at=now,
    )
    _write_lines(row, draft.lines)
    live.publish("ledger", row.pk)
    return row


@transaction.atomic
def change_entry(
    *, entry_id: int, draft: ManualDraft, by: User, now: dt.datetime, expected_version: int | None = None
) -> ManualEntry:
    """Write a draft or a refused entry anew; it is a draft of who changed it. Locks it.

    Raises NotWaiting, StaleVersion, InvalidInput, ControlAccount.
    """
    row = _held(entry_id, expected_version, State.DRAFT, State.REFUSED)
    check_draft(row.company, draft)
    row.posted_on, row.memo, row.state = draft.posted_on, draft.memo.strip(), State.DRAFT
    row.is_accrual, row.repeats_until = draft.is_accrual, draft.repeats_until
    row.author, row.written_at, row.decided_by, row.decided_at = by, now, None, None
    row.lines.all().delete()
    _write_lines(row, draft.lines)
    return _saved(row)


@transaction.atomic
def submit_entry(*, entry_id: int, now: dt.datetime, expected_version: int | None = None) -> ManualEntry:
    """Have it posted by somebody else. Locks it. Raises NotBalanced, NotWaiting, StaleVersion."""
    row = _held(entry_id, expected_version, State.DRAFT)
    amounts = list(row.lines.order_by("line_no").values_list("amount", flat=True))
    if not amounts or sum(amounts, ZERO):
        difference = money(sum(amounts, ZERO), row.company.currency.decimals)
        raise NotBalanced(
            f"Debits less credits are {difference}: they have to be equal before {row.number} is submitted.",
            manual_entry_id=row.pk,
            difference=str(difference),
        )
    row.state = State.SUBMITTED
    return _saved(row)


@transaction.atomic
def approve_entry(*, entry_id: int, by: User, now: dt.datetime, expected_version: int | None = None) -> ManualEntry:
    """Post it, and an accrual's reversal on the first day of the next period. Locks it.

    Raises OwnEntry for who wrote it, NotWaiting, StaleVersion, ControlAccount, PeriodClosed.
    """
    row = _held(entry_id, expected_version, State.SUBMITTED)
    _not_by_the_author(row, by)
    lines = list(row.lines.select_related("account", "plant", "partner").order_by("line_no"))
    check_accounts(row.company, [(line.account, index) for index, line in enumerate(lines)])
    entry = post_entry(
        company=row.company,
        kind=JournalEntry.Kind.MANUAL,
        source=f"manual:{row.number}",
        memo=row.memo,
        posted_on=row.posted_on,
        now=now,
        lines=[
            LedgerLine(
                account_id=line.account_id,
                amount=line.amount,
                plant=line.plant,
                partner=line.partner,
                sales_order_id=line.sales_order_id,
                tax_code_id=line.tax_code_id,
                tax_base=line.tax_base,
            )
            for line in lines
        ],
    )
    if row.is_accrual:
        reverse_entry(entry_id=entry.pk, now=now, posted_on=first_day_after(entry.period))
    row.state, row.entry, row.decided_by, row.decided_at = State.POSTED, entry, by, now
    return _saved(row)


@transaction.atomic
def refuse_entry(
    *, entry_id: int, because: str, by: User, now: dt.datetime, expected_version: int | None = None
) -> ManualEntry:
    """Say no, and why; it may be changed and submitted again. Locks it.

    Raises InvalidInput without a reason, OwnEntry, NotWaiting, StaleVersion.
    """
    if not because.strip():
        raise InvalidInput("Say why it is not posted.", field="because")
    row = _held(entry_id, expected_version, State.SUBMITTED)
    _not_by_the_author(row, by)
    row.state, row.refused_because = State.REFUSED, because.strip()[:200]
    row.decided_by, row.decided_at = by, now
    return _saved(row)


@transaction.atomic
def undo_entry(*, entry_id: int, by: User, posted_on: dt.date, now: dt.datetime) -> ManualEntry:
    """Post the linked reversal of a posted one; it stays as it is.

    Raises OwnEntry for who wrote it, NotWaiting, AlreadyReversed, PeriodClosed.
    """
    row = _held(entry_id, None, State.POSTED)
    _not_by_the_author(row, by)
    assert row.entry_id is not None, "a posted one has its entry"
    reverse_entry(entry_id=row.entry_id, now=now, posted_on=posted_on)
    live.publish("ledger", row.pk)
    return row


@transaction.atomic
def drop_entry(*, entry_id: int, expected_version: int | None = None) -> None:
    """Throw a draft or a refused one away. Raises NotWaiting, StaleVersion."""
    row = _held(entry_id, expected_version, State.DRAFT, State.REFUSED)
    row.delete()


@transaction.atomic
def repeat_entries(*, now: dt.datetime) -> int:
    """Submit this month's copy of each posted entry that repeats and has none; how many. Locks them."""
    due = ManualEntry.objects.filter(state=State.POSTED, repeats_until__isnull=False, next_copy=None)
    made = 0
    for row in due.select_for_update(of=("self",)).select_related("company", "author").order_by("pk"):
        day = a_month_later(row.posted_on)
        if row.repeats_until is None or day > row.repeats_until or day > now.date():
            continue
        copy = ManualEntry.objects.create(
            number=next_numbers(company=row.company, kind="MJ", year=day.year)[0],
            company=row.company,
            posted_on=day,
            memo=row.memo,
            state=State.SUBMITTED,
            is_accrual=row.is_accrual,
            repeats_until=row.repeats_until,
            copy_of=row,
            author=row.author,
            written_at=now,
        )
        lines = list(row.lines.order_by("line_no"))
        for line in lines:
            line.pk, line.manual_entry = None, copy
        ManualEntryLine.objects.bulk_create(lines)
        made += 1
    return made


def a_month_later(day: dt.date) -> dt.date:
    """The same day of the next month; the last day of a month leads to the last day."""
    after = day + dt.timedelta(days=1)
    first = (day.replace(day=1) + dt.timedelta(days=32)).replace(day=1)
    last = (first + dt.timedelta(days=32)).replace(day=1) - dt.timedelta(days=1)
    return last if after.day == 1 else first.replace(day=min(day.day, last.day))


def first_day_after(period: Period) -> dt.date:
    """The first day of the next period, which is opened when its year is not."""
    day: dt.date = period.ends_on + dt.timedelta(days=1)
    if not period.company.periods.filter(starts_on=day).exists():
        periods.open_year(company=period.company, year=day.year)
    return day


def _held(entry_id: int, expected_version: int | None, *states: str) -> ManualEntry:
    rows = ManualEntry.objects.select_for_update(no_key=True, of=("self",)).select_related("company__currency")
    row = rows.order_by("pk").get(pk=entry_id)
    if expected_version is not None and expected_version != row.version:
        raise StaleVersion(f"Somebody changed {row.number} meanwhile: look at it again.", manual_entry_id=row.pk)
    if row.state not in states:
        raise NotWaiting(f"{row.number} is {row.get_state_display().lower()}: look at it again.", state=row.state)
    return row


def _saved(row: ManualEntry) -> ManualEntry:
    row.version += 1
    row.save()
    live.publish("ledger", row.pk)
    return row


def _not_by_the_author(row: ManualEntry, by: User) -> None:
    if row.author_id == by.pk:
        raise OwnEntry(f"You wrote {row.number} yourself: somebody else has to decide about it.")


def _write_lines(row: ManualEntry, lines: Sequence[ManualLine]) -> None:
    ManualEntryLine.objects.bulk_create(
        ManualEntryLine(
            manual_entry=row,
            line_no=number,
            account_id=line.account_id,
            amount=line.amount,
            text=line.text,
            plant_id=line.plant_id,
            partner_id=line.partner_id,
            sales_order_id=line.sales_order_id,
            tax_code_id=line.tax_code_id,
            tax_base=line.tax_base,
        )
        for number, line in enumerate(lines, start=1)
    )
