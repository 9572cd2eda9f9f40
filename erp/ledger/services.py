"""Deeds of the ledger: open the books, post balanced entries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import ClassVar
from zoneinfo import ZoneInfo

from django.db import transaction

from erp.ledger import periods
from erp.ledger.models import Account, JournalEntry, JournalLine, Period
from masterdata import inserts, statements
from masterdata.errors import Refusal
from masterdata.models import Company, Partner, Plant

Role, Kind = Account.Role, Account.Kind

# Every role that postings look for: code, kind.
CHART: dict[str, tuple[str, str]] = {
    Role.BANK: ("1000", Kind.ASSET),
    Role.RECEIVABLE: ("1100", Kind.ASSET),
    Role.INVENTORY: ("1200", Kind.ASSET),
    Role.TRANSIT: ("1250", Kind.ASSET),
    Role.WIP: ("1300", Kind.ASSET),
    Role.INPUT_TAX: ("1400", Kind.ASSET),
    Role.OWED_ISSUE: ("1390", Kind.ASSET),
    Role.PAYABLE: ("2000", Kind.LIABILITY),
    Role.GRNI: ("2100", Kind.LIABILITY),
    Role.LANDED_COST: ("2110", Kind.LIABILITY),
    Role.TAX_PAYABLE: ("2200", Kind.LIABILITY),
    Role.OPENING: ("3000", Kind.EQUITY),
    Role.REVENUE: ("4000", Kind.INCOME),
    Role.COGS: ("5000", Kind.EXPENSE),
    Role.LABOUR_ABSORBED: ("5100", Kind.EXPENSE),
    Role.MACHINE_ABSORBED: ("5200", Kind.EXPENSE),
    Role.PRODUCTION_VARIANCE: ("5300", Kind.EXPENSE),
    Role.PRICE_VARIANCE: ("5310", Kind.EXPENSE),
    Role.STOCK_DIFFERENCE: ("5400", Kind.EXPENSE),
    Role.REVALUATION: ("5410", Kind.EXPENSE),
    Role.RETAINED: ("3100", Kind.EQUITY),
    Role.DEPOSIT: ("2300", Kind.LIABILITY),
    Role.OVERHEAD_ABSORBED: ("5250", Kind.EXPENSE),
    Role.USAGE_VARIANCE: ("5320", Kind.EXPENSE),
    Role.RATE_VARIANCE: ("5330", Kind.EXPENSE),
    Role.LABOUR_EFFICIENCY: ("5340", Kind.EXPENSE),
    Role.MACHINE_EFFICIENCY: ("5350", Kind.EXPENSE),
    Role.OVERHEAD_VARIANCE: ("5360", Kind.EXPENSE),
    Role.YIELD_VARIANCE: ("5370", Kind.EXPENSE),
    Role.FREIGHT: ("5500", Kind.EXPENSE),
    Role.INSTALLATION: ("5510", Kind.EXPENSE),
    Role.PENALTY: ("5520", Kind.EXPENSE),
    Role.CURRENCY_GAIN: ("6000", Kind.EXPENSE),
    Role.CURRENCY_VALUATION: ("6010", Kind.EXPENSE),
    Role.DISCOUNT_GRANTED: ("4100", Kind.INCOME),
    Role.DISCOUNT_TAKEN: ("5600", Kind.EXPENSE),
    Role.DUNNING_FEE: ("4200", Kind.INCOME),
    Role.BANK_FEE: ("6100", Kind.EXPENSE),
    Role.BAD_DEBT: ("6110", Kind.EXPENSE),
    Role.ROUNDING: ("6190", Kind.EXPENSE),
    Role.ACCRUED_COST: ("2120", Kind.LIABILITY),
}


Books = tuple[dict[tuple[int, str], int], dict[tuple[int, dt.date, bool], int]]
Known = dict[tuple[frozenset[tuple[int, str]], frozenset[tuple[int, dt.date, bool]]], Books]
"""Accounts of (company, role) and periods of (company, day, whether it adjusts), by what was asked."""
_ACCOUNTS = "SELECT id, company_id, role FROM erp_account WHERE company_id = ANY(%s) AND role = ANY(%s)"
_PERIODS = """
    SELECT id, company_id, starts_on, ends_on, state FROM erp_period
    WHERE company_id = ANY(%s) AND starts_on <= %s AND ends_on >= %s AND state <> 'closed'
