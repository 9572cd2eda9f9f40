"""Forms of costing: what an hour costs, which overhead comes on top."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from erp.cost.models import HourRate, OverheadRule
from masterdata.models import Company, LabourGrade, Machine, Material, Plant, WorkCentre
from masterdata.numbers import ZERO


def _figure(label: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, min_value=ZERO, max_digits=18, decimal_places=6, widget=forms.NumberInput({"step": "any"})
    )


def _from() -> forms.DateField:
    return forms.DateField(
        label=_l("From"),
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text=_l("What was reported before keeps its cost"),
    )


class HourRateForm(forms.Form):
    """Of one work centre, one machine, or a grade in a plant."""

    kind = forms.ChoiceField(label=_l("What"), choices=HourRate.Kind.choices)
    work_centre = forms.ModelChoiceField(
        WorkCentre.objects.order_by("plant__code", "code"), label=_l("Work centre"), required=False
    )
    machine = forms.ModelChoiceField(
        Machine.objects.order_by("code"), label=_l("or one machine"), required=False, help_text=_l("Machine hour only")
    )
    grade = forms.ModelChoiceField(
        LabourGrade.objects.order_by("code"), label=_l("or a labour grade"), required=False,
        help_text=_l("Labour hour only, in the plant below"),
    )  # fmt: skip
    plant = forms.ModelChoiceField(Plant.objects.order_by("code"), label=_l("Plant of the grade"), required=False)
    per_hour = _figure(_l("An hour costs"))
    valid_from = _from()


class OverheadForm(forms.Form):
    """In the company, a plant or a work centre."""

    company = forms.ModelChoiceField(Company.objects.order_by("code"), label=_l("Company"))
    plant = forms.ModelChoiceField(
        Plant.objects.order_by("code"), label=_l("Plant"), required=False, empty_label=_l("All plants")
    )
    work_centre = forms.ModelChoiceField(
        WorkCentre.objects.order_by("plant__code", "code"),
        label=_l("Work centre"), required=False, empty_label=_l("All work centres"),
    )  # fmt: skip
    basis = forms.ChoiceField(label=_l("Comes on top as"), choices=OverheadRule.Basis.choices)
    value = _figure(_l("Per cent, or money per hour"))
    valid_from = _from()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        plant, centre = cleaned.get("plant"), cleaned.get("work_centre")
        if plant and centre and centre.plant_id != plant.pk:
            self.add_error("work_centre", _("This work centre is in another plant."))
        return cleaned


class PieceRateForm(forms.Form):
    """At one work centre, for one material, one operation, one grade, or any of them."""

    work_centre = forms.ModelChoiceField(
        WorkCentre.objects.order_by("plant__code", "code"), label=_l("Work centre"), empty_label=_l("Choose one")
    )
    material = forms.ModelChoiceField(
        Material.objects.filter(supply="make").order_by("code"),
        label=_l("Material"), required=False, empty_label=_l("Whatever is made there"),
    )  # fmt: skip
    operation = forms.CharField(
        label=_l("Operation"), required=False, max_length=80, help_text=_l("As the routing calls it; empty: any")
    )
    grade = forms.ModelChoiceField(
        LabourGrade.objects.order_by("code"), label=_l("Labour grade"), required=False, empty_label=_l("Any grade")
    )
    per_piece = _figure(_l("A good piece pays"))
    valid_from = _from()
