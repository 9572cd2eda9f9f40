"""Forms of quality: check plans, gauges, checks, non-conformances and what becomes of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from masterdata.models import Machine, Material, Plant, ReasonCode, WorkCentre
from mes import services, spc
from mes.models import Characteristic, CheckPlan, Disposition, EventPhoto, Gauge, NonConformance
from mes.services import disposing

MOST_BYTES = 4 * 1024 * 1024
SIGNS = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG": "image/png", b"RIFF": "image/webp"}
EXACT = forms.NumberInput({"step": "any", "inputmode": "decimal"})
SHORT = {"rows": 3}


def number(label: Any, *, required: bool = True, places: int = 6, help_text: Any = "") -> forms.DecimalField:
    return forms.DecimalField(
        label=label, required=required, max_digits=18, decimal_places=places, help_text=help_text,
        widget=forms.NumberInput({"step": "any", "inputmode": "decimal"}),
    )  # fmt: skip


def defects(*, required: bool = False) -> forms.ModelChoiceField:
    return forms.ModelChoiceField(
        ReasonCode.objects.filter(kind="scrap"), label=_("Defect"), required=required, empty_label=_("Another one")
    )


class PhotoField(forms.FileField):
    """A photo of up to 4 MB."""

    def clean(self, data: Any, initial: Any = None) -> Any:
        found = super().clean(data, initial)
        if isinstance(found, UploadedFile):
            if (found.size or 0) > MOST_BYTES:
                raise forms.ValidationError(_now("The photo is larger than 4 MB. Take a smaller one."))
            head = found.read(4)
            found.seek(0)
            if not any(head.startswith(sign) for sign in SIGNS):
                raise forms.ValidationError(_now("Choose a photo: JPEG, PNG or WebP."))
        return found


def kept_photo(file: UploadedFile | None, plant: Plant) -> list[Any]:
    """The ids of the uploaded photo, stored; none when there is none."""
    if file is None:
        return []
    content = file.read()
    kind = next(kind for sign, kind in SIGNS.items() if content.startswith(sign))
    sha = hashlib.sha256(content).hexdigest()
    return [EventPhoto.objects.create(plant=plant, content=content, content_type=kind, sha256=sha).pk]


class PlanForm(forms.Form):
    """A draft of a check plan."""

    name = forms.CharField(label=_("What is checked"), max_length=80)
    work_centre = forms.ModelChoiceField(WorkCentre.objects.none(), label=_("Work centre"), required=False)
    material = forms.ModelChoiceField(Material.objects.none(), label=_("Material"), required=False)
    sequence = forms.IntegerField(
        label=_("Operation's number"), required=False, min_value=1, help_text=_("Of the material's routing, as 10.")
    )
    trigger = forms.ChoiceField(label=_("When"), choices=CheckPlan.Trigger.choices)
    first_piece = forms.BooleanField(label=_("The first piece"), required=False)
    every_n = forms.IntegerField(label=_("Then one in so many pieces"), required=False, min_value=1)
    every_min = forms.IntegerField(label=_("Each so many minutes"), required=False, min_value=1)
    on_fault = forms.ChoiceField(label=_("When something is wrong"), choices=CheckPlan.OnFault.choices)
    rules = forms.TypedMultipleChoiceField(
        label=_("Out of control counts as wrong by these run rules"), coerce=int, required=False,
        choices=[(rule.number, f"{rule.number}: {rule.name}") for rule in spc.NELSON],
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    is_blocking = forms.BooleanField(label=_("Nothing is reported while it is overdue"), required=False)
    instruction = forms.CharField(label=_("How"), max_length=400, required=False, widget=forms.Textarea(SHORT))

    def __init__(self, *args: Any, plant: Plant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        centre, material = self.fields["work_centre"], self.fields["material"]
        assert isinstance(centre, forms.ModelChoiceField)
        assert isinstance(material, forms.ModelChoiceField)
        centre.queryset = WorkCentre.objects.filter(plant=plant).order_by("code")
        material.queryset = Material.objects.filter(supply="make").order_by("code")

    @property
    def plan(self) -> services.PlanInput:
        return services.PlanInput(**{one.name: self.cleaned_data[one.name] for one in fields(services.PlanInput)})


class NewPlanForm(PlanForm):
    code = forms.CharField(label=_("Code"), max_length=40, help_text=_("As CP-EDGE."))
    field_order = ["code", "name"]


class CharacteristicForm(forms.Form):
    """One characteristic of a draft."""

    name = forms.CharField(label=_("What"), max_length=80)
    kind = forms.ChoiceField(label=_("Kind"), choices=Characteristic.Kind.choices)
    unit = forms.CharField(label=_("Unit"), max_length=10, required=False)
    nominal = number(_("Nominal"), required=False)
    lower = number(_("At least"), required=False)
    upper = number(_("At most"), required=False)
    decimals = forms.IntegerField(label=_("Decimals"), min_value=0, max_value=6)
    subgroup = forms.IntegerField(
        label=_("Values at each check"), min_value=1, max_value=spc.LARGEST,
        help_text=_("2 to 10 give X-bar and R charts, one value a chart of individuals."),
    )  # fmt: skip
    mark = forms.IntegerField(label=_("Mark on the drawing"), min_value=1, max_value=99, required=False)
    needs_gauge = forms.BooleanField(label=_("With a gauge"), required=False)
    needs_photo = forms.BooleanField(label=_("With a photo"), required=False)

    @property
    def characteristic(self) -> services.CharacteristicInput:
        return services.CharacteristicInput(**self.cleaned_data)


class GaugeForm(forms.Form):
    name = forms.CharField(label=_("What it is"), max_length=80)
    resolution = forms.CharField(label=_("Reads to"), max_length=20, required=False, help_text=_("As 0.01 mm."))
    interval_days = forms.IntegerField(label=_("Days between calibrations"), min_value=1, max_value=9999)
    is_active = forms.BooleanField(label=_("In use"), required=False)


class NewGaugeForm(GaugeForm):
    code = forms.CharField(label=_("Code"), max_length=40, help_text=_("As it stands on the gauge."))
    field_order = ["code", "name"]


class CalibrationForm(forms.Form):
    done_on = forms.DateField(label=_("Calibrated on"), widget=forms.DateInput({"type": "date"}))
    valid_until = forms.DateField(
        label=_("Valid until"), required=False, widget=forms.DateInput({"type": "date"}),
        help_text=_("Empty: as long as its interval."),
    )  # fmt: skip
    certificate = forms.CharField(label=_("Certificate"), max_length=80, required=False)


class CheckForm(forms.Form):
    """A check: a field for each value that the plan asks for."""

    def __init__(self, *args: Any, plan: CheckPlan, plant_id: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked = list(plan.characteristics.order_by("line_no"))
        self.fields["piece_no"] = forms.IntegerField(label=_("Piece"), min_value=1)
        for one in self.asked:
            for name in self._names(one):
                self.fields[name] = self._field(one, name)
        if any(one.needs_gauge for one in self.asked):
            self.fields["gauge"] = forms.ModelChoiceField(
                Gauge.objects.filter(plant=plant_id, is_active=True), label=_("Gauge")
            )
        needs_photo = any(one.needs_photo for one in self.asked)
        self.fields["photo"] = PhotoField(label=_("Photo"), required=needs_photo)
        self.fields["note"] = forms.CharField(label=_("Note"), max_length=400, required=False)

    @staticmethod
    def _names(one: Characteristic) -> list[str]:
        return [f"value_{one.pk}_{sample}" for sample in range(1, one.subgroup + 1)]

    @staticmethod
    def _field(one: Characteristic, name: str) -> forms.Field:
        sample = name.rpartition("_")[2]
        label = f"{one.name}, {sample}" if one.subgroup > 1 else one.name
        if one.mark:
            label = f"{one.mark} · {label}"
        if one.kind == Characteristic.Kind.ATTRIBUTE:
            choices = [("good", _("Good")), ("bad", _("Bad"))]
            return forms.ChoiceField(label=label, choices=choices, widget=forms.RadioSelect)
        return number(f"{label} [{one.unit}]" if one.unit else label, help_text=allowed(one))

    @property
    def values(self) -> list[services.ValueInput]:
        return list(self._values())

    def _values(self) -> Iterator[services.ValueInput]:
        for one in self.asked:
            is_attribute = one.kind == Characteristic.Kind.ATTRIBUTE
            for name in self._names(one):
                given = self.cleaned_data[name]
                yield services.ValueInput(
                    characteristic_id=one.pk,
                    value=None if is_attribute else given,
                    is_good=given == "good" if is_attribute else None,
                )


def allowed(one: Characteristic) -> str:
    """The tolerance in words."""
    if one.kind == Characteristic.Kind.ATTRIBUTE:
        return _now("Good or bad")
    low = "" if one.lower is None else f"{one.lower:.{one.decimals}f}"
    high = "" if one.upper is None else f"{one.upper:.{one.decimals}f}"
    if low and high:
        return _now("%(low)s to %(high)s") % {"low": low, "high": high}
    return _now("at least %(low)s") % {"low": low} if low else _now("at most %(high)s") % {"high": high}


class FaultForm(forms.Form):
    """What is wrong, of how many pieces."""

    quantity = number(_("Quantity"))
    defect = defects()
    severity = forms.ChoiceField(label=_("Severity"), choices=NonConformance.Severity.choices)
    text = forms.CharField(label=_("What is wrong"), max_length=800, required=False, widget=forms.Textarea(SHORT))
    photo = PhotoField(label=_("Photo"), required=False)

    def of(self, plant: Plant) -> dict[str, Any]:
        """What every non-conformance takes; the photo is stored."""
        given = self.cleaned_data
        return {
            "defect_id": given["defect"].pk if given["defect"] else None,
            "severity": given["severity"],
            "text": given["text"],
            "photo_ids": kept_photo(given["photo"], plant),
        }


class ProcessFaultForm(FaultForm):
    place = forms.ChoiceField(
        label=_("Where the pieces are"), required=False,
        choices=[("", _("Found by what is reported")), ("bench", NonConformance.Place.BENCH.label),
                 ("good", NonConformance.Place.GOOD.label), ("scrapped", NonConformance.Place.SCRAPPED.label)],
        help_text=_("By itself: not reported yet, as long as so many are left to report."),
    )  # fmt: skip
    holds = forms.BooleanField(label=_("Hold the operation until it is decided"), required=False)
    field_order = ["quantity", "defect", "severity", "text", "place", "holds", "photo"]


class DecisionForm(forms.Form):
    """What becomes of pieces: only what can become of those that lie there."""

    kind = forms.ChoiceField(label=_("They are"), choices=())
    quantity = number(_("Quantity"))
    defect = defects()
    note = forms.CharField(label=_("Note"), max_length=400, required=False)

    def __init__(self, *args: Any, row: NonConformance, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        can = disposing.allowed_for(row.place)
        kind = self.fields["kind"]
        assert isinstance(kind, forms.ChoiceField)
        found = [(value, label) for value, label in Disposition.Kind.choices if value in can]
        kind.choices = found if len(found) == 1 else [("", _("Choose what becomes of them")), *found]
        if "scrap" not in can or row.defect_id:
            del self.fields["defect"]
        if "rework" in can:
            self._ask_for_rework(row.plant)
        if "return" in can:
            self.fields["is_replaced"] = forms.BooleanField(
                label=_("The supplier sends others for what goes back"), required=False, initial=True
            )

    def _ask_for_rework(self, plant: Plant) -> None:
        for_rework = _("For rework only.")
        self.fields["name"] = forms.CharField(
            label=_("What is done to them"), max_length=80, required=False, help_text=for_rework
        )
        self.fields["work_centre"] = forms.ModelChoiceField(
            WorkCentre.objects.filter(plant=plant).order_by("code"), label=_("Where"), required=False,
            help_text=for_rework,
        )  # fmt: skip
        self.fields["run_min_per_unit"] = number(_("Minutes a piece"), required=False, help_text=for_rework)

    @property
    def decision(self) -> services.Decision:
        given = self.cleaned_data
        rework = None
        if given["kind"] == "rework" and given.get("work_centre") and given.get("run_min_per_unit") is not None:
            rework = services.Rework(
                name=given["name"], work_centre_id=given["work_centre"].pk, run_min_per_unit=given["run_min_per_unit"]
            )
        return services.Decision(
            kind=given["kind"],
            quantity=given["quantity"],
            note=given["note"],
            defect_id=given["defect"].pk if given.get("defect") else None,
            rework=rework,
            is_replaced=given.get("is_replaced", True),
        )


class CloseForm(forms.Form):
    cause = forms.CharField(label=_("What it came from"), max_length=800, widget=forms.Textarea(SHORT))
    corrective_action = forms.CharField(
        label=_("What was done so that it does not come again"), max_length=800, widget=forms.Textarea(SHORT)
    )


class ReasonForm(forms.Form):
    """One sentence why."""

    reason = forms.CharField(label=_("Why"), max_length=400, widget=forms.Textarea(SHORT))


class AddPhotoForm(forms.Form):
    photo = PhotoField(label=_("Photo"))


class PeriodForm(forms.Form):
    """A time and a machine, as they stand in the address; what is wrong there counts as not asked."""

    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput({"type": "date"}))
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput({"type": "date"}))
    machine = forms.ModelChoiceField(
        Machine.objects.none(), label=_("Machine"), required=False, empty_label=_("All machines")
    )

    def __init__(self, *args: Any, plant_ids: Sequence[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        machine = self.fields["machine"]
        assert isinstance(machine, forms.ModelChoiceField)
        machine.queryset = Machine.objects.filter(work_centre__plant__in=plant_ids).order_by("code")