"""
ADJUSTING = frozenset({JournalEntry.Kind.MANUAL, JournalEntry.Kind.CURRENCY, JournalEntry.Kind.CLOSING})
"""What the accountant still posts, and undoes, in a period that is locked for documents."""


class PeriodClosed(Refusal):
    """No open period holds the date of the posting."""

    code: ClassVar[str] = "period_closed"


class NoBooks(Refusal):
    """The company has no account for what is to be posted."""

    code: ClassVar[str] = "no_books"


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerLine:
    """`amount` > 0 debits the account with that role, < 0 credits it; company currency. A zero line is left out.

    `account_id` names the account itself, of the entry's company, instead of a role.
    `currency_id` and `currency_amount`, both or neither: the same in the document's currency when that is another.
    `tax_code_id` and `tax_base` say what a tax was computed on (erp/ledger/taxes.py); the base in company currency.
    """

    role: str = ""
    account_id: int | None = None
    amount: Decimal
    plant: Plant | None = None
    partner: Partner | None = None
    sales_order_id: int | None = None
    work_order_id: int | None = None
    material_id: int | None = None
    currency_id: int | None = None
    currency_amount: Decimal | None = None
    tax_code_id: int | None = None
    tax_base: Decimal | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class EntryDraft:
    """One balanced entry to post. `posted_on` empty: now's date in the plant of its first line that has one."""

    company_id: int
    kind: str
    source: str
    lines: Sequence[LedgerLine]
    memo: str = ""
    posted_on: dt.date | None = None
    reverses_id: int | None = None
    is_adjustment: bool = False

    @property
    def adjusts(self) -> bool:
        """Whether a period that is locked for documents takes it: by its kind, or because it undoes such an entry."""
        return self.is_adjustment or self.kind in ADJUSTING


@dataclass(frozen=True, slots=True)
class Posted:
    """What became of a draft: its entry, and per draft line its journal line (none for a zero amount)."""

    entry: JournalEntry | None
    lines: list[JournalLine | None] = field(default_factory=list)


@transaction.atomic
def open_books(*, company: Company, year: int) -> list[Period]:
    """Give the company an account for every role and twelve monthly periods for the year; again changes nothing."""
    Account.objects.bulk_create(
        [
            Account(company=company, code=code, name=Role(role).label, kind=kind, role=role)
            for role, (code, kind) in CHART.items()
        ],
        ignore_conflicts=True,
    )
    return periods.open_year(company=company, year=year)


def post_entry(
    *,
    company: Company,
    kind: str,
    source: str,
    lines: Sequence[LedgerLine],
    now: dt.datetime,
    memo: str = "",
    posted_on: dt.date | None = None,
) -> JournalEntry:
    """Post one entry. Raises PeriodClosed, NoBooks; the database refuses an unbalanced one at commit.

    At least one line must carry an amount.
    """
    draft = EntryDraft(company_id=company.pk, kind=kind, source=source, lines=lines, memo=memo, posted_on=posted_on)
    entry = post_entries(drafts=[draft], now=now)[0].entry
    if entry is None:
        raise ValueError(f"{source}: an entry needs at least one amount")
    return entry


@transaction.atomic
def post_entries(*, drafts: Sequence[EntryDraft], now: dt.datetime) -> list[Posted]:
    """Post many entries with one statement per table; the answer stands in the order of the drafts.

    A draft whose lines are all zero posts nothing. Entries get their number later, from the sealing task.
    """
    return write_entries(drafts=drafts, now=now)


