"""Form fields of the stockroom: a place is typed or scanned by its code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from masterdata import shown
from masterdata.models import Location
from masterdata.numbers import ZERO

MOST_PROPOSED = 300


class CodeInput(forms.TextInput):
    """A text input that proposes codes: chosen by keyboard or mouse, or filled by a scanner."""

    def __init__(self, proposed: Sequence[tuple[str, str]]) -> None:
        super().__init__({"autocomplete": "off", "autocapitalize": "characters"})
        self.proposed = proposed

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> Any:
        list_id = f"{(attrs or {}).get('id', name)}_codes"
        drawn = super().render(name, value, {**(attrs or {}), "list": list_id}, renderer)
        options = format_html_join("", '<option value="{}">{}</option>', self.proposed)
        return format_html('{}<datalist id="{}">{}</datalist>', drawn, list_id, options)


class PlaceField(forms.CharField):
    """A location by its code, among `rows`; cleaned it is the location, or None when nothing was typed."""

    def __init__(self, rows: QuerySet[Location], **kwargs: Any) -> None:
        self.rows = rows
        proposed = list(rows.order_by("code").values_list("code", "name")[:MOST_PROPOSED])
        super().__init__(max_length=60, widget=CodeInput(proposed), **kwargs)

    def clean(self, value: Any) -> Any:
        code = super().clean(value).strip()
        if not code:
            return None
        found = self.rows.filter(code__iexact=code).first()
        if found is None:
            raise forms.ValidationError(_("There is no place %(code)s here. Scan or choose one.") % {"code": code})
        return found


def stock_places(plant_id: int) -> QuerySet[Location]:
    """Where stock of the plant may be put."""
    return Location.objects.filter(plant=plant_id, kind=Location.Kind.STOCK, is_blocked=False)


def quantity_field(label: Any = "", *, required: bool = True, **attributes: str) -> forms.DecimalField:
    """Base units; what step the unit has is the service's business."""
    return forms.DecimalField(
        label=label or _l("Quantity"),
        required=required,
        min_value=ZERO,
        max_digits=18,
        decimal_places=6,
        widget=forms.NumberInput({"step": "any", "inputmode": "decimal", **attributes}),
    )


def note_field() -> forms.CharField:
    return forms.CharField(label=_l("Note"), max_length=200, required=False)


def typed(value: Any) -> str:
    """A quantity as it is typed."""
    return shown.plain(value)
