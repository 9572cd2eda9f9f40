"""Forms of receivables: money that came, what it pays, credits, deposits."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from erp.receivables.models import Invoice, InvoiceLine
from erp.receivables.services import Credit, PaymentPart
from erp.treasury.models import BankAccount
from masterdata import shown
from masterdata.models import Company, Currency, Partner
from masterdata.numbers import ZERO, money

ANY = {"step": "any"}


def day_field(label: Any, *, required: bool = True) -> forms.DateField:
    """A day with the browser's own picker."""
    return forms.DateField(label=label, required=required, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))


def amount_field(label: Any, *, required: bool = True, places: int = 2, initial: Any = None) -> forms.DecimalField:
    """An amount; the service says what it may be."""
    return forms.DecimalField(
        label=label,
        required=required,
        max_digits=18,
        decimal_places=places,
        initial=initial,
        widget=forms.NumberInput(ANY | {"aria-label": str(label)}),
    )


class PaymentForm(forms.Form):
    """Money that came in for an invoice."""

    amount = amount_field(_("Amount"))
    discount = amount_field(_("Cash discount"), required=False)
    received_on = day_field(_("Received on"))
    bank_account = forms.ModelChoiceField(
        BankAccount.objects.none(), label=_("Bank account"), required=False, empty_label=_("The main one")
    )
    rate = amount_field(_("Exchange rate"), required=False, places=10)
    reference = forms.CharField(label=_("Reference"), max_length=80, required=False)

    def __init__(self, *args: Any, invoice: Invoice, **kwargs: Any) -> None:
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

    def meant(self) -> dict[str, Any]:
        """As the service takes it."""
        given = dict(self.cleaned_data)
        bank = given.pop("bank_account", None)
        given["discount"] = given.get("discount") or ZERO
        return given | {"bank_account_id": bank.pk if bank else None}


