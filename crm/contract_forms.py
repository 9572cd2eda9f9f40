"""Forms of contracts: terms with their lines, a call-off, a schedule, a renewal, a reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from crm.forms import DATE, PickField
from crm.models import Contract, ContractLine
from crm.selectors.catalogue import Catalogue, named
from crm.selectors.contracts import Use
from crm.services import CallOffLine, ContractLineInput, ContractTerms, PlannedLine
from masterdata import shown
from masterdata.forms import RowsForm
from masterdata.models import User
from masterdata.numbers import ZERO

Steps = list[tuple[Decimal, Decimal]]


def amount(label: Any, **more: Any) -> forms.DecimalField:
    field = forms.DecimalField(label=label, required=False, max_digits=18, decimal_places=6, **more)
    field.widget.attrs.update({"step": "any", "inputmode": "decimal", "class": "num"})
    return field


class StepsField(forms.CharField):
    """Price steps as people write them: "20: 85; 50: 80" is 85 from 20 on and 80 from 50 on."""

    def clean(self, value: Any) -> Steps:
        text = super().clean(value)
        try:
            pairs = [part.split(":") for part in text.split(";") if part.strip()]
            return [(Decimal(start.strip()), Decimal(price.strip())) for start, price in pairs]
        except (InvalidOperation, ValueError):
            raise ValidationError(_("Write steps as 20: 85; 50: 80.")) from None


def steps_as_typed(line: ContractLine) -> str:
    return "; ".join(f"{shown.plain(one.from_qty)}: {shown.plain(one.unit_price)}" for one in line.prices.all())


class ContractForm(RowsForm):
    """A contract with its lines; a draft is rewritten by it, a released one amended (`reason`)."""

    lead = "material"
    needed = ("plant",)
    spare = 3

    customer = PickField(label=_("Customer"), list_id="customers", missing=_("Choose a customer from the list."))
    title = forms.CharField(label=_("What for"), max_length=120, required=False)
    customer_reference = forms.CharField(label=_("Their number"), max_length=60, required=False)
    valid_from = forms.DateField(label=_("From"), widget=DATE)
    valid_to = forms.DateField(label=_("Last day"), widget=DATE)
    tolerance_percent = forms.DecimalField(label=_("Tolerance, %"), initial=0, help_text=_("More than agreed"))
    renewal = forms.ChoiceField(label=_("At the end"), choices=Contract.Renewal.choices, initial="ask")
    renewal_months = forms.IntegerField(label=_("Renew for months"), initial=12)
    renewal_percent = forms.DecimalField(label=_("Change of prices, %"), initial=0)
    notice_days = forms.IntegerField(label=_("Notice, days before"), initial=0)
    remind_days = forms.IntegerField(label=_("Remind, days before"), initial=30)
    call_ahead_days = forms.IntegerField(
        label=_("Call off, days before"), initial=14, help_text=_("When a planned call-off becomes an order")
    )
    confirms_planned = forms.BooleanField(label=_("Confirm planned call-offs at once"), required=False, initial=True)
    owner = forms.ModelChoiceField(
        User.objects.none(), label=_("Who looks after it"), required=False, empty_label=_("Nobody yet")
    )

    def __init__(
        self,
        *args: Any,
        catalogue: Catalogue,
        owners: Any,
        existing: Sequence[ContractLine] = (),
        contract: Contract | None = None,
        asks_why: bool = False,
        **kwargs: Any,
    ) -> None:
        self.catalogue, self.existing = catalogue, existing
        super().__init__(*args, lines=[line_as_typed(line) for line in existing], **kwargs)
        self.fields["customer"].rows = catalogue.customers  # type: ignore[attr-defined]
        self.fields["owner"].queryset = owners  # type: ignore[attr-defined]
        if contract is not None:
            self.fields["customer"].disabled = True
            self.fields["customer"].initial = named(contract.customer)
        if asks_why:
            reason = forms.CharField(label=_("Why it is amended"), max_length=200)
            self.fields = {"reason": reason, **self.fields}

    def line_fields(self) -> dict[str, forms.Field]:
        material = PickField(
            label=_("Product"), list_id="products", missing=_("Choose a product from the list."), required=False
        )
        material.rows = self.catalogue.products
        plants = [("", "–"), *((plant.pk, plant.name) for plant in self.catalogue.plants)]
        plant = forms.TypedChoiceField(label=_("Plant"), choices=plants, coerce=int, empty_value=None, required=False)
        return {
            "material": material,
            "plant": plant,
            "agreed_qty": amount(_("Agreed pieces")),
            "agreed_value": amount(_("or value")),
            "unit_price": amount(_("Price each")),
            "min_call_qty": amount(_("Least call-off")),
            "prices": StepsField(label=_("Price steps"), required=False, max_length=200),
        }

    def clean(self) -> dict[str, Any]:
        for number in range(self.line_count):
            name, material = f"line_{number}_plant", self.cleaned_data.get(f"line_{number}_material")
            if material is not None and self.cleaned_data.get(name) is None:
                plant = self.catalogue.plant_for(material)
                self.cleaned_data[name] = plant.pk if plant else None
        return super().clean()

    def terms(self) -> dict[str, Any]:
        """As `ContractTerms` takes them."""
        given = {name: self.cleaned_data[name] for name in ContractTerms.__dataclass_fields__ if name != "owner_id"}
        owner = self.cleaned_data["owner"]
        return given | {"owner_id": owner.pk if owner else None}

    def contract_lines(self, *, numbered: bool = False) -> list[ContractLineInput]:
        """`numbered`: those that stood there name the line that they change."""
        return [
            ContractLineInput(
                plant_id=line["plant"],
                material_id=line["material"].pk,
                agreed_qty=line["agreed_qty"],
                agreed_value=line["agreed_value"],
                unit_price=line["unit_price"],
                min_call_qty=line["min_call_qty"] or ZERO,
                prices=line["prices"] or (),
                line_no=self.existing[number].line_no if numbered and number < len(self.existing) else None,
            )
            for number, line in self.filled()
        ]


def line_as_typed(line: ContractLine) -> Mapping[str, Any]:
    return {
        "material": named(line.material),
        "plant": line.plant_id,
        "agreed_qty": shown.plain(line.agreed_qty) if line.agreed_qty is not None else None,
        "agreed_value": shown.plain(line.agreed_value) if line.agreed_value is not None else None,
        "unit_price": shown.plain(line.unit_price),
        "min_call_qty": shown.plain(line.min_call_qty),
        "prices": steps_as_typed(line),
    }


class UsedLinesForm(RowsForm):
    """A line for each line of the contract (`uses`), or free ones that choose it."""

    lead, needed, spare = "line", ("quantity", "wanted_on"), 0
    names = {"contract_line": "line"}

    def __init__(self, *args: Any, uses: Sequence[Use], **kwargs: Any) -> None:
        self.uses = uses
        super().__init__(*args, lines=self.first_lines(), **kwargs)

    def first_lines(self) -> Sequence[Mapping[str, Any]]:
        return [{"line": use.line.pk} for use in self.uses if use.can_be_called]

    def line_fields(self) -> dict[str, forms.Field]:
        choices = [("", "–"), *((use.line.pk, _said(use)) for use in self.uses)]
        line = forms.TypedChoiceField(label=_("Line"), choices=choices, coerce=int, empty_value=None, required=False)
        day = forms.DateField(label=_("Wanted"), widget=forms.DateInput({"type": "date"}), required=False)
        return {"line": line, "quantity": amount(_("Quantity")), "wanted_on": day}

    def filled(self) -> list[tuple[int, dict[str, Any]]]:
        """Lines of which something is wanted: a line that only stands there is none."""
        return [(number, line) for number, line in super().filled() if line["quantity"] is not None]


class CallOffForm(UsedLinesForm):
    """How much of which line, by when."""

    reference = forms.CharField(label=_("Their number"), max_length=60, required=False)
    confirm = forms.BooleanField(label=_("Confirm the order at once"), required=False, initial=True)

    def call_off_lines(self) -> list[CallOffLine]:
        return [CallOffLine(line["line"], line["quantity"], line["wanted_on"]) for _no, line in self.filled()]


class ScheduleForm(UsedLinesForm):
    """Days and quantities that become orders in time."""

    spare = 6

    def first_lines(self) -> Sequence[Mapping[str, Any]]:
        only = self.uses[0].line.pk if len(self.uses) == 1 else None
        return [{"line": only}] * self.spare if only else []

    def planned_lines(self) -> list[PlannedLine]:
        return [PlannedLine(line["line"], line["wanted_on"], line["quantity"]) for _no, line in self.filled()]


def _said(use: Use) -> str:
    left, most = shown.plain(use.left), shown.plain(use.can_be_called)
    unit = "" if use.is_by_value else f" {use.line.material.unit.code}"
    words = f"{left}{unit} {_('left')}" if most == left else f"{left}{unit} {_('left')}, {most} {_('with tolerance')}"
    return f"{use.line.line_no} · {use.line.material.name} ({words})"


class RenewForm(forms.Form):
    """For how long, at which prices."""

    months = forms.IntegerField(label=_("For months"), min_value=1, max_value=120)
    percent = forms.DecimalField(label=_("Change of prices, %"), max_digits=6, decimal_places=2)
    release = forms.BooleanField(label=_("In force at once"), required=False)


class EndForm(forms.Form):
    """Why it ends."""

    reason = forms.CharField(label=_("Why"), max_length=200, widget=forms.TextInput({"autofocus": True}))