def write_entries(
    *, drafts: Sequence[EntryDraft], now: dt.datetime, need_ids: bool = True, known: Known | None = None
) -> list[Posted]:
    """`post_entries` as a part of the caller's transaction, which a refusal ends.

    Without `need_ids` the journal lines do not learn their ids: nothing will point to them. `known` remembers accounts
    and periods from call to call of one transaction.
    """
    wanted = [[(index, line) for index, line in enumerate(draft.lines) if line.amount] for draft in drafts]
    full = [draft for draft, lines in zip(drafts, wanted, strict=True) if lines]
    if not full:
        return [Posted(None, [None] * len(draft.lines)) for draft in drafts]
    days = {id(draft): draft.posted_on or posting_day(draft.lines, now) for draft in full}
    accounts, places = _books(full, days, {} if known is None else known)
    entries = {
        id(draft): JournalEntry(
            company_id=draft.company_id,
            period_id=places[draft.company_id, days[id(draft)], draft.adjusts],
            kind=draft.kind,
            posted_on=days[id(draft)],
            posted_at=now,
            memo=draft.memo,
            source=draft.source,
            reverses_id=draft.reverses_id,
        )
        for draft in full
    }
    inserts.give_ids(list(entries.values()))
    answer: list[Posted] = []
    rows: list[JournalLine] = []
    for draft, lines in zip(drafts, wanted, strict=True):
        posted = Posted(entries.get(id(draft)), [None] * len(draft.lines))
        for index, line in lines:
            row = _journal_line(posted.entry, line, line.account_id or accounts[draft.company_id, line.role])
            posted.lines[index] = row
            rows.append(row)
        answer.append(posted)
    if need_ids:
        inserts.give_ids(rows)
    inserts.insert(list(entries.values()), rows)
    return answer


def posting_day(lines: Sequence[LedgerLine], now: dt.datetime) -> dt.date:
    """The day of `now` where the entry belongs: in the time zone of its first plant, else UTC."""
    plant = next((line.plant for line in lines if line.plant is not None), None)
    return now.astimezone(ZoneInfo(plant.time_zone) if plant else dt.UTC).date()


def _journal_line(entry: JournalEntry | None, line: LedgerLine, account_id: int) -> JournalLine:
    return JournalLine(
        entry=entry,
        account_id=account_id,
        amount=line.amount,
        plant=line.plant,
        partner=line.partner,
        sales_order_id=line.sales_order_id,
        work_order_id=line.work_order_id,
        material_id=line.material_id,
        currency_id=line.currency_id,
        currency_amount=line.currency_amount,
        tax_code_id=line.tax_code_id,
        tax_base=line.tax_base,
    )


def _books(drafts: Sequence[EntryDraft], days: Mapping[int, dt.date], known: Known) -> Books:
    """The accounts of the roles that are posted, and the period of each company and day; in one round trip."""
    companies = statements.array(sorted({draft.company_id for draft in drafts}))
    roles = {
        (draft.company_id, str(line.role))
        for draft in drafts
        for line in draft.lines
        if line.amount and not line.account_id
    }
    wanted = {(draft.company_id, days[id(draft)], draft.adjusts) for draft in drafts}
    question = frozenset(roles), frozenset(wanted)
    if question in known:
        return known[question]
    first, last = min(day for _, day, _a in wanted), max(day for _, day, _a in wanted)
    accounts, found = statements.together(
        (_ACCOUNTS, [companies, statements.array(sorted({role for _, role in roles}))]),
        (_PERIODS, [companies, last, first]),
    )
    known[question] = answer = _accounts(roles, accounts), _periods(wanted, found)
    return answer


def _accounts(roles: set[tuple[int, str]], rows: statements.Rows) -> dict[tuple[int, str], int]:
    found = {(company_id, role): pk for pk, company_id, role in rows}
    for company_id, role in sorted(roles):
        if (company_id, role) not in found:
            raise NoBooks(
                f"There is no account for {Role(role).label.lower()}. Open the company's books first.",
                company_id=company_id,
                role=role,
            )
    return found


def _periods(wanted: set[tuple[int, dt.date, bool]], rows: statements.Rows) -> dict[tuple[int, dt.date, bool], int]:
    """The period of each company and day that takes documents, or adjustments."""
    found = {}
    for company_id, day, adjusts in wanted:
        for pk, of_company, starts_on, ends_on, state in rows:
            if of_company == company_id and starts_on <= day <= ends_on and (adjusts or state == Period.State.OPEN):
                found[company_id, day, adjusts] = pk
        if (company_id, day, adjusts) not in found:
            raise PeriodClosed(
                f"The books are closed on {day.day} {day:%B %Y}. Open the period in the ledger, then post again.",
                company_id=company_id,
                posted_on=day.isoformat(),
            )
    return found
