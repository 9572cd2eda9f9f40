"""Forms of what surrounds a purchase order: changes, parts, returns, prices, limits, questions to suppliers."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from erp.supply.models import ApprovalLimit, BuyingLimit, DeliveryTolerance, PlannedOrder, ReceiptLine, SupplierPrice
from masterdata import shown
from masterdata.forms import RowsForm, form_of
from masterdata.models import Material, Partner, Plant
from masterdata.numbers import ZERO


def amount(label: Any, **more: Any) -> forms.DecimalField:
    """A quantity or a price, not below zero."""
    return forms.DecimalField(
        label=label,
        min_value=ZERO,
        max_digits=18,
        decimal_places=6,
        widget=forms.NumberInput({"step": "any"}),
        **more,
    )


def day(label: Any, **more: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"), **more)


def suppliers() -> Any:
    return Partner.objects.filter(is_supplier=True, is_active=True).order_by("name")


class ChangeLineForm(forms.Form):
    """What is agreed on for what has not come yet."""

    quantity = amount(_("Quantity"))
    unit_price = amount(_("Price per base unit"))
    due_on = day(_("Comes on"))


class SplitLineForm(RowsForm):
    """Deliveries that sum to what is to come."""

    lead, needed, spare = "quantity", ["confirmed_on"], 2
    names = {"confirmed_at": "confirmed_on"}

    def line_fields(self) -> dict[str, forms.Field]:
        return {
            "quantity": amount(_("Quantity"), required=False),
            "confirmed_on": day(_("Comes on"), required=False),
        }


class ComponentsForm(RowsForm):
    """What the supplier gets from us, and how much of it for so many of the line's material."""

    lead, needed, spare = "material", ["quantity"], 3

    base_qty = amount(_("Quantities are for so many"))

    def line_fields(self) -> dict[str, forms.Field]:
        return {
            "material": forms.ModelChoiceField(
                Material.objects.filter(is_active=True).order_by("code"),
                label=_("Component"),
                required=False,
                empty_label=_("Choose"),
            ),
            "quantity": amount(_("Quantity"), required=False),
            "scrap_percent": forms.DecimalField(
                label=_("Scrap, %"),
                min_value=ZERO,
                max_value=Decimal(99),
                max_digits=6,
                decimal_places=3,
                required=False,
                widget=forms.NumberInput({"step": "any"}),
            ),
        }


class CancelForm(forms.Form):
    why = forms.CharField(label=_("Why"), max_length=100, required=False, help_text=_("Who plans it again reads it"))


