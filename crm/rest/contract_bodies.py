"""Contracts as JSON: their rows and what their deeds take."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from rest_framework import serializers

from crm import services
from crm.models import (
    CallOff,
    Contract,
    ContractAmendment,
    ContractChange,
    ContractLine,
    ContractPrice,
    PlannedCallOff,
)
from masterdata.api.serializers import Amount, Body, Day, Row, Visible
from masterdata.models import Currency, Material, Partner, Plant, User

TERMS = (
    "title", "customer_reference", "valid_from", "valid_to", "notice_days", "renewal", "renewal_months",
    "renewal_percent", "remind_days", "tolerance_percent", "call_ahead_days", "confirms_planned",
)  # fmt: skip


class ContractPriceRow(Row):
    class Meta:
        model = ContractPrice
        fields = ("from_qty", "unit_price")


class ContractLineRow(Row):
    """`called_off`, `left`: a quantity, or net money where a value is agreed; `can_be_called`: with the tolerance."""

    prices = ContractPriceRow(many=True, read_only=True)
    called_off = Amount(source="use.called", read_only=True)
    shipped_qty = Amount(source="use.taken.shipped", read_only=True)
    left = Amount(source="use.left", read_only=True)
    can_be_called = Amount(source="use.can_be_called", read_only=True)

    class Meta:
        model = ContractLine
        fields = (
            "id", "line_no", "plant", "material", "agreed_qty", "agreed_value", "unit_price", "min_call_qty", "prices",
            "called_off", "shipped_qty", "left", "can_be_called",
        )  # fmt: skip


class ContractRow(Row):
    lines = ContractLineRow(many=True, source="used_lines", read_only=True)

    class Meta:
        model = Contract
        fields = (
            "id", "number", "company", "customer", "currency", "state", *TERMS, "owner", "notice_on", "previous",
            "amendment_no", "made_at", "released_at", "reminded_at", "ended_at", "ended_by", "end_reason",
            "version", "lines",
        )  # fmt: skip


class ContractChangeRow(Row):
    class Meta:
        model = ContractChange
        fields = ("line_no", "what", "before", "after")


class ContractAmendmentRow(Row):
    changes = ContractChangeRow(many=True, read_only=True)

    class Meta:
        model = ContractAmendment
        fields = ("id", "contract", "amendment_no", "reason", "made_at", "made_by", "changes")


class CallOffRow(Row):
    contract = serializers.IntegerField(source="contract_line.contract_id", read_only=True)
    order = serializers.IntegerField(source="order_line.order_id", read_only=True)

    class Meta:
        model = CallOff
        fields = ("id", "contract", "contract_line", "order", "order_line", "planned", "made_at", "made_by")


class PlannedCallOffRow(Row):
    class Meta:
        model = PlannedCallOff
        fields = ("id", "contract_line", "wanted_on", "quantity", "state", "problem", "tried_at", "made_at", "made_by")


class ContractPriceBody(Body):
    from_qty = Amount(min_value=Decimal(0))
    unit_price = Amount(min_value=Decimal(0))


class ContractLineBody(Body):
    """A quantity or a value is agreed. `line_no` names the line that an amendment changes; without it a line is new."""

    line_no = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=100_000)
    plant = Visible(queryset=Plant.objects.all())
    material = Visible(queryset=Material.objects.all())
    agreed_qty = Amount(required=False, allow_null=True)
    agreed_value = serializers.DecimalField(max_digits=20, decimal_places=4, required=False, allow_null=True)
    unit_price = Amount(required=False, allow_null=True)
    min_call_qty = Amount(default=Decimal(0))
    prices = ContractPriceBody(many=True, default=list)


class ContractTermsBody(Body):
    title = serializers.CharField(max_length=120, required=False, allow_blank=True)
    customer_reference = serializers.CharField(max_length=60, required=False, allow_blank=True)
    notice_days = serializers.IntegerField(required=False, min_value=0, max_value=3650)
    renewal = serializers.ChoiceField(choices=Contract.Renewal.choices, required=False)
    renewal_months = serializers.IntegerField(required=False, min_value=1, max_value=120)
    renewal_percent = serializers.DecimalField(max_digits=6, decimal_places=2, required=False)
    remind_days = serializers.IntegerField(required=False, min_value=0, max_value=3650)
    tolerance_percent = serializers.DecimalField(max_digits=5, decimal_places=2, required=False)
    call_ahead_days = serializers.IntegerField(required=False, min_value=0, max_value=3650)
    confirms_planned = serializers.BooleanField(required=False)
    owner = Visible(queryset=User.objects.all(), required=False, allow_null=True)


class ContractBody(ContractTermsBody):
    customer = Visible(queryset=Partner.objects.filter(is_customer=True))
    currency = Visible(queryset=Currency.objects.all(), required=False, allow_null=True)
    valid_from = Day()
    valid_to = Day()
    lines = ContractLineBody(many=True, allow_empty=False)


class ContractChangeBody(ContractTermsBody):
    """Terms that are given, and all lines of a draft."""

    valid_from = Day(required=False)
    valid_to = Day(required=False)
    lines = ContractLineBody(many=True, allow_empty=False)


class AmendBody(ContractTermsBody):
    """Terms that are given; `lines`, when given, are all lines as they shall be."""

    reason = serializers.CharField(max_length=200)
    valid_from = Day(required=False)
    valid_to = Day(required=False)
    lines = ContractLineBody(many=True, allow_empty=False, required=False)


class CallOffLineBody(Body):
    contract_line = Visible(queryset=ContractLine.objects.all())
    quantity = Amount()
    wanted_on = Day()


class CallOffBody(Body):
    """`confirm` false: the order stays a draft."""

    lines = CallOffLineBody(many=True, allow_empty=False)
    confirm = serializers.BooleanField(default=True)
    reference = serializers.CharField(max_length=60, default="", allow_blank=True)


class PlanCallOffsBody(Body):
    lines = CallOffLineBody(many=True, allow_empty=False)


class BookBody(Body):
    """A line of a draft order that takes from a line of this contract, at its price."""

    order_line = serializers.IntegerField(min_value=1)
    contract_line = Visible(queryset=ContractLine.objects.all())


class RenewBody(Body):
    """Without them, what the contract says; `release`: in force at once."""

    months = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=120)
    percent = serializers.DecimalField(max_digits=6, decimal_places=2, required=False, allow_null=True)
    release = serializers.BooleanField(default=False)


class ContractReasonBody(Body):
    reason = serializers.CharField(max_length=200)


class CalledOrder(Body):
    """The order that a call-off made."""

    order = serializers.IntegerField()
    number = serializers.CharField()
    is_confirmed = serializers.BooleanField()


def line_inputs(given: Sequence[dict[str, Any]]) -> list[services.ContractLineInput]:
    """As the services take them."""
    return [
        services.ContractLineInput(
            plant_id=line["plant"].pk,
            material_id=line["material"].pk,
            agreed_qty=line.get("agreed_qty"),
            agreed_value=line.get("agreed_value"),
            unit_price=line.get("unit_price"),
            min_call_qty=line["min_call_qty"],
            prices=[(step["from_qty"], step["unit_price"]) for step in line["prices"]],
            line_no=line.get("line_no"),
        )
        for line in given
    ]


def given_terms(given: dict[str, Any]) -> dict[str, Any]:
    """The terms among what was sent."""
    found = {name: given[name] for name in TERMS if name in given}
    if "owner" in given:
        found["owner_id"] = given["owner"].pk if given["owner"] else None
    return found
