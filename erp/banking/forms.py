"""Forms of banking: a bank account, a statement's file, what a line is."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from erp.banking.services.matching import BOOKABLE
from erp.ledger.models import Account
from erp.treasury.banks import FIELDS
from erp.treasury.models import BankAccount
from masterdata.forms import form_of
from masterdata.models import Currency, Partner
from masterdata.pages import OfCompanyForm


class NewBankAccountForm(OfCompanyForm):
    """An account at a bank and its account in the ledger."""

    name = forms.CharField(label=_("Name"), max_length=80)
    currency = forms.ModelChoiceField(Currency.objects.order_by("code"), label=_("Currency"))
    account_code = forms.CharField(
        label=_("Account in the ledger"), max_length=20, help_text=_("A new code opens a new account")
    )
    iban = forms.CharField(label=_("IBAN"), max_length=42, required=False)
    bic = forms.CharField(label=_("BIC"), max_length=11, required=False)


BankAccountForm = form_of(
    BankAccount,
    list(FIELDS),
    labels={
        "iban": _("IBAN"),
        "bic": _("BIC"),
        "is_main": _("Money comes here unless somebody says otherwise"),
        "is_active": _("Active"),
        "csv_delimiter": _("CSV: between columns"),
        "csv_decimal": _("CSV: decimal sign"),
        "csv_days": _("CSV: days look like"),
        "csv_booked_on": _("CSV column: day"),
        "csv_amount": _("CSV column: amount"),
        "csv_partner": _("CSV column: partner"),
        "csv_iban": _("CSV column: their account"),
        "csv_text": _("CSV column: text"),
        "csv_balance": _("CSV column: balance"),
    },
)


class StatementForm(forms.Form):
    """A file of the bank."""

    file = forms.FileField(label=_("Statement: CSV or camt.053"))


class BookForm(forms.Form):
    """The account that a line belongs to, and words that say so next time."""

    account = forms.ModelChoiceField(Account.objects.none(), label=_("Account"))
    words = forms.CharField(
        label=_("Remember for lines with the words"),
        max_length=80,
        required=False,
        help_text=_("Empty: only this once"),
    )

    def __init__(self, *args: Any, company_id: int, bank_account_id: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Account.objects.filter(Q(role__in=BOOKABLE), company=company_id).exclude(bank_account=bank_account_id)
        self.fields["account"].queryset = rows.order_by("code")  # type: ignore[attr-defined]


class OnAccountForm(forms.Form):
    """Whose money it is."""

    customer = forms.ModelChoiceField(Partner.objects.filter(is_customer=True).order_by("name"), label=_("Customer"))


class MoneyPolicyForm(forms.Form):
    """What of a company's money goes by itself."""

    write_off_limit = forms.DecimalField(
        label=_("Open amount that may be written off, at most"), min_value=0, max_digits=18, decimal_places=2
    )
    discount_grace_days = forms.IntegerField(label=_("Days of grace for a cash discount"), min_value=0, max_value=60)
    invoice_limit = forms.DecimalField(
        label=_("Supplier invoices without an order, net, approved by one person up to"), min_value=0, max_digits=18,
        decimal_places=2,
    )  # fmt: skip
