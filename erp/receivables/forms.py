"""Forms of receivables."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class PaymentForm(forms.Form):
    """Money that came in for an invoice."""

    amount = forms.DecimalField(label=_("Amount"), max_digits=18, decimal_places=2)
    received_on = forms.DateField(label=_("Received on"), widget=forms.DateInput(attrs={"type": "date"}))
    reference = forms.CharField(label=_("Reference"), max_length=80, required=False)
