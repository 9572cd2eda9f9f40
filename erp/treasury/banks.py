"""Deeds of bank accounts: open one, change it; the lines that post to it; the policy of a company's money."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import transaction

from erp.ledger.models import Account
from erp.ledger.services import LedgerLine
from erp.treasury.conversion import Conversion
from erp.treasury.models import BankAccount, MoneyPolicy
from masterdata.errors import InvalidInput, StaleVersion
from masterdata.iban import checked_iban
from masterdata.models import Company, Currency, Partner, Plant

FIELDS = (
    "name", "iban", "bic", "is_main", "is_active", "csv_delimiter", "csv_decimal", "csv_days", "csv_booked_on",
    "csv_amount", "csv_partner", "csv_iban", "csv_text", "csv_balance",
)  # fmt: skip


@transaction.atomic
def open_bank_account(
    *, company_id: int, name: str, currency_id: int, account_code: str, iban: str = "", bic: str = "", **columns: Any
) -> BankAccount:
    """A bank account with the ledger account of that code: the company's own, or a new one. Raises InvalidInput.

    The first of a currency is the main one, where money comes to unless somebody says otherwise.
    """
    company = Company.objects.select_for_update(no_key=True).order_by("pk").get(pk=company_id)
    account, _ = Account.objects.get_or_create(
        company=company, code=account_code.strip(), defaults={"name": name.strip(), "kind": Account.Kind.ASSET}
    )
    if account.role not in ("", Account.Role.BANK) or account.kind != Account.Kind.ASSET:
        raise InvalidInput(f"{account} is for something else: choose an asset account.", field="account_code")
    if BankAccount.objects.filter(account=account).exists():
        raise InvalidInput(f"{account} belongs to another bank account: choose its own.", field="account_code")
    if BankAccount.objects.filter(company=company, name=name.strip()).exists():
        raise InvalidInput(f"There is a bank account {name} already: give it another name.", field="name")
    return BankAccount.objects.create(
        company=company,
        account=account,
        name=name.strip(),
        currency_id=currency_id,
        iban=checked_iban(iban) if iban else "",
        bic=bic.strip().upper(),
        is_main=not BankAccount.objects.filter(company=company, currency=currency_id, is_main=True).exists(),
        **columns,
    )


@transaction.atomic
def change_bank_account(
    *, bank_account_id: int, values: dict[str, Any], expected_version: int | None = None
) -> BankAccount:
    """Change its name, number, whether it is the main one, or how its statements are read. Raises StaleVersion."""
    row = BankAccount.objects.select_for_update(no_key=True).order_by("pk").get(pk=bank_account_id)
    if expected_version not in (None, row.version):
        raise StaleVersion("Somebody changed the bank account meanwhile: look at it again.", version=row.version)
    if values.get("iban"):
        values = values | {"iban": checked_iban(values["iban"])}
    if values.get("is_main"):
        same = BankAccount.objects.filter(company=row.company_id, currency=row.currency_id).exclude(pk=row.pk)
        same.update(is_main=False)
    for name in FIELDS:
        if name in values:
            setattr(row, name, values[name])
    row.version += 1
    row.save()
    return row


def bank_for(
    *, company: Company, currency: Currency, bank_account_id: int | None, field: str = "bank_account"
) -> BankAccount | None:
    """The bank account named, else the company's main one of the currency, else none: the account with the bank's role.

    Raises InvalidInput when it is another company's or in another currency.
    """
    rows = BankAccount.objects.filter(company=company, currency=currency, is_active=True)
    if bank_account_id is None:
        return rows.filter(is_main=True).first()
    found = rows.filter(pk=bank_account_id).first()
    if found is None:
        raise InvalidInput(f"Choose a bank account of {company.name} in {currency.code}.", field=field)
    return found


def bank_line(
    bank: BankAccount | None,
    *,
    amount: Decimal,
    conversion: Conversion,
    plant: Plant,
    partner: Partner | None = None,
    own_amount: Decimal | None = None,
) -> LedgerLine:
    """Money that comes (> 0) to the account or leaves it, `amount` in the document's currency."""
    return LedgerLine(
        role="" if bank else Account.Role.BANK,
        account_id=bank.account_id if bank else None,
        amount=conversion.of(amount) if own_amount is None else own_amount,
        plant=plant,
        partner=partner,
        **conversion.beside(amount),
    )


def policy_of(company_id: int) -> MoneyPolicy:
    """The company's policy; one that allows nothing when it has none."""
    found = MoneyPolicy.objects.filter(company=company_id).first()
    return found or MoneyPolicy(company_id=company_id, write_off_limit=Decimal(0), invoice_limit=Decimal(0))


@transaction.atomic
def set_money_policy(
    *,
    company_id: int,
    write_off_limit: Decimal,
    discount_grace_days: int,
    invoice_limit: Decimal,
    expected_version: int | None = None,
) -> MoneyPolicy:
    """Say what may be written off, granted late and posted without a second person. Raises StaleVersion."""
    row, _ = MoneyPolicy.objects.get_or_create(company_id=company_id)
    row = MoneyPolicy.objects.select_for_update(no_key=True).order_by("pk").get(pk=row.pk)
    if expected_version not in (None, row.version):
        raise StaleVersion("Somebody changed the limits meanwhile: look at them again.", version=row.version)
    if min(write_off_limit, invoice_limit) < 0:
        raise InvalidInput("A limit is zero or more.", field="write_off_limit")
    row.write_off_limit, row.discount_grace_days, row.invoice_limit = (
        write_off_limit,
        discount_grace_days,
        invoice_limit,
    )
    row.version += 1
    row.save()
    return row
