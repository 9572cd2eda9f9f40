"""Forms of production control: why it is released short, what is issued and given back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from erp.production.models import WorkOrder, WorkOrderOperation
from erp.production.selectors.floor import waiting_for_rework
from masterdata.models import WorkCentre

ANY = {"step": "any"}


class ReleaseForm(forms.Form):
    reason = forms.CharField(
        label=_("Release although material is missing, because"), max_length=200, required=False,
        help_text=_("Left empty, it is released only when everything can be kept for it"),
    )  # fmt: skip


class ReworkForm(forms.Form):
    """Which pieces, and what is done to them where."""

    operation = forms.ModelChoiceField(WorkOrderOperation.objects.none(), label=_("Pieces of"))
    quantity = forms.DecimalField(
        label=_("Quantity"), max_digits=18, decimal_places=6, widget=forms.NumberInput({**ANY, "inputmode": "decimal"})
    )
    name = forms.CharField(label=_("What is done to them"), max_length=80)
    work_centre = forms.ModelChoiceField(WorkCentre.objects.none(), label=_("Work centre"))
    setup_min = forms.DecimalField(
        label=_("Setup, minutes"), max_digits=10, decimal_places=3, min_value=0, initial=0,
        widget=forms.NumberInput({**ANY, "inputmode": "decimal"}),
    )  # fmt: skip
    run_min_per_unit = forms.DecimalField(
        label=_("Minutes a piece"), max_digits=12, decimal_places=6, min_value=0,
        widget=forms.NumberInput({**ANY, "inputmode": "decimal"}),
    )  # fmt: skip

    def __init__(self, *given: Any, order: WorkOrder, **named: Any) -> None:
        super().__init__(*given, **named)
        chosen: Any = self.fields["operation"]
        waiting = waiting_for_rework(list(order.operations.all()))
        chosen.queryset = order.operations.filter(pk__in=waiting).order_by("sequence")
        if not waiting:
            chosen.empty_label = _("No pieces wait for rework")
        places: Any = self.fields["work_centre"]
        places.queryset = WorkCentre.objects.filter(plant=order.plant_id).order_by("code")


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
