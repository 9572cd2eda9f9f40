"""Bank accounts and the policy of a company's money over REST."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from erp.treasury import banks
from erp.treasury.models import BankAccount, MoneyPolicy
from erp.treasury.selectors import with_balance
from masterdata.api.deeds import changes, creates
from masterdata.api.rows import ReadableRows
from masterdata.api.serializers import Amount, Body, Row, Visible
from masterdata.models import Company, Currency

SEE, EDIT = "erp.view_ledger", "erp.edit_bank_account"
COLUMNS = tuple(name for name in banks.FIELDS if name.startswith("csv_"))


class BankAccountRow(Row):
    balance = serializers.DecimalField(max_digits=20, decimal_places=4)
    own_balance = serializers.DecimalField(max_digits=20, decimal_places=4)

    class Meta:
        model = BankAccount
        fields = (
            "id", "company", "account", "name", "currency", "iban", "bic", "is_main", "is_active", *COLUMNS, "version",
            "balance", "own_balance",
        )  # fmt: skip


class BankAccountBody(Row):
    """A new bank account; `account_code` is its account in the ledger, made when there is none."""

    company = Visible(queryset=Company.objects.all())
    currency = Visible(queryset=Currency.objects.all())
    account_code = serializers.CharField(max_length=20)

    class Meta:
        model = BankAccount
        fields = ("company", "currency", "account_code", "name", "iban", "bic", *COLUMNS)
        validators: tuple[Any, ...] = ()


class BankAccountChange(Row):
    class Meta:
        model = BankAccount
        fields = ("name", "iban", "bic", "is_main", "is_active", *COLUMNS)


class MoneyPolicyRow(Row):
    class Meta:
        model = MoneyPolicy
        fields = ("id", "company", "write_off_limit", "discount_grace_days", "invoice_limit", "version")


class MoneyPolicyBody(Body):
    company = Visible(queryset=Company.objects.all())
    write_off_limit = Amount(min_value=0)
    discount_grace_days = serializers.IntegerField(min_value=0, max_value=60)
    invoice_limit = Amount(min_value=0)


class BankAccounts(ReadableRows):
    """Accounts at banks, each with a ledger account of its own, and what the books say lies there."""

    queryset = with_balance(BankAccount.objects.all())
    serializer_class = BankAccountRow
    view_deed = SEE
    filterset_fields = ("company", "currency", "iban", "is_active")

    @creates(EDIT, takes=BankAccountBody, gives=BankAccountRow)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Open one in the books."""
        given = self.taken(BankAccountBody)
        company, currency = given.pop("company"), given.pop("currency")
        return self.answer(banks.open_bank_account(company_id=company.pk, currency_id=currency.pk, **given), status=201)

    @changes(EDIT, takes=BankAccountChange, gives=BankAccountRow)
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change its name, number, or how its statements are read; If-Match guards against somebody faster."""
        row = self.get_object()
        body = BankAccountChange(row, data=request.data, partial=True, context=self.get_serializer_context())
        body.is_valid(raise_exception=True)
        return self.answer(
            banks.change_bank_account(
                bank_account_id=row.pk, values=dict(body.validated_data), expected_version=self.expected_version()
            )
        )


class MoneyPolicies(ReadableRows):
    """What of a company's money goes by itself: rests, late discounts, invoices without an order."""

    queryset = MoneyPolicy.objects.all()
    serializer_class = MoneyPolicyRow
    view_deed = SEE
    filterset_fields = ("company",)

    @creates("erp.set_money_policy", takes=MoneyPolicyBody, gives=MoneyPolicyRow)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Set it for a company, in place of what stood there; If-Match guards against somebody faster."""
        given = self.taken(MoneyPolicyBody)
        company = given.pop("company")
        row = banks.set_money_policy(company_id=company.pk, expected_version=self.expected_version(), **given)
        return self.answer(row, status=201)


VIEWSETS: list[tuple[str, Any]] = [("bank-accounts", BankAccounts), ("money-policies", MoneyPolicies)]
