"""Bank accounts with what the books say lies there."""

from __future__ import annotations

from typing import Any

from django.db.models import DecimalField, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from erp.ledger.models import JournalLine
from erp.treasury.models import BankAccount
from masterdata.access import visible_to
from masterdata.numbers import ZERO

MONEY: DecimalField = DecimalField(max_digits=20, decimal_places=4)


def with_balance(rows: QuerySet[BankAccount]) -> QuerySet[BankAccount]:
    """Add `own_balance`: the ledger's balance in the company's currency, and `balance`: in the account's."""
    lines = JournalLine.objects.filter(account=OuterRef("account")).order_by().values("account")

    def total(amount: Any) -> Any:
        return Coalesce(Subquery(lines.annotate(x=Sum(amount)).values("x"), output_field=MONEY), ZERO)

    return rows.annotate(own_balance=total("amount"), balance=total(Coalesce("currency_amount", "amount")))


def visible_bank_accounts(user: Any) -> QuerySet[BankAccount]:
    """Those of the companies where the user may see the ledger."""
    rows = BankAccount.objects.select_related("company__currency", "currency", "account")
    return visible_to(user, with_balance(rows), "erp.view_ledger")
