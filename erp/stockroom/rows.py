"""Bodies and rows of the stockroom as JSON."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from erp.production.models import WorkOrderMaterial
from erp.sales.models import SalesOrderLine
from erp.stock.models import (
    CountLimit,
    CountLine,
    CountSheet,
    HomeLocation,
    Lot,
    Reservation,
    StockBalance,
    Transfer,
    TransferLine,
)
from erp.supply.models import PlannedOrder
from masterdata.api.serializers import Amount, Body, Day, Moment, Row, Visible
from masterdata.models import Location, Material, Plant, ReasonCode


class BalanceRow(Row):
    class Meta:
        model = StockBalance
        fields = ("id", "material", "plant", "location", "sales_order", "lot", "on_hand", "reserved")


class LotRow(Row):
    class Meta:
        model = Lot
        fields = (
            "id", "material", "number", "kind", "expires_on", "supplier_lot", "length_mm", "width_mm", "cut_from",
            "is_blocked", "blocked_because", "created_at",
        )  # fmt: skip


class TraceRow(serializers.Serializer):
    """One step of a lot's way."""

    move = serializers.IntegerField(source="pk")
    kind = serializers.CharField()
    moved_at = serializers.DateTimeField()
    quantity = serializers.DecimalField(max_digits=18, decimal_places=6)
    from_place = serializers.CharField(source="source.name")
    to_place = serializers.CharField(source="target.name")
    document = serializers.CharField()


class PlaceRow(Row):
    class Meta:
        model = Location
        fields = (
            "id", "plant", "warehouse", "parent", "code", "name", "kind", "is_default", "is_receiving", "is_blocked",
            "blocked_because",
        )  # fmt: skip


class TrackedRow(Row):
    class Meta:
        model = Material
        fields = ("id", "code", "name", "tracking", "is_dimensioned", "version")


class TransferLineRow(Row):
    class Meta:
        model = TransferLine
        fields = (
            "id", "line_no", "material", "lot", "source", "quantity", "value", "arrived_qty", "arrived_value",
            "lost_qty", "lost_value",
        )  # fmt: skip
        needs = dict.fromkeys(("value", "arrived_value", "lost_value"), "erp.view_cost")


class TransferRow(Row):
    lines = TransferLineRow(many=True)

    class Meta:
        model = Transfer
        fields = (
            "id",
            "number",
            "plant",
            "to_plant",
            "note",
            "expected_at",
            "sent_at",
            "closed_at",
            "version",
            "lines",
        )


class CountLineRow(Row):
    """`book_qty` of a blind sheet is shown when the sheet is posted."""

    class Meta:
        model = CountLine
        fields = (
            "id", "material", "location", "lot", "sales_order", "counted_qty", "book_qty", "counted_at", "counted_by",
            "difference", "move",
        )  # fmt: skip

    def to_representation(self, instance: Any) -> dict[str, Any]:
        shown: dict[str, Any] = super().to_representation(instance)
        if instance.sheet.is_blind and instance.sheet.posted_at is None:
            shown["book_qty"] = None
        return shown


class CountSheetRow(Row):
    lines = CountLineRow(many=True)

    class Meta:
        model = CountSheet
        fields = (
            "id", "number", "plant", "location", "material", "is_blind", "made_at", "posted_at", "posted_by",
            "dropped_at", "version", "lines",
        )  # fmt: skip


class CountLimitRow(Row):
    class Meta:
        model = CountLimit
        fields = ("id", "plant", "amount")
        fixed = ("plant",)


class HomeRow(Row):
    class Meta:
        model = HomeLocation
        fields = ("id", "material", "plant", "location")


class ReservationRow(Row):
    class Meta:
        model = Reservation
        fields = (
            "id", "balance", "kind", "work_order_material", "sales_order_line", "supplied_component", "quantity",
            "priority", "expires_at", "made_at",
        )  # fmt: skip


class KeptRow(serializers.Serializer):
    """What was kept, from one or several places."""

    reservations = ReservationRow(many=True)


class HomesRow(serializers.Serializer):
    """The fixed place of the material in the plant, if it has one now."""

    homes = HomeRow(many=True)


