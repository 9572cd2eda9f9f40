"""Forms of money as customers and suppliers share them: days and amounts, from which bank account, for what."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from erp.treasury.models import BankAccount
from masterdata import shown
from masterdata.models import Currency
from masterdata.numbers import money
from masterdata.pages import OfCompanyForm

ANY = {"step": "any"}


def day_field(label: Any, *, required: bool = True) -> forms.DateField:
    """A day with the browser's own picker."""
    return forms.DateField(label=label, required=required, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))


def amount_field(label: Any, *, required: bool = True, places: int = 2, initial: Any = None) -> forms.DecimalField:
    """An amount; the service says what it may be."""
    widget = forms.NumberInput(ANY | {"aria-label": str(label)})
    return forms.DecimalField(
        label=label, required=required, max_digits=18, decimal_places=places, initial=initial, widget=widget
    )


def bank_field() -> forms.ModelChoiceField:
    """Which bank account the money goes through; the form says which there are."""
    return forms.ModelChoiceField(
        BankAccount.objects.none(), label=_("Bank account"), required=False, empty_label=_("The main one")
    )


def currency_field() -> forms.ModelChoiceField:
    """Another currency than the company's."""
    return forms.ModelChoiceField(
        Currency.objects.order_by("code"), label=_("Currency"), required=False, empty_label=_("The company's")
    )


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(label=_("Why"), max_length=200, widget=forms.TextInput({"autofocus": True}))


class SettleForm(forms.Form):
    """How much of one invoice is paid, less which discount, at which rate, through which bank account.

    What the invoice leaves no choice of is left out: a discount that it does not grant, the rate of one's own currency.
    """

    amount = amount_field(_("Amount"))
    discount = amount_field(_("Cash discount"), required=False)
    rate = amount_field(_("Exchange rate, if not the day's"), required=False, places=10)
    bank_account = bank_field()
    reference = forms.CharField(label=_("Reference"), max_length=80, required=False)

    def __init__(self, *args: Any, invoice: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        banks = BankAccount.objects.filter(company=invoice.company_id, currency=invoice.currency_id, is_active=True)
        if not invoice.discount_amount:
            del self.fields["discount"]
        if invoice.currency_id == invoice.company.currency_id:
            del self.fields["rate"]
        if banks.exists():
            self.fields["bank_account"].queryset = banks  # type: ignore[attr-defined]
        else:
            del self.fields["bank_account"]

    @property
    def bank_account_id(self) -> int | None:
        """The one that was chosen."""
        bank = self.cleaned_data.get("bank_account")
        return bank.pk if bank else None


class MoneyForm(OfCompanyForm):
    """Money from or to somebody (`partner` names the field), before anybody says what for."""

    partner: ClassVar[str]
    amount = amount_field(_("Amount"))
    currency = currency_field()
    rate = amount_field(_("Exchange rate, if not the day's"), required=False, places=10)
    bank_account = bank_field()
    reference = forms.CharField(label=_("Reference"), max_length=80, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        banks = BankAccount.objects.filter(company__in=self.companies, is_active=True)
        self.fields["bank_account"].queryset = banks  # type: ignore[attr-defined]

    def meant(self) -> dict[str, Any]:
        """As the services take it; without a currency it is the bank account's."""
        given = dict(self.cleaned_data)
        company, partner = given.pop("company"), given.pop(self.partner)
        currency, bank = given.pop("currency"), given.pop("bank_account")
        return given | {
            "company_id": company.pk,
            f"{self.partner}_id": partner.pk,
            "currency_id": currency.pk if currency else (bank.currency_id if bank else None),
            "bank_account_id": bank.pk if bank else None,
        }


class SpreadForm(forms.Form):
    """Money that is there, spread over open invoices: the oldest first is proposed, what is below zero is used up."""

    part: ClassVar[type[Any]]  # what the service takes of each: `invoice_id` and `amount`

    def __init__(self, *args: Any, invoices: Sequence[Any], left: Decimal, decimals: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.invoices = list(invoices)
        for invoice in self.invoices:
            part = min(invoice.open_amount, left)
            left -= part
            label = _("For %(number)s") % {"number": invoice.number}
            initial = shown.plain(money(part, decimals)) if part else ""
            self.fields[f"amount_{invoice.pk}"] = amount_field(label, required=False, places=decimals, initial=initial)

    @property
    def rows(self) -> list[tuple[Any, forms.BoundField]]:
        """Each invoice with its field."""
        return [(invoice, self[f"amount_{invoice.pk}"]) for invoice in self.invoices]

    def meant(self) -> list[Any]:
        """As the service takes it."""
        given = ((one, self.cleaned_data.get(f"amount_{one.pk}")) for one in self.invoices)
        return [self.part(invoice_id=one.pk, amount=amount) for one, amount in given if amount]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and not self.meant():
            raise forms.ValidationError(_("Enter at least one amount."))
        return cleaned
