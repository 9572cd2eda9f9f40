"""Forms of receivables: money that came, what it pays, credits, deposits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from erp.receivables.models import InvoiceLine
from erp.receivables.services import Credit, PaymentPart
from erp.treasury.forms import MoneyForm, SettleForm, SpreadForm, amount_field, currency_field, day_field
from masterdata.models import Partner
from masterdata.numbers import ZERO
from masterdata.pages import OfCompanyForm


class PaymentForm(SettleForm):
    """Money that came in for an invoice."""

    received_on = day_field(_("Received on"))
    field_order = ("amount", "discount", "received_on", "bank_account", "rate", "reference")

    def meant(self) -> dict[str, Any]:
        """As the service takes it."""
        given = {name: value for name, value in self.cleaned_data.items() if name != "bank_account"}
        return given | {"discount": given.get("discount") or ZERO, "bank_account_id": self.bank_account_id}


class ReceivedForm(MoneyForm):
    """Money of a customer, before anybody says what for."""

    partner = "customer"
    customer = forms.ModelChoiceField(Partner.objects.filter(is_customer=True).order_by("name"), label=_("Customer"))
    received_on = day_field(_("Received on"))
    field_order = ("company", "customer", "amount", "currency", "rate", "received_on", "bank_account", "reference")


class AllocateForm(SpreadForm):
    """What is on account, spread over open invoices; credit notes are used up."""

    part = PaymentPart


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


class CollectiveForm(OfCompanyForm):
    """Whose shipments are invoiced together, and until when."""

    customer = forms.ModelChoiceField(Partner.objects.filter(is_customer=True).order_by("name"), label=_("Customer"))
    currency = currency_field()
    until_on = day_field(_("Shipped until"), required=False)


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


class DunningLevelForm(OfCompanyForm, LevelChangeForm):
    """The same of a company and a level."""

    level_no = forms.IntegerField(label=_("Level"), min_value=1, max_value=9)
    field_order = ("company", "level_no")


class HoldForm(forms.Form):
    """Until when, and why."""

    until_on = day_field(_("Until"))
    reason = forms.CharField(label=_("Why"), max_length=200)


class CustomerHoldForm(OfCompanyForm):
    """Whom nobody reminds, until when, and why."""

    customer = forms.ModelChoiceField(Partner.objects.filter(is_customer=True).order_by("name"), label=_("Customer"))
    until_on = day_field(_("Until"))
    reason = forms.CharField(label=_("Why"), max_length=200)
