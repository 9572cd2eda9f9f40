"""The chart of accounts: added, changed, no longer used, deleted while nothing points to it."""

from __future__ import annotations

from typing import ClassVar

from django.db import transaction

from erp.books.models import ManualEntryLine
from erp.ledger.models import Account, JournalLine
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import Company
from masterdata.records import create_record


class AccountInUse(Refusal):
    """Postings find the account by its role, or lines stand on it."""

    code: ClassVar[str] = "account_in_use"


@transaction.atomic
def add_account(*, company: Company, code: str, name: str, kind: str) -> Account:
    """An account without a role. Raises InvalidInput with every finding."""
    values = {"company": company, "code": code.strip(), "name": name.strip(), "kind": kind}
    return create_record(model=Account, values=values)


@transaction.atomic
def change_account(*, account_id: int, code: str, name: str, kind: str, is_active: bool = True) -> Account:
    """Another number, name or kind, or no longer in use. Locks it.

    Raises AccountInUse for the kind of one with lines or a role, and for putting one with a role out of use;
    InvalidInput for a number that another one has.
    """
    account = Account.objects.select_for_update().order_by("pk").get(pk=account_id)
    if kind not in Account.Kind.values:
        raise InvalidInput("Choose a kind of account.", field="kind")
    if kind != account.kind and (account.role or _has_lines(account)):
        raise AccountInUse(
            f"{account} is posted to: its kind stays, or all reports of the past would change. Add another account.",
            field="kind",
        )
    if account.role and not is_active:
        raise AccountInUse(
            f"Postings go to {account} by themselves ({account.get_role_display().lower()}): it stays in use.",
            field="is_active",
        )
    others = Account.objects.filter(company=account.company_id, code=code.strip()).exclude(pk=account.pk)
    if not code.strip() or others.exists():
        raise InvalidInput("Enter a number that no other account of the company has.", field="code")
    if not name.strip():
        raise InvalidInput("Enter a name.", field="name")
    account.code, account.name, account.kind, account.is_active = code.strip(), name.strip(), kind, is_active
    account.save(update_fields=["code", "name", "kind", "is_active"])
    return account


@transaction.atomic
def delete_account(*, account_id: int) -> None:
    """Take one away that nothing points to. Locks it. Raises AccountInUse."""
    account = Account.objects.select_for_update().order_by("pk").get(pk=account_id)
    if account.role or _has_lines(account) or ManualEntryLine.objects.filter(account=account).exists():
        raise AccountInUse(f"{account} is posted to: put it out of use instead.", account_id=account.pk)
    account.delete()


def _has_lines(account: Account) -> bool:
    return JournalLine.objects.filter(account=account).exists()
