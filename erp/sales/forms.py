"""Forms of sales orders."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from erp.sales.models import SalesOrder


class TogetherForm(forms.Form):
    """Which drafts are confirmed; the page says which there are."""

    orders = forms.ModelMultipleChoiceField(
        SalesOrder.objects.none(),
        label=_("Orders"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Tick the orders to confirm.")},
    )


class PaymentForm(forms.Form):
    """Money that came in for an invoice."""

    amount = forms.DecimalField(label=_("Amount"), max_digits=18, decimal_places=2)
    received_on = forms.DateField(label=_("Received on"), widget=forms.DateInput(attrs={"type": "date"}))
    reference = forms.CharField(label=_("Reference"), max_length=80, required=False)
