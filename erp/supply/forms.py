"""Forms of buying: what came, when it will come, from whom it is bought."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from erp.supply.models import PurchaseOrderLine
from erp.supply.selectors.supplied import PlannedUse
from erp.supply.services.supplied import ComponentPart
from masterdata import shown
from masterdata.models import Partner
from masterdata.numbers import ZERO


def used_fields(uses: Sequence[PlannedUse]) -> dict[str, forms.Field]:
    """How much of each component that we supplied was used; what the BOM says is filled in."""
    found: dict[str, forms.Field] = {}
    for one in uses:
        name = _("Used of %(code)s") % {"code": one.component.material.code}
        found[f"used_{one.component.pk}"] = forms.DecimalField(
            label=name,
            required=False,
            min_value=ZERO,
            max_digits=18,
            decimal_places=6,
            initial=shown.plain(one.planned),
            widget=forms.NumberInput({"step": "any", "aria-label": name}),
        )
    return found


def used_otherwise(uses: Sequence[PlannedUse], cleaned: Mapping[str, Any]) -> list[ComponentPart]:
    """What somebody entered that is not what was filled in; the rest is used as the BOM says for what came."""
    entered = [(one, cleaned.get(f"used_{one.component.pk}")) for one in uses]
    return [
        ComponentPart(component_id=one.component.pk, quantity=quantity)
        for one, quantity in entered
        if quantity is not None and quantity != one.planned
    ]


class UsedForm(forms.Form):
    """What the supplier used of our components, beside what was scanned."""

    def __init__(self, *args: Any, uses: Sequence[PlannedUse], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.uses = list(uses)
        self.fields.update(used_fields(uses))

    @property
    def used_rows(self) -> list[tuple[PlannedUse, forms.BoundField]]:
        return [(one, self[f"used_{one.component.pk}"]) for one in self.uses]

    def used(self) -> list[ComponentPart]:
        return used_otherwise(self.uses, self.cleaned_data)


class ReceiveForm(forms.Form):
    """A quantity for each line that is still open; zero or empty means that nothing of it came.

    `uses` are the components of those lines, as the BOM says for all that is still to come.
    """

    delivery_note = forms.CharField(label=_("Delivery note"), max_length=60, required=False)

    def __init__(
        self, *args: Any, lines: Sequence[PurchaseOrderLine], uses: Sequence[PlannedUse] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.lines, self.uses = list(lines), list(uses)
        self.fields.update(used_fields(uses))
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

    @property
    def used_rows(self) -> list[tuple[PlannedUse, forms.BoundField]]:
        return [(one, self[f"used_{one.component.pk}"]) for one in self.uses]

    def used(self) -> list[ComponentPart]:
        """Of lines that came: what somebody entered otherwise than the BOM says."""
        came = {pk for pk, _quantity in self.delivered()}
        return used_otherwise([one for one in self.uses if one.component.order_line_id in came], self.cleaned_data)

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
