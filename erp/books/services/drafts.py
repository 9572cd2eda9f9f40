"""What a manual entry is made of, and what it must not be."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from erp.ledger.models import Account
from erp.sales.models import SalesOrder
from masterdata.errors import InvalidInput
from masterdata.models import Company, Plant
from masterdata.numbers import money

Role = Account.Role
CONTROLLED = frozenset(
    {
        Role.RECEIVABLE, Role.PAYABLE, Role.INVENTORY, Role.TRANSIT, Role.WIP, Role.GRNI, Role.OWED_ISSUE,
        Role.LANDED_COST, Role.DEPOSIT, Role.ACCRUED_COST,
    }
)  # fmt: skip
"""Accounts that documents alone post to: their sub-ledger has to tie."""


class ControlAccount(InvalidInput):
    """Documents alone post to the account."""

    code: ClassVar[str] = "control_account"


@dataclass(frozen=True, slots=True)
class ManualLine:
    """`amount` above zero is a debit, in the company's currency."""

    account_id: int
    amount: Decimal
    text: str = ""
    plant_id: int | None = None
    partner_id: int | None = None
    sales_order_id: int | None = None
    tax_code_id: int | None = None
    tax_base: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ManualDraft:
    """An entry as it is written; it may be unbalanced until it is submitted."""

    posted_on: dt.date
    memo: str
    lines: Sequence[ManualLine]
    is_accrual: bool = False
    repeats_until: dt.date | None = None


def check_draft(company: Company, draft: ManualDraft) -> None:
    if not draft.memo.strip():
        raise InvalidInput("Say what the entry is for.", field="memo")
    accounts = Account.objects.filter(company=company).in_bulk([line.account_id for line in draft.lines])
    for index, line in enumerate(draft.lines):
        if line.account_id not in accounts:
            raise InvalidInput(f"Choose an account of {company.name}.", field=f"lines.{index}.account")
        if not line.amount or money(line.amount, company.currency.decimals) != line.amount:
            raise InvalidInput("Enter a debit or a credit, to the smallest coin.", field=f"lines.{index}.debit")
        if line.tax_base is not None and line.tax_code_id is None:
            raise InvalidInput("A base goes with a tax code: choose one.", field=f"lines.{index}.tax_code")
    check_accounts(company, [(accounts[line.account_id], index) for index, line in enumerate(draft.lines)])
    _check_company(company, draft.lines)


def check_accounts(company: Company, accounts: Sequence[tuple[Account, int]]) -> None:
    for account, index in accounts:
        if account.role in CONTROLLED:
            raise ControlAccount(
                f"Documents alone post to {account}, so that it ties to them: enter the document, or choose another.",
                field=f"lines.{index}.account",
                account=account.code,
            )
        if not account.is_active:
            raise InvalidInput(f"{account} is no longer used: choose another.", field=f"lines.{index}.account")


def _check_company(company: Company, lines: Sequence[ManualLine]) -> None:
    plants = set(Plant.objects.filter(company=company).values_list("pk", flat=True))
    orders = {line.sales_order_id for line in lines if line.sales_order_id}
    ours = set(SalesOrder.objects.filter(pk__in=orders, company=company).values_list("pk", flat=True))
    for index, line in enumerate(lines):
        if line.plant_id and line.plant_id not in plants:
            raise InvalidInput(f"Choose a plant of {company.name}.", field=f"lines.{index}.plant")
        if line.sales_order_id and line.sales_order_id not in ours:
            raise InvalidInput(f"Choose an order of {company.name}.", field=f"lines.{index}.sales_order")
