"""Forms of production control: why it is released short, what is issued and given back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

ANY = {"step": "any"}


class ReleaseForm(forms.Form):
    reason = forms.CharField(
        label=_("Release although material is missing, because"), max_length=200, required=False,
        help_text=_("Left empty, it is released only when everything can be kept for it"),
    )  # fmt: skip


class IssueForm(forms.Form):
    """A scan and how much; more than planned with a reason."""

    scan = forms.CharField(
        label=_("Lot or material"), max_length=80,
        widget=forms.TextInput({"autofocus": True, "autocapitalize": "characters", "spellcheck": "false"}),
    )  # fmt: skip
    quantity = forms.DecimalField(
        label=_("Quantity"), max_digits=18, decimal_places=6, widget=forms.NumberInput({**ANY, "inputmode": "decimal"})
    )
    reason = forms.CharField(label=_("Why more than planned"), max_length=200, required=False)


class GiveBackForm(IssueForm):
    reason: Any = forms.CharField(label=_("Why it goes back"), max_length=200)
