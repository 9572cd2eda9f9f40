"""The form that makes a count sheet: a place, a material, or both, typed or scanned."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from masterdata.models import Location, Material, Plant


class CountSheetForm(forms.Form):
    """`plants`: those whose stock the user may count."""

    plant = forms.ModelChoiceField(Plant.objects.none(), label=_l("Plant"), empty_label=None)
    location = forms.CharField(
        label=_l("Location"), max_length=60, required=False, help_text=_l("With all that lies inside it")
    )
    material = forms.CharField(label=_l("Material"), max_length=60, required=False)
    is_blind = forms.BooleanField(
        label=_l("Blind: who counts does not see what the book says"), required=False, initial=True
    )

    def __init__(self, *args: Any, plants: QuerySet[Plant], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["plant"].queryset = plants  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        plant = cleaned.get("plant")
        if plant is None:
            return cleaned
        for name, rows in (
            ("location", Location.objects.filter(plant=plant)),
            ("material", Material.objects.all()),
        ):
            code = (cleaned.get(name) or "").strip()
            cleaned[name] = rows.filter(code__iexact=code).first() if code else None
            if code and cleaned[name] is None:
                self.add_error(name, _("%(code)s is not known here. Scan or type its code.") % {"code": code})
        return cleaned