class MoneyForm(forms.Form):
    """Money of a customer, before anybody says what for."""

    company = forms.ModelChoiceField(Company.objects.none(), label=_("Company"))
    customer = forms.ModelChoiceField(Partner.objects.filter(is_customer=True).order_by("name"), label=_("Customer"))
    amount = amount_field(_("Amount"))
    currency = forms.ModelChoiceField(
        Currency.objects.order_by("code"), label=_("Currency"), required=False, empty_label=_("The company's")
    )
    rate = amount_field(_("Exchange rate, if not the day's"), required=False, places=10)
    received_on = day_field(_("Received on"))
    bank_account = forms.ModelChoiceField(
        BankAccount.objects.none(), label=_("Bank account"), required=False, empty_label=_("The main one")
    )
    reference = forms.CharField(label=_("Reference"), max_length=80, required=False)

    def __init__(self, *args: Any, companies: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["company"].queryset = companies  # type: ignore[attr-defined]
        self.fields["bank_account"].queryset = BankAccount.objects.filter(  # type: ignore[attr-defined]
            company__in=companies, is_active=True
        )
        self.fields["company"].initial = companies.first()


class AllocateForm(forms.Form):
    """What is on account, spread over open invoices: the oldest first is proposed, credit notes are used up."""

    def __init__(self, *args: Any, invoices: Sequence[Invoice], left: Decimal, decimals: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.invoices = list(invoices)
        for invoice in self.invoices:
            open_amount: Decimal = invoice.open_amount  # type: ignore[attr-defined]
            part = min(open_amount, left)
            left -= part
            label = _("For %(number)s") % {"number": invoice.number}
            initial = shown.plain(money(part, decimals)) if part else ""
            self.fields[f"amount_{invoice.pk}"] = amount_field(label, required=False, places=decimals, initial=initial)

    @property
    def rows(self) -> list[tuple[Invoice, forms.BoundField]]:
        """Each invoice with its field."""
        return [(invoice, self[f"amount_{invoice.pk}"]) for invoice in self.invoices]

    def meant(self) -> list[PaymentPart]:
        """As the service takes it."""
        given = self.cleaned_data
        return [
            PaymentPart(invoice_id=one.pk, amount=given[f"amount_{one.pk}"])
            for one in self.invoices
            if given.get(f"amount_{one.pk}")
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and not self.meant():
            raise forms.ValidationError(_("Enter at least one amount."))
        return cleaned


class CreditForm(forms.Form):
    """A reason, and per line pieces or an amount; all empty: the whole invoice."""

    reason = forms.CharField(label=_("Why"), max_length=200, widget=forms.TextInput({"autofocus": True}))

    def __init__(self, *args: Any, lines: Sequence[InvoiceLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = list(lines)
        for line in self.lines:
            self.fields[f"quantity_{line.pk}"] = amount_field(_("Pieces"), required=False, places=6)
            self.fields[f"net_{line.pk}"] = amount_field(_("Amount off, net"), required=False)

    @property
    def rows(self) -> list[tuple[InvoiceLine, forms.BoundField, forms.BoundField]]:
        """Each line with its two fields."""
        return [(line, self[f"quantity_{line.pk}"], self[f"net_{line.pk}"]) for line in self.lines]

    def meant(self) -> list[Credit]:
        """As the service takes it; empty: all of it."""
        given = self.cleaned_data
        found = [
            Credit(
                line_id=line.pk,
                quantity=given.get(f"quantity_{line.pk}") or ZERO,
                net=given.get(f"net_{line.pk}") or ZERO,
            )
            for line in self.lines
        ]
        return [one for one in found if one.quantity or one.net]


class ReturnCreditForm(forms.Form):
    """What is kept of a credit, and why it is given; empty: why the goods came back."""

    restock_fee = amount_field(_("Restocking fee, net"), required=False)
    reason = forms.CharField(
        label=_("Why"), max_length=200, required=False, help_text=_("Empty: why the goods came back")
    )


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(label=_("Why"), max_length=200, widget=forms.TextInput({"autofocus": True}))


class RefundForm(forms.Form):
    """What of a payment goes back."""

    amount = amount_field(_("Amount"))
    paid_on = day_field(_("Paid on"))
    reference = forms.CharField(label=_("Reference"), max_length=80, required=False)


class DepositForm(forms.Form):
    """How much is asked for before the goods leave."""

    stage = forms.ChoiceField(
        label=_("What the terms ask for"),
        choices=[
            ("order", _("on order")), ("production", _("before production")), ("shipping", _("before shipping")),
        ],
    )  # fmt: skip
    net = amount_field(_("Or an amount, net"), required=False)


class CollectiveForm(forms.Form):
    """Whose shipments are invoiced together, and until when."""

    company = forms.ModelChoiceField(Company.objects.none(), label=_("Company"))
    customer = forms.ModelChoiceField(Partner.objects.filter(is_customer=True).order_by("name"), label=_("Customer"))
    currency = forms.ModelChoiceField(
        Currency.objects.order_by("code"), label=_("Currency"), required=False, empty_label=_("The company's")
    )
    until_on = day_field(_("Shipped until"), required=False)

    def __init__(self, *args: Any, companies: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["company"].queryset = companies  # type: ignore[attr-defined]
        self.fields["company"].initial = companies.first()


class DunningRunForm(forms.Form):
    """Whose overdue invoices."""

    company = forms.ModelChoiceField(Company.objects.none(), label=_("Company"))

    def __init__(self, *args: Any, companies: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["company"].queryset = companies  # type: ignore[attr-defined]
        self.fields["company"].initial = companies.first()


class LevelChangeForm(forms.Form):
    """When a level is reached, what it costs, what it writes."""

    after_days = forms.IntegerField(label=_("Days overdue"), min_value=0, max_value=1000)
    fee = amount_field(_("Fee"))
    interest_percent = forms.DecimalField(label=_("Interest a year, %"), min_value=ZERO, max_digits=5, decimal_places=2)
    language = forms.CharField(label=_("Language of the text"), max_length=8, initial="en", required=False)
    subject = forms.CharField(label=_("Subject"), max_length=120, required=False)
    body = forms.CharField(
        label=_("Text"), max_length=4000, required=False, widget=forms.Textarea({"rows": 8}),
        help_text=_("{customer}, {invoices}, {total} and {fee} are filled in"),
    )  # fmt: skip


class DunningLevelForm(DunningRunForm, LevelChangeForm):
    """The same of a company and a level."""

    level_no = forms.IntegerField(label=_("Level"), min_value=1, max_value=9)
    field_order = ("company", "level_no")


class HoldForm(forms.Form):
    """Until when, and why."""

    until_on = day_field(_("Until"))
    reason = forms.CharField(label=_("Why"), max_length=200)


class CustomerHoldForm(DunningRunForm):
    """Whom nobody reminds, until when, and why."""

    customer = forms.ModelChoiceField(Partner.objects.filter(is_customer=True).order_by("name"), label=_("Customer"))
    until_on = day_field(_("Until"))
    reason = forms.CharField(label=_("Why"), max_length=200)