class ReturnForm(forms.Form):
    """How much of each line of a receipt goes back."""

    reason = forms.CharField(label=_("What is wrong with them"), max_length=200)
    is_replaced = forms.BooleanField(label=_("The supplier sends others for them"), required=False, initial=True)

    def __init__(self, *args: Any, lines: Sequence[ReceiptLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = list(lines)
        for line in self.lines:
            material = line.order_line.material
            left = shown.quantity(line.quantity - line.returned_qty, material.unit.code)
            lot = f", {line.lot.number}" if line.lot else ""
            self.fields[f"line_{line.pk}"] = amount(
                _("%(code)s goes back") % {"code": material.code},
                required=False,
                help_text=_("%(left)s of %(name)s came%(lot)s") % {"left": left, "name": material.name, "lot": lot},
            )

    def going(self) -> list[tuple[int, Decimal]]:
        found = [(line.pk, self.cleaned_data.get(f"line_{line.pk}")) for line in self.lines]
        return [(pk, quantity) for pk, quantity in found if quantity]


class TogetherForm(forms.Form):
    """Which planned orders are bought now."""

    planned_orders = forms.ModelMultipleChoiceField(
        PlannedOrder.objects.filter(closed_at=None), label=_("Planned orders"), widget=forms.CheckboxSelectMultiple
    )


class AskForm(TogetherForm):
    """Who is asked for what, until when."""

    suppliers = forms.ModelMultipleChoiceField(suppliers(), label=_("Suppliers"), widget=forms.CheckboxSelectMultiple)
    answer_by = day(_("Answers until"))


class AnswerForm(RowsForm):
    """A supplier's answer to each line of a request; a line without a price is not answered."""

    lead, needed, spare = "unit_price", ["lead_time_days"], 0

    def line_fields(self) -> dict[str, forms.Field]:
        return {
            "what": forms.CharField(
                label=_("Asked for"), required=False, disabled=True, widget=forms.TextInput({"readonly": True})
            ),
            "line": forms.IntegerField(label=_("Line"), required=False, widget=forms.HiddenInput),
            "unit_price": amount(_("Price per base unit"), required=False),
            "lead_time_days": forms.IntegerField(label=_("Days"), min_value=0, max_value=999, required=False),
            "min_quantity": amount(_("At least"), required=False),
            "valid_until": day(_("Valid until"), required=False),
        }


class RequisitionForm(RowsForm):
    """What is wanted, for what, until when."""

    lead, needed, spare = "material", ["quantity", "needed_on"], 3

    plant = forms.ModelChoiceField(Plant.objects.select_related("company__currency"), label=_("Plant"))
    reason = forms.CharField(label=_("What it is for"), max_length=200)

    def line_fields(self) -> dict[str, forms.Field]:
        return {
            "material": forms.ModelChoiceField(
                Material.objects.filter(is_active=True, supply="buy").order_by("code"),
                label=_("Material"),
                required=False,
            ),
            "quantity": amount(_("Quantity"), required=False),
            "needed_on": day(_("Needed on"), required=False),
            "unit_price": amount(_("Price, if you know it"), required=False),
        }


class RefuseForm(forms.Form):
    because = forms.CharField(label=_("Why not"), max_length=200)


PriceForm = form_of(
    SupplierPrice,
    [
        "supplier", "material", "unit", "price", "from_quantity", "lead_time_days", "min_quantity", "max_quantity",
        "pack_quantity", "valid_from", "valid_until", "supplier_article", "is_subcontract",
    ],
    labels={
        "unit": _("Sold in"),
        "price": _("Price per unit"),
        "from_quantity": _("From quantity"),
        "lead_time_days": _("Lead time, days"),
        "min_quantity": _("At least"),
        "max_quantity": _("At most"),
        "pack_quantity": _("In packs of"),
        "valid_from": _("Valid from"),
        "valid_until": _("Valid until"),
        "supplier_article": _("Their article number"),
        "is_subcontract": _("A fee: we supply the components"),
    },
    hints={
        "from_quantity": _("In the unit it is sold in, as all quantities here"),
        "is_subcontract": _("They make it of what its BOM names; that is kept and sent to them"),
    },
)  # fmt: skip

ToleranceForm = form_of(
    DeliveryTolerance,
    ["supplier", "material", "over_percent", "under_percent"],
    labels={"over_percent": _("More, %"), "under_percent": _("Less, %")},
    hints={"material": _("Empty: all others of the supplier")},
)

BuyingLimitForm = form_of(
    BuyingLimit,
    ["plant", "for_orders", "buyer", "supplier", "category", "max_value", "fence_days", "is_automatic"],
    labels={
        "max_value": _("Value of an order, at most"),
        "fence_days": _("Days ahead"),
        "is_automatic": _("Ordered without a click"),
        "for_orders": _("Only what confirmed orders lack"),
    },
    hints={
        "buyer": _("Empty: whoever buys"),
        "supplier": _("Empty: all"),
        "category": _("Empty: all"),
        "fence_days": _("Empty: any time"),
    },
)

ApprovalLimitForm = form_of(
    ApprovalLimit,
    ["plant", "approver", "max_value"],
    labels={"max_value": _("Value of a requisition, at most")},
)
