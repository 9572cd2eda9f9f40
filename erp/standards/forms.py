"""Forms of standard costs."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from erp.standards.models import StandardChange, StandardVersion
from masterdata.models import Material, Plant, WorkCentre

ANY = {"step": "any"}


class DraftForm(forms.Form):
    plant = forms.ModelChoiceField(Plant.objects.order_by("code"), label=_("Plant"))
    name = forms.CharField(label=_("Name"), max_length=80)
    valid_from = forms.DateField(label=_("Holds from"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    basis = forms.ChoiceField(label=_("What is bought costs"), choices=StandardVersion.Basis.choices)
    lot_qty = forms.DecimalField(
        label=_("Pieces that share a setup"), max_digits=18, decimal_places=6, initial=1,
        widget=forms.NumberInput(ANY), help_text=_("Where planning names no lot"),
    )  # fmt: skip


class AssumeForm(forms.Form):
    kind = forms.ChoiceField(label=_("What if"), choices=StandardChange.Kind.choices)
    material = forms.ModelChoiceField(
        Material.objects.filter(is_active=True).order_by("code"), label=_("Material"), required=False
    )
    work_centre = forms.ModelChoiceField(
        WorkCentre.objects.order_by("plant__code", "code"), label=_("or work centre"), required=False
    )
    value = forms.DecimalField(
        label=_("Were"), max_digits=18, decimal_places=6, min_value=0, widget=forms.NumberInput(ANY)
    )
