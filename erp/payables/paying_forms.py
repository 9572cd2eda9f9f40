"""Forms of money to suppliers: pay an invoice, pay in advance, use what was paid, change a proposal."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from erp.payables.models import PaymentProposalLine, SupplierInvoice
from erp.payables.services import PaidPart
from erp.payables.services.proposals import ProposedPart
from erp.treasury.models import BankAccount
from masterdata import shown
from masterdata.models import Company, Currency, Partner
from masterdata.numbers import ZERO, money

ANY = {"step": "any"}


def day_field(label: Any) -> forms.DateField:
    """A day with the browser's own picker."""
    return forms.DateField(label=label, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))


def amount_field(label: Any, *, required: bool = True, places: int = 2, initial: Any = None) -> forms.DecimalField:
    """An amount; the service says what it may be."""
    widget = forms.NumberInput(ANY | {"aria-label": str(label)})
    return forms.DecimalField(
        label=label, required=required, max_digits=18, decimal_places=places, initial=initial, widget=widget
    )


class PayForm(forms.Form):
    """How much of an invoice is paid, less which discount, from where and when."""

    amount = amount_field(_("Amount"))
    discount = amount_field(_("Cash discount"), required=False)
    rate = amount_field(_("Exchange rate, if not the day's"), required=False, places=10)
    paid_on = day_field(_("Paid on"))
    bank_account = forms.ModelChoiceField(
        BankAccount.objects.none(), label=_("Bank account"), required=False, empty_label=_("The main one")
    )
    reference = forms.CharField(label=_("Reference"), max_length=80, required=False)

    def __init__(self, *args: Any, invoice: SupplierInvoice, **kwargs: Any) -> None:
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

    def meant(self, invoice_id: int) -> dict[str, Any]:
        """As the service takes it."""
        given = self.cleaned_data
        bank = given.get("bank_account")
        part = PaidPart(invoice_id=invoice_id, amount=given["amount"], discount=given.get("discount") or ZERO)
        return {
            "parts": [part],
            "paid_on": given["paid_on"],
            "reference": given["reference"],
            "rate": given.get("rate"),
            "bank_account_id": bank.pk if bank else None,
        }


class AdvanceForm(forms.Form):
    """Money for a supplier before there is an invoice."""

    company = forms.ModelChoiceField(Company.objects.none(), label=_("Company"))
    supplier = forms.ModelChoiceField(
        Partner.objects.filter(is_supplier=True, is_active=True).order_by("name"), label=_("Supplier")
    )
    amount = amount_field(_("Amount"))
    currency = forms.ModelChoiceField(
        Currency.objects.order_by("code"), label=_("Currency"), required=False, empty_label=_("The company's")
    )
    rate = amount_field(_("Exchange rate, if not the day's"), required=False, places=10)
    paid_on = day_field(_("Paid on"))
    bank_account = forms.ModelChoiceField(
        BankAccount.objects.none(), label=_("Bank account"), required=False, empty_label=_("The main one")
    )
    reference = forms.CharField(label=_("Reference"), max_length=80, required=False)

    def __init__(self, *args: Any, companies: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["company"].queryset = companies  # type: ignore[attr-defined]
        self.fields["company"].initial = companies.first()
        banks = BankAccount.objects.filter(company__in=companies, is_active=True)
        self.fields["bank_account"].queryset = banks  # type: ignore[attr-defined]


class UseAdvanceForm(forms.Form):
    """What was paid in advance, spread over open invoices: the oldest first is proposed."""

    def __init__(self, *args: Any, invoices: Sequence[Any], left: Decimal, decimals: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.invoices = list(invoices)
        for invoice in self.invoices:
            part = min(invoice.open_amount, left)
            left -= part
            label = _("For %(number)s") % {"number": invoice.number}
            initial = shown.plain(money(part, decimals)) if part else ""
            field = amount_field(label, required=False, places=decimals, initial=initial)
            self.fields[f"amount_{invoice.pk}"] = field

    @property
    def rows(self) -> list[tuple[Any, forms.BoundField]]:
        """Each invoice with its field."""
        return [(invoice, self[f"amount_{invoice.pk}"]) for invoice in self.invoices]

    def meant(self) -> list[PaidPart]:
        """As the service takes it."""
        given = ((one, self.cleaned_data.get(f"amount_{one.pk}")) for one in self.invoices)
        return [PaidPart(invoice_id=one.pk, amount=amount) for one, amount in given if amount]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and not self.meant():
            raise forms.ValidationError(_("Enter at least one amount."))
        return cleaned


class ProposalChangeForm(forms.Form):
    """The day, and what is paid of which invoice: emptied, it is taken out; filled, it is put in."""

    pay_on = day_field(_("Pay on"))

    def __init__(
        self, *args: Any, lines: Sequence[PaymentProposalLine], others: Sequence[Any], decimals: int, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.paid = [(line.invoice, line.amount, line.discount) for line in lines]
        self.others = list(others)
        for invoice, amount, discount in [*self.paid, *((one, None, ZERO) for one in self.others)]:
            initial = "" if amount is None else shown.plain(money(amount, decimals))
            code = {"number": invoice.number}
            self.fields[f"amount_{invoice.pk}"] = amount_field(
                _("Pay of %(number)s") % code, required=False, places=decimals, initial=initial
            )
            self.fields[f"discount_{invoice.pk}"] = amount_field(
                _("Discount of %(number)s") % code, required=False, places=decimals,
                initial=shown.plain(money(discount, decimals)) if discount else "",
            )  # fmt: skip

    @property
    def rows(self) -> list[tuple[Any, bool, forms.BoundField, forms.BoundField]]:
        """Each invoice, whether it is in the proposal, and its two fields."""
        found = [(invoice, True) for invoice, _amount, _discount in self.paid]
        found += [(invoice, False) for invoice in self.others]
        return [(one, is_in, self[f"amount_{one.pk}"], self[f"discount_{one.pk}"]) for one, is_in in found]

    def meant(self) -> list[ProposedPart]:
        """As the service takes it."""
        given = self.cleaned_data
        return [
            ProposedPart(
                invoice_id=one.pk, amount=given[f"amount_{one.pk}"], discount=given.get(f"discount_{one.pk}") or ZERO
            )
            for one, _is_in, _amount, _discount in self.rows
            if given.get(f"amount_{one.pk}")
        ]
