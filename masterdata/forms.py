"""Forms of master data: made from the models' fields, with the house's labels."""

from __future__ import annotations

import zoneinfo
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Model
from django.forms.models import fields_for_model
from django.utils.translation import gettext_lazy as _

from masterdata.models import Machine, Material, Partner
from masterdata.rights import visible_to

WEEKDAYS = [_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday")]


def form_of(
    model: type[Model],
    fields: Sequence[str],
    *,
    labels: dict[str, Any] | None = None,
    hints: dict[str, Any] | None = None,
    own: Mapping[str, forms.Field] | None = None,
) -> type[forms.Form]:
    """A plain form with the model's fields: the service, not the form, asks the model's rules.

    `own` replaces the field of a name. Times and dates get the browser's own pickers.
    """
    made = fields_for_model(model, fields, labels=labels, help_texts=hints, widgets=_pickers(model, fields))
    declared = {name: (own or {}).get(name) or made[name] for name in fields}
    for field in declared.values():
        if isinstance(field, forms.DecimalField):
            field.widget.attrs["step"] = "any"
    return type(f"{model.__name__}Form", (forms.Form,), declared)


def _pickers(model: type[Model], fields: Sequence[str]) -> dict[str, type[forms.Widget] | forms.Widget]:
    kinds = {name: model._meta.get_field(name).__class__.__name__ for name in fields}
    found: dict[str, type[forms.Widget] | forms.Widget] = {}
    for name, kind in kinds.items():
        if kind == "DateField":
            found[name] = forms.DateInput({"type": "date"}, format="%Y-%m-%d")
        elif kind == "TimeField":
            found[name] = forms.TimeInput({"type": "time"}, format="%H:%M")
    return found


def limit_choices(form: forms.Form, user: Any, deed: str = "") -> forms.Form:
    """Offer only rows that the user may see; places (plants, work centres) only where the user may do the deed."""
    for field in form.fields.values():
        if isinstance(field, forms.ModelChoiceField) and field.queryset is not None:
            field.queryset = visible_to(user, field.queryset, deed)
    return form


def time_zone_field() -> forms.ChoiceField:
    names = sorted(name for name in zoneinfo.available_timezones() if "/" in name or name == "UTC")
    return forms.ChoiceField(label=_("Time zone"), choices=[(name, name.replace("_", " ")) for name in names])


def weekday_field() -> forms.TypedChoiceField:
    return forms.TypedChoiceField(label=_("Weekday"), coerce=int, choices=list(enumerate(WEEKDAYS)))


PartnerForm = form_of(
    Partner,
    [
        "code", "name", "kind", "email", "phone", "currency", "payment_term", "tax_code", "tax_no", "language",
        "credit_rating",
        "is_customer", "is_supplier", "is_carrier", "is_preferred", "is_active",
    ],
    labels={
        "email": _("E-mail"),
        "is_customer": _("We sell to them"),
        "is_supplier": _("We buy from them"),
        "is_carrier": _("They carry for us"),
        "is_preferred": _("Preferred supplier"),
        "is_active": _("Active"),
        "credit_rating": _("Credit rating"),
        "payment_term": _("Payment term"),
        "tax_code": _("Tax code"),
        "tax_no": _("VAT number"),
        "language": _("Language of documents"),
    },
)  # fmt: skip

MaterialForm = form_of(
    Material,
    [
        "code", "name", "category", "unit", "supply", "standard_cost", "list_price", "tax_code", "colour", "weight_kg",
        "is_sellable", "is_active",
    ],
    labels={
        "unit": _("Base unit"),
        "supply": _("Comes from"),
        "standard_cost": _("Standard cost"),
        "list_price": _("List price"),
        "tax_code": _("Tax code"),
        "weight_kg": _("Weight, kg"),
        "is_sellable": _("We sell it"),
        "is_active": _("Active"),
    },
    hints={"unit": _("Stock, BOMs and costs count in it")},
)  # fmt: skip

MachineForm = form_of(
    Machine,
    ["code", "name", "work_centre", "calendar", "speed_percent", "is_tended_together", "is_active"],
    labels={
        "work_centre": _("Work centre"),
        "speed_percent": _("Speed, %"),
        "is_active": _("Active"),
        "is_tended_together": _("One person tends it with others"),
    },
    hints={
        "calendar": _("Empty: the work centre's"),
        "speed_percent": _("100 is the routing's speed, 200 twice as fast"),
    },
)


class RowsForm(forms.Form):
    """A form with numbered lines of the same fields; an empty line is no line.

    `line_fields` makes the fields of one line; their names get the line's number: `line_3_quantity`.
    """

    lead = ""
    spare = 4

    def __init__(self, *args: Any, lines: Sequence[Mapping[str, Any]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked = str(self.data.get("line_count", "")) if self.is_bound else ""
        self.line_count = min(int(asked), 400) if asked.isdigit() else len(lines) + self.spare
        for number in range(self.line_count):
            values = lines[number] if number < len(lines) else {}
            for name, field in self.line_fields().items():
                field.initial = values.get(name)
                field.widget.attrs["aria-label"] = f"{field.label}, {_('line')} {number + 1}"
                self.fields[f"line_{number}_{name}"] = field

    def line_fields(self) -> dict[str, forms.Field]:
        raise ImproperlyConfigured(f"{type(self).__name__} declares no line_fields")

    @property
    def heads(self) -> list[Any]:
        return [field.label for field in self.line_fields().values()]

    @property
    def head_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if not name.startswith("line_")]

    @property
    def line_rows(self) -> list[list[forms.BoundField]]:
        names = list(self.line_fields())
        return [[self[f"line_{number}_{name}"] for name in names] for number in range(self.line_count)]

    def filled(self) -> list[tuple[int, dict[str, Any]]]:
        """The lines that name something (their `lead` field), each with its number."""
        names = list(self.line_fields())
        found = []
        for number in range(self.line_count):
            values = {name: self.cleaned_data.get(f"line_{number}_{name}") for name in names}
            if values[self.lead]:
                found.append((number, values))
        return found

    def clean(self) -> dict[str, Any]:
        """What a named line needs: every field that is not optional."""
        cleaned = super().clean() or self.cleaned_data
        for number, values in self.filled():
            for name in self.needed:
                field = f"line_{number}_{name}"
                if values[name] is None and field not in self.errors:
                    self.add_error(field, _("Enter a value"))
        return cleaned

    needed: Sequence[str] = ()
    names: Mapping[str, str] = {}  # of a service's fields, where a line calls them something else

    def field_of(self, place: str) -> str:
        """The form's field for a refusal's "lines.2.quantity", where 2 counts the filled lines."""
        parts = place.split(".")
        filled = self.filled()
        if len(parts) == 3 and parts[1].isdigit() and int(parts[1]) < len(filled):
            return f"line_{filled[int(parts[1])][0]}_{self.names.get(parts[2], parts[2])}"
        return place