class Note(Body):
    note = serializers.CharField(max_length=200, default="", allow_blank=True)


class MoveBody(Note):
    """So much of the balance, to another stock location of the plant."""

    quantity = Amount()
    target = Visible(queryset=Location.objects.all())


class SetFreeBody(Note):
    """Out of quarantine; no target: the plant's default stock location."""

    quantity = Amount()
    target = Visible(queryset=Location.objects.all(), required=False)


class ReasonBody(Note):
    quantity = Amount()
    reason = Visible(queryset=ReasonCode.objects.all())


class RemnantBody(Body):
    """Millimetres of one remnant."""

    number = serializers.CharField(max_length=60)
    length_mm = serializers.IntegerField(min_value=1, max_value=100_000)
    width_mm = serializers.IntegerField(min_value=1, max_value=100_000)
    pieces = serializers.IntegerField(min_value=1, max_value=1000, default=1)


class LotBody(Body):
    material = Visible(queryset=Material.objects.all())
    number = serializers.CharField(max_length=60)
    expires_on = Day(required=False)
    supplier_lot = serializers.CharField(max_length=60, default="", allow_blank=True)
    length_mm = serializers.IntegerField(min_value=1, max_value=100_000, required=False)
    width_mm = serializers.IntegerField(min_value=1, max_value=100_000, required=False)


class BecauseBody(Body):
    because = serializers.CharField(max_length=200)


class TrackingBody(Body):
    tracking = serializers.ChoiceField(choices=Material.Tracking.choices)
    is_dimensioned = serializers.BooleanField(default=False)


class LeavingBody(Body):
    balance = Visible(queryset=StockBalance.objects.all())
    quantity = Amount()


class SendBody(Note):
    """Free stock of one plant for another. `planned_orders`: what was planned to be moved and goes with it first."""

    to_plant = Visible(queryset=Plant.objects.select_related("company"))
    pieces = LeavingBody(many=True, allow_empty=False)
    expected_at = Moment(required=False)
    planned_orders = Visible(queryset=PlannedOrder.objects.all(), many=True, required=False)


class ArrivedBody(Body):
    line = serializers.IntegerField(min_value=1)
    quantity = Amount()


class ArriveBody(Body):
    """What has arrived; no lines: all that is on the way. No target: where the plant receives."""

    lines = ArrivedBody(many=True, required=False, allow_empty=False)
    target = Visible(queryset=Location.objects.all(), required=False)


class GiveUpBody(Body):
    note = serializers.CharField(max_length=200)


class SheetBody(Body):
    """What is to be counted: below a location, of a material, or of a material there."""

    plant = Visible(queryset=Plant.objects.select_related("company"))
    location = Visible(queryset=Location.objects.all(), required=False)
    material = Visible(queryset=Material.objects.all(), required=False)
    is_blind = serializers.BooleanField(default=True)


class FoundBody(Body):
    line = serializers.IntegerField(min_value=1)
    quantity = Amount()


class FoundElsewhereBody(Body):
    """A place that the sheet does not know."""

    material = Visible(queryset=Material.objects.all())
    location = Visible(queryset=Location.objects.all())
    lot = Visible(queryset=Lot.objects.all(), required=False)
    quantity = Amount()


class HomeBody(Body):
    """No location: the material has no fixed place there any more."""

    material = Visible(queryset=Material.objects.all())
    plant = Visible(queryset=Plant.objects.all())
    location = Visible(queryset=Location.objects.all(), allow_null=True)


class KeepBody(Body):
    """For an order line or a work order's material: one of them."""

    sales_order_line = Visible(queryset=SalesOrderLine.objects.all(), required=False)
    work_order_material = Visible(queryset=WorkOrderMaterial.objects.all(), required=False)
    quantity = Amount()
    kind = serializers.ChoiceField(choices=Reservation.Kind.choices, default=Reservation.Kind.SOFT)
    priority = serializers.IntegerField(min_value=1, max_value=999, required=False)
    expires_at = Moment(required=False)


class LetGoBody(Body):
    """No quantity: all that is kept."""

    quantity = Amount(required=False)
