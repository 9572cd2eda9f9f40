"""Forms of material planning."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class DismissForm(forms.Form):
    """Until which day a message is quiet."""

    until = forms.DateField(label=_("Quiet until"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
