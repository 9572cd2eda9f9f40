"""Forms of buying: what came, when it will come, from whom it is bought."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from erp.supply.models import PurchaseOrderLine
from masterdata import shown
from masterdata.models import Partner
from masterdata.numbers import ZERO


class ReceiveForm(forms.Form):
    """A quantity for each line that is still open; zero or empty means that nothing of it came."""

    delivery_note = forms.CharField(label=_("Delivery note"), max_length=60, required=False)

    def __init__(self, *args: Any, lines: Sequence[PurchaseOrderLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = list(lines)
        for line in self.lines:
            left = line.quantity - line.received_qty
            name = _("Received of %(code)s") % {"code": line.material.code}
            self.fields[f"line_{line.pk}"] = forms.DecimalField(
                label=name,
                required=False,
                min_value=ZERO,
                max_digits=18,
                decimal_places=6,
                initial=shown.plain(left),
                widget=forms.NumberInput({"step": "any", "aria-label": name}),
            )

    @property
    def rows(self) -> list[tuple[PurchaseOrderLine, Decimal, forms.BoundField]]:
        """Each line with what is left of it and its field."""
        return [(line, line.quantity - line.received_qty, self[f"line_{line.pk}"]) for line in self.lines]

    def delivered(self) -> list[tuple[int, Decimal]]:
        found = [(line.pk, self.cleaned_data.get(f"line_{line.pk}")) for line in self.lines]
        return [(pk, quantity) for pk, quantity in found if quantity]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.lines:
            raise forms.ValidationError(_("Meanwhile all of it has come: nothing is left to receive."))
        if not self.errors and not self.delivered():
            raise forms.ValidationError(_("Nothing came? Enter how much of at least one line."))
        return cleaned


class ConfirmDateForm(forms.Form):
    """The day that the supplier confirmed."""

    confirmed_on = forms.DateField(label=_("Comes on"), widget=forms.DateInput({"type": "date"}))


class OrderPlannedForm(forms.Form):
    """From whom a need is bought, at what price, for when."""

    supplier = forms.ModelChoiceField(Partner.objects.filter(is_supplier=True, is_active=True), label=_("Supplier"))
    unit_price = forms.DecimalField(
        label=_("Price per base unit"),
        min_value=ZERO,
        max_digits=20,
        decimal_places=6,
        widget=forms.NumberInput({"step": "any"}),
    )
    due_on = forms.DateField(label=_("Comes on"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
