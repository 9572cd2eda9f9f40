"""Forms of fulfilment."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from erp.fulfilment.models import CustomerReturn, OrderShipping, ReturnReceipt, ShipmentLine
from erp.sales.models import SalesOrder, SalesOrderLine
from masterdata.models import Address, Location, Partner, Plant, ReasonCode
from masterdata.numbers import ZERO


def quantity_input(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DecimalField:
    return forms.DecimalField(
        label=label, required=required, min_value=ZERO, max_digits=18, decimal_places=6, help_text=help_text,
        widget=forms.NumberInput({"step": "any", "inputmode": "decimal"}),
    )  # fmt: skip


class WaveForm(forms.Form):
    """The orders of one walk."""

    orders = forms.ModelMultipleChoiceField(
        SalesOrder.objects.none(), label=_("Orders"), widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Tick the orders to fetch.")},
    )  # fmt: skip


class ShippingForm(forms.Form):
    """How an order is shipped."""

    complete = forms.ChoiceField(label=_("Goes"), choices=OrderShipping.Complete.choices)
    address = forms.ModelChoiceField(Address.objects.none(), label=_("To"), required=False)
    carrier = forms.ModelChoiceField(Partner.objects.filter(is_carrier=True), label=_("Carrier"), required=False)
    delivery_terms = forms.CharField(label=_("Delivery terms"), max_length=80, required=False)
    over_percent = forms.DecimalField(label=_("More, at most %"), min_value=0, max_value=100, decimal_places=2)
    under_percent = forms.DecimalField(label=_("Less, at most %"), min_value=0, max_value=100, decimal_places=2)
    ship_from = forms.ModelChoiceField(
        Plant.objects.none(), label=_("All from"), required=False,
        help_text=_("Goods of other plants are brought there first. Empty: each plant ships its own."),
    )  # fmt: skip

    def __init__(self, *args: Any, order: SalesOrder, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        address, plant = self.fields["address"], self.fields["ship_from"]
        assert isinstance(address, forms.ModelChoiceField)
        assert isinstance(plant, forms.ModelChoiceField)
        address.queryset = Address.objects.filter(partner=order.customer_id)
        plant.queryset = Plant.objects.filter(company=order.company_id)


class CancelForm(forms.Form):
    """What of an order is cancelled."""

    line = forms.ModelChoiceField(SalesOrderLine.objects.none(), label=_("Line"), required=False, empty_label=_("All"))
    quantity = quantity_input(_("How much of the line"), required=False, help_text=_("Empty: all that is open of it."))
    reason = forms.CharField(label=_("Reason"), max_length=200)
    keep_work = forms.BooleanField(label=_("Work that has begun goes on, for stock"), required=False)

    def __init__(self, *args: Any, order: SalesOrder, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        line = self.fields["line"]
        assert isinstance(line, forms.ModelChoiceField)
        line.queryset = order.lines.select_related("material").order_by("line_no")
        line.label_from_instance = lambda obj: f"{obj.line_no}: {obj.material}"  # type: ignore[method-assign]


class CarrierForm(forms.Form):
    """Who brings a shipment."""

    carrier = forms.ModelChoiceField(Partner.objects.filter(is_carrier=True), label=_("Carrier"), required=False)
    tracking_no = forms.CharField(label=_("Tracking number"), max_length=60, required=False)
    delivery_terms = forms.CharField(label=_("Delivery terms"), max_length=80, required=False)


class PiecesForm(forms.Form):
    """A quantity for each line of a shipment; `prefix` names the field of each."""

    def add_lines(self, prefix: str, lines: Sequence[ShipmentLine], label: str) -> None:
        for line in lines:
            what = f"{label}: {line.order_line.material.name}"
            self.fields[f"{prefix}_{line.pk}"] = quantity_input(what, required=False)

    def pieces(self, prefix: str) -> list[tuple[int, Decimal]]:
        given = self.cleaned_data.items()
        return [
            (int(name.removeprefix(f"{prefix}_")), value)
            for name, value in given
            if name.startswith(f"{prefix}_") and value
        ]

    def field_of(self, path: str) -> str:
        """Refusals of a line stand above the form."""
        return path if path in self.fields else ""


class DeliveryForm(PiecesForm):
    """Proof of a delivery."""

    delivered_at = forms.DateTimeField(label=_("Delivered"), widget=forms.DateTimeInput({"type": "datetime-local"}))
    received_by = forms.CharField(label=_("Taken by"), max_length=120)
    note = forms.CharField(label=_("Note"), max_length=200, required=False)
    proof = forms.FileField(
        label=_("Signature or photograph"), required=False, help_text=_("PNG or JPEG, at most 5 MB.")
    )

    def __init__(self, *args: Any, lines: Sequence[ShipmentLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.add_lines("refused", lines, str(_("Refused")))
        self.add_lines("damaged", lines, str(_("Damaged")))


class ReturnForm(PiecesForm):
    """What may come back of an order."""

    reason = forms.ChoiceField(label=_("Why"), choices=CustomerReturn.Reason.choices)
    note = forms.CharField(label=_("Note"), max_length=200, required=False)

    def __init__(self, *args: Any, lines: Sequence[ShipmentLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.add_lines("back", lines, str(_("Comes back")))


class ReceiveForm(forms.Form):
    """Pieces of a return that have come."""

    line = forms.ChoiceField(label=_("Goods"))
    quantity = quantity_input(_("How much"))
    lot = forms.CharField(label=_("Lot or serial number"), max_length=60, required=False)
    to_stock = forms.BooleanField(
        label=_("As good as new: back to stock at once"), required=False,
        help_text=_("Else they go into quarantine until somebody decides."),
    )  # fmt: skip

    def __init__(self, *args: Any, lines: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["line"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(line.pk, line.shipment_line.order_line.material.name) for line in lines]


class DecideForm(forms.Form):
    """What becomes of pieces that came back."""

    outcome = forms.ChoiceField(
        label=_("They are"), choices=[one for one in ReturnReceipt.Outcome.choices if one[0] in ReturnReceipt.CHOSEN]
    )
    target = forms.ModelChoiceField(
        Location.objects.none(), label=_("Place"), required=False, help_text=_("Empty: the default place.")
    )
    scrap_reason = forms.ModelChoiceField(
        ReasonCode.objects.filter(kind="scrap"), label=_("Why scrapped"), required=False
    )
    replace = forms.BooleanField(label=_("Draft an order without charge for as many"), required=False)
    note = forms.CharField(label=_("Note"), max_length=200, required=False)

    def __init__(self, *args: Any, plant: Plant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        target = self.fields["target"]
        assert isinstance(target, forms.ModelChoiceField)
        target.queryset = Location.objects.filter(plant=plant, kind="stock", is_blocked=False)
