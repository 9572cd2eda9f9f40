"""Forms of sales orders."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from erp.sales.models import SalesOrder


class TogetherForm(forms.Form):
    """Which drafts are confirmed: those ticked, or all that the page knew (`all_until` is the newest of them)."""

    orders = forms.ModelMultipleChoiceField(
        SalesOrder.objects.none(), label=_("Orders"), widget=forms.CheckboxSelectMultiple, required=False
    )
    all = forms.BooleanField(label=_("All drafts"), required=False)
    all_until = forms.IntegerField(min_value=0, required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and not cleaned.get("all") and not cleaned.get("orders"):
            self.add_error("orders", _("Tick the orders to confirm."))
        return cleaned

    def chosen(self) -> list[int]:
        """In the sequence of their numbers; a draft that came after the page was shown waits for another look."""
        given, field = self.cleaned_data, self.fields["orders"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        rows = given["orders"]
        if given["all"] and field.queryset is not None:
            rows = field.queryset.filter(pk__lte=given["all_until"] or 0)
        return list(rows.order_by("number").values_list("pk", flat=True))
