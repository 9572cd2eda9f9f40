"""Questions to the ledger: balances of accounts, and what stands there for one order."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, QuerySet, Sum

from erp.ledger.models import Account, JournalLine, SealBatch, UnsealedEntry
from masterdata.models import Company
from masterdata.numbers import ZERO


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One account's balance: `balance` > 0 is debit."""

    code: str
    name: str
    role: str
    debit: Decimal
    credit: Decimal

    @property
    def balance(self) -> Decimal:
        return self.debit - self.credit


@dataclass(frozen=True, slots=True)
class JournalHead:
    """How far the journal of a company is sealed: entries, the last hash and its time, and how many entries wait."""

    company: Company
    sealed: int
    sealed_at: dt.datetime
    digest: str
    waiting: int


def journal_heads(companies: QuerySet[Company]) -> list[JournalHead]:
    """The head of each journal with a seal; two queries."""
    waiting = dict(
        UnsealedEntry.objects.order_by()
        .values_list("entry__company")
        .annotate(count=Count("pk"))
        .values_list("entry__company", "count")
    )
    last = SealBatch.objects.filter(company__in=companies).select_related("company")
    return [
        JournalHead(
            one.company, one.last_position, one.sealed_at, bytes(one.digest).hex(), waiting.get(one.company_id, 0)
        )
        for one in last.order_by("company_id", "-batch_no").distinct("company_id")
    ]


def trial_balance(company: Company) -> list[AccountRow]:
    """Every account of the company by code with its turnovers; their balances sum to zero."""
    lines = JournalLine.objects.filter(account__company=company)
    debited = dict(lines.filter(amount__gt=0).values_list("account").annotate(Sum("amount")).order_by())
    credited = dict(lines.filter(amount__lt=0).values_list("account").annotate(Sum("amount")).order_by())
    return [
        AccountRow(
            account.code, account.name, account.role, debited.get(account.pk, ZERO), -credited.get(account.pk, ZERO)
        )
        for account in Account.objects.filter(company=company).order_by("code")
    ]


def account_balance(
    company: Company,
    role: str,
    *,
    plant_id: int | None = None,
    order_id: int | None = None,
    work_order_id: int | None = None,
    partner_id: int | None = None,
) -> Decimal:
    """Debits less credits of the account with that role, limited to the dimensions given."""
    dimensions = {
        "plant_id": plant_id,
        "sales_order_id": order_id,
        "work_order_id": work_order_id,
        "partner_id": partner_id,
    }
    lines = JournalLine.objects.filter(account__company=company, account__role=role).filter(
        **{name: value for name, value in dimensions.items() if value is not None}
    )
    return lines.aggregate(total=Sum("amount"))["total"] or ZERO


def order_ledger(order_id: int) -> QuerySet[JournalLine]:
    """Every journal line that names the order, oldest first, with its account and entry."""
    return JournalLine.objects.filter(sales_order_id=order_id).select_related("account", "entry").order_by("id")
