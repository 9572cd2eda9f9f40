"""A whole chart of accounts and what stands on it when the books begin: by import, all accounts at once."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from django.db import transaction
from django.db.models import Exists, OuterRef

from erp.books.services.drafts import CONTROLLED
from erp.ledger.models import Account, JournalEntry, JournalLine
from erp.ledger.services import CHART, LedgerLine, post_entry
from masterdata.errors import Refusal
from masterdata.models import Company
from masterdata.numbers import ZERO, money

Kind, Role = Account.Kind, Account.Role


class ChartNotSound(Refusal):
    """Rows of a chart that cannot be as they are; `problems` names them."""

    code: ClassVar[str] = "chart_not_sound"


@dataclass(frozen=True, slots=True)
class ChartRow:
    """An account as it should be. With a role it is the company's account of that role, under whatever number."""

    code: str
    name: str
    kind: str
    role: str = ""
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a row of a chart or of opening balances: its place, the field, what was expected."""

    at: int
    field: str
    expected: str


@dataclass(frozen=True, slots=True)
class Brought:
    """How many rows were created, changed and left alone."""

    created: int
    changed: int
    unchanged: int


def chart_problems(company: Company | None, rows: Sequence[ChartRow]) -> list[Problem]:
    """Everything that speaks against the rows; None: a company that is yet to open its books."""
    there = accounts_of(company)
    taken = {one.code: one for one in there}
    meant = _meant(there, rows)
    moved = {id(one) for one, row in zip(meant, rows, strict=True) if one and one.code != row.code}
    posted = _posted(company)
    roles = Counter(row.role for row in rows if row.role)
    found = []
    for at, (row, one) in enumerate(zip(rows, meant, strict=True)):
        owner = taken.get(row.code)
        if row.role and roles[row.role] > 1:
            found.append(Problem(at, "role", "each role once"))
        if one and row.kind != one.kind and (one.role or one.pk in posted):
            found.append(Problem(at, "kind", f"{one.kind}, which {one.code} is; lines or postings depend on it"))
        if (row.role or (one and one.role)) and not row.is_active:
            found.append(Problem(at, "active", "yes, because postings go to it by themselves"))
        if owner is not None and owner is not one and id(owner) not in moved:
            found.append(Problem(at, "code", f"a number that is free; {owner} has it"))
    return found


@transaction.atomic
def bring_chart(*, company: Company, rows: Sequence[ChartRow]) -> Brought:
    """Make the accounts of the company what the rows say; accounts that no row names stay. Locks all its accounts.

    Raises ChartNotSound.
    """
    there = list(Account.objects.select_for_update().filter(company=company).order_by("pk"))
    if problems := chart_problems(company, rows):
        raise ChartNotSound(f"The chart is not sound: expected {problems[0].expected}.", rows=len(problems))
    new, changed, moving = [], [], []
    for row, one in zip(rows, _meant(there, rows), strict=True):
        if one is None:
            one = Account(company=company, role=row.role)
            new.append(one)
        elif _values(one) == (row.code, row.name, row.kind, row.is_active):
            continue
        else:
            changed.append(one)
            moving += [one] * (one.code != row.code)
        one.code, one.name, one.kind, one.is_active = row.code, row.name, row.kind, row.is_active
    for one in moving:  # two may change numbers with one another
        Account.objects.filter(pk=one.pk).update(code=f"~{one.pk}")
    Account.objects.bulk_update(changed, ["code", "name", "kind", "is_active"])
    Account.objects.bulk_create(new)
    return Brought(len(new), len(changed), len(rows) - len(new) - len(changed))


@dataclass(frozen=True, slots=True)
class OpeningBalance:
    """What stood on an account at the end of a day before the books began: above zero is a debit, company currency."""

    code: str
    amount: Decimal
    on: dt.date


def opening_problems(
    company: Company | None, rows: Sequence[OpeningBalance], chart: Iterable[ChartRow] = ()
) -> list[Problem]:
    """Everything that speaks against the balances, on the accounts as `chart` will have made them."""
    before = {one.code: (one.role, one.is_active) for one in accounts_of(company)}
    moved = {row.role for row in chart if row.role}
    staying = {code: values for code, values in before.items() if values[0] not in moved}
    changes = {row.code: (row.role or staying.get(row.code, ("", True))[0], row.is_active) for row in chart}
    roles = staying | changes
    decimals = company.currency.decimals if company else 2
    opened = _opened(company)
    found = []
    for at, row in enumerate(rows):
        if expected := _account_expected(row.code, before, roles):
            found.append(Problem(at, "account_code", expected))
        if money(row.amount, decimals) != row.amount:
            found.append(Problem(at, "amount", f"an amount with at most {decimals} decimals"))
        if row.on != rows[0].on:
            found.append(Problem(at, "on", f"{rows[0].on.isoformat()}, the day of the first row"))
        amount, on = opened.get(row.code, (ZERO, row.on))
        if opened and (amount, on) != (row.amount, row.on):
            found.append(Problem(at, "amount", f"{amount:f} on {on}, as it was opened; a manual entry corrects it"))
    return found


Places = dict[str, tuple[str, bool]]


def _account_expected(code: str, before: Places, after: Places) -> str:
    """What a balance should stand on instead; empty when the account will do."""
    if code in before and code not in after:
        return f"an account; {code} gets another number in accounts.csv"
    role, is_active = after.get(code, ("", True))
    if role in CONTROLLED:
        return "an account that not only documents post to: enter the stock or the open items themselves"
    if role == Role.OPENING:
        return "another account; this one takes the difference by itself"
    return "" if is_active else "an account that is in use"


@transaction.atomic
def open_balances(*, company: Company, rows: Sequence[OpeningBalance], now: dt.datetime) -> Brought:
    """Post the balances as one entry, with the difference on the account of opening balances; again changes nothing.

    Raises ChartNotSound, PeriodClosed.
    """
    if problems := opening_problems(company, rows):
        raise ChartNotSound(f"The balances cannot be opened: expected {problems[0].expected}.", rows=len(problems))
    wanted = [row for row in rows if row.amount]
    if not wanted or _opened(company):
        return Brought(0, 0, len(rows))
    accounts = {one.code: one.pk for one in Account.objects.filter(company=company)}
    lines = [LedgerLine(account_id=accounts[row.code], amount=row.amount) for row in wanted]
    lines.append(LedgerLine(role=Role.OPENING, amount=-sum((row.amount for row in wanted), ZERO)))
    post_entry(
        company=company,
        kind=JournalEntry.Kind.OPENING,
        source=_source(company),
        lines=lines,
        now=now,
        memo="Opening balances",
        posted_on=wanted[0].on,
    )
    return Brought(len(wanted), 0, len(rows) - len(wanted))


def accounts_of(company: Company | None) -> list[Account]:
    """The accounts of the company; those that opening its books will make, when it has none yet."""
    there = list(Account.objects.filter(company=company).order_by("pk")) if company else []
    return there or [
        Account(code=code, name=Role(role).label, kind=kind, role=role) for role, (code, kind) in CHART.items()
    ]


def _meant(there: Sequence[Account], rows: Sequence[ChartRow]) -> list[Account | None]:
    """The account of each row: by its role, else by its number unless that account goes by its role elsewhere."""
    by_role = {one.role: one for one in there if one.role}
    named = {row.role for row in rows if row.role}
    by_code = {one.code: one for one in there if one.role not in named}
    return [by_role.get(row.role) if row.role else by_code.get(row.code) for row in rows]


def _values(one: Account) -> tuple[str, str, str, bool]:
    return one.code, one.name, one.kind, one.is_active


def _posted(company: Company | None) -> set[int]:
    if company is None:
        return set()
    lines = JournalLine.objects.filter(account=OuterRef("pk"))
    return set(Account.objects.filter(Exists(lines), company=company).values_list("pk", flat=True))


def _source(company: Company) -> str:
    return f"opening_balances:{company.pk}"


def _opened(company: Company | None) -> dict[str, tuple[Decimal, dt.date]]:
    """Account -> what was opened and when; empty when nothing was, or it was undone."""
    if company is None:
        return {}
    lines = JournalLine.objects.filter(entry__source=_source(company), entry__company=company, entry__reversed_by=None)
    lines = lines.filter(entry__reverses=None).exclude(account__role=Role.OPENING)
    return {code: (amount, on) for code, amount, on in lines.values_list("account__code", "amount", "entry__posted_on")}
