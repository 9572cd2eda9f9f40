"""Forms of the work instructions: which operation, a step, its marks, the shape of a part."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from masterdata.models import RoutingOperation
from mes.models import PartFeature, PartShape
from mes.services.instructions import MarkInput
from mes.services.parts import FeatureInput, ShapeInput

BLANK_ROWS = 3


class OperationField(forms.ModelChoiceField):
    """Operations by product, sequence and name."""

    def label_from_instance(self, row: Any) -> str:
        material = row.routing.material
        return f"{material.code} {material.name} · {row.sequence} {row.name} · {row.routing.plant.code}"


class NewInstructionForm(forms.Form):
    """For which operation."""

    operation = OperationField(label=_("Operation"), queryset=RoutingOperation.objects.none())

    def __init__(self, *args: Any, operations: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["operation"].queryset = operations  # type: ignore[attr-defined]


class StepForm(forms.Form):
    """One step."""

    title = forms.CharField(label=_("What is to be done"), max_length=120)
    text = forms.CharField(
        label=_("How"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("An empty line parts paragraphs, “- ” begins a list, **two stars** make it bold."),
    )
    shows_drawing = forms.BooleanField(label=_("Show the drawing of the variant that is being made"), required=False)
    picture = forms.FileField(
        label=_("Picture"), required=False, help_text=_("PNG, JPEG or SVG, up to 5 MB"),
        widget=forms.ClearableFileInput(attrs={"accept": "image/png,image/jpeg,image/svg+xml"}),
    )  # fmt: skip
    loses_picture = forms.BooleanField(label=_("Take the picture away"), required=False)


class ReleaseForm(forms.Form):
    """What is new, for whoever worked by the version before."""

    note = forms.CharField(label=_("What is new, and why"), max_length=400, required=False)


class MarksForm(forms.Form):
    """Marks as columns of equal length: number, x, y, text, characteristic; rows without a place are left out."""

    def __init__(self, data: Any = None, files: Any = None, *, initial: Any = None) -> None:
        super().__init__(data, files, initial=initial)
        self.marks: list[MarkInput] = []

    def clean(self) -> dict[str, Any]:
        data: Any = self.data
        columns = [data.getlist(name) for name in ("number", "x", "y", "text", "characteristic")]
        try:
            for number, x, y, text, characteristic in zip(*columns, strict=True):
                if not x.strip() and not y.strip():
                    continue
                self.marks.append(
                    MarkInput(
                        number=int(number), x_percent=_decimal(x), y_percent=_decimal(y), text=text,
                        characteristic_id=int(characteristic) if characteristic.strip() else None,
                    )
                )  # fmt: skip
        except (ValueError, ArithmeticError):
            raise forms.ValidationError(_("A mark is a number and two places in per cent.")) from None
        return {}


def _decimal(text: str) -> Decimal:
    return Decimal(text.strip().replace(",", ".")).quantize(Decimal("0.01"))


def _mm(label: Any, *, required: bool = True, least: str = "0.01") -> forms.DecimalField:
    return forms.DecimalField(
        label=label, max_digits=8, decimal_places=2, min_value=Decimal(least), required=required,
        widget=forms.NumberInput(attrs={"step": "any"}),
    )  # fmt: skip


class ShapeForm(forms.Form):
    """Dimensions and edges of a panel, and rows of features; a row without an x is left out."""

    length_mm = _mm(_("Length in mm"))
    width_mm = _mm(_("Width in mm"))
    thickness_mm = _mm(_("Thickness in mm"))
    grain = forms.ChoiceField(label=_("Grain"), choices=PartShape.Grain.choices, required=False)
    edge_front_mm = _mm(_("Edge in front in mm"), required=False, least="0")
    edge_back_mm = _mm(_("Edge at the back in mm"), required=False, least="0")
    edge_left_mm = _mm(_("Edge on the left in mm"), required=False, least="0")
    edge_right_mm = _mm(_("Edge on the right in mm"), required=False, least="0")

    def __init__(self, data: Any = None, files: Any = None, *, initial: Any = None, features: Any = ()) -> None:
        super().__init__(data, files, initial=initial)
        known = list(features)
        sent = int(data.get("rows", "0")) if data and str(data.get("rows", "0")).isdigit() else 0
        self.count = min(60, sent or len(known) + BLANK_ROWS)
        for number in range(self.count):
            row = known[number] if number < len(known) and data is None else None
            for name, field in _feature_fields().items():
                field.initial = getattr(row, name) if row is not None else field.initial
                self.fields[f"{number}-{name}"] = field

    @property
    def rows(self) -> Iterator[list[Any]]:
        """The bound fields of each row."""
        for number in range(self.count):
            yield [self[f"{number}-{name}"] for name in _feature_fields()]

    @property
    def head_fields(self) -> list[Any]:
        return [self[name] for name in ShapeForm.base_fields]

    def shape(self) -> ShapeInput:
        """What was entered; a bad row was refused before."""
        given = self.cleaned_data
        measures = {name: given[name] or Decimal(0) for name in ShapeForm.base_fields if name != "grain"}
        features = []
        for number in range(self.count):
            row = {name: given.get(f"{number}-{name}") for name in _feature_fields()}
            if row["x_mm"] is None:
                continue
            features.append(
                FeatureInput(
                    kind=row["kind"] or "holes", x_mm=row["x_mm"], y_mm=row["y_mm"] or Decimal(0),
                    width_mm=row["width_mm"] or Decimal(0), depth_mm=row["depth_mm"] or Decimal(0),
                    count=row["count"] or 1, pitch_mm=row["pitch_mm"] or Decimal(0),
                    length_mm=row["length_mm"] or Decimal(0), is_upright=bool(row["is_upright"]),
                )
            )  # fmt: skip
        return ShapeInput(grain=given["grain"], features=features, **measures)


def _feature_fields() -> dict[str, forms.Field]:
    return {
        "kind": forms.ChoiceField(label=_("What"), choices=PartFeature.Kind.choices, required=False),
        "x_mm": _mm(_("x"), required=False, least="0"),
        "y_mm": _mm(_("y"), required=False, least="0"),
        "width_mm": _mm(_("Ø or width"), required=False),
        "depth_mm": _mm(_("Depth"), required=False),
        "count": forms.IntegerField(label=_("Count"), min_value=1, max_value=400, required=False),
        "pitch_mm": _mm(_("Pitch"), required=False, least="0"),
        "length_mm": _mm(_("Length of a groove"), required=False, least="0"),
        "is_upright": forms.BooleanField(label=_("Along the width"), required=False),
    }
