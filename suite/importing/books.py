"""The chart of accounts and the balances that the books begin with: checks, and what is written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from erp import selectors as erp_now
from erp import services as erp
from masterdata.models import Company
from suite.importing.changes import Count, Report
from suite.importing.masters import Target
from suite.importing.outlook import Outlook
from suite.importing.staging import Fault, Row, Staged

ACCOUNTS, BALANCES = "accounts", "opening_balances"


def check(house: Outlook, plant_code: str) -> Iterator[Fault]:
    """What the ledger says of rows that could be read whole; of several things about a row all."""
    company = Company.objects.filter(plants__code=plant_code).select_related("currency").first()
    rows = list(house.staged.reading(ACCOUNTS, "code", "name", "kind", "role", "active"))
    chart = [_account(row) for row in rows]
    for problem in erp_now.chart_problems(company, chart):
        yield rows[problem.at].fault(problem.field, problem.expected)
    rows = list(house.staged.reading(BALANCES, "account_code", "amount", "on"))
    for problem in erp_now.opening_problems(company, [_balance(row) for row in rows], chart):
        yield rows[problem.at].fault(problem.field, problem.expected)


def write(staged: Staged, to: Target, report: Report, now: dt.datetime) -> None:
    """First the accounts, then what stands on them."""
    count = report.entity(ACCOUNTS, len(staged.rows[ACCOUNTS]))
    _add(count, erp.bring_chart(company=to.plant.company, rows=[_account(row) for row in staged.rows[ACCOUNTS]]))
    count = report.entity(BALANCES, len(staged.rows[BALANCES]))
    balances = [_balance(row) for row in staged.rows[BALANCES]]
    _add(count, erp.open_balances(company=to.plant.company, rows=balances, now=now))


def _account(row: Row) -> erp.ChartRow:
    return erp.ChartRow(row["code"], row["name"], row["kind"], row["role"], row["active"])


def _balance(row: Row) -> erp.OpeningBalance:
    return erp.OpeningBalance(row["account_code"], row["amount"], row["on"])


def _add(count: Count, brought: erp.Brought) -> None:
    count.created += brought.created
    count.changed += brought.changed
    count.unchanged += brought.unchanged
