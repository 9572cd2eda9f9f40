"""What surrounds purchase orders over REST: planned orders, receipts, returns, tolerances, limits, punctuality."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from erp.supply import services
from erp.supply.models import (
    ApprovalLimit,
    BuyingLimit,
    DeliveryTolerance,
    PlannedOrder,
    PurchaseOrder,
    Receipt,
    SupplierReturn,
    SupplierReturnLine,
)
from erp.supply.rest import PurchaseRow, ReceiptRow
from erp.supply.suppliers import supplier_field
from masterdata.api.deeds import deed
from masterdata.api.rows import EditableRows, ReadableRows
from masterdata.api.serializers import Amount, Body, Moment, Row, Visible


class PlannedRow(Row):
    class Meta:
        model = PlannedOrder
        fields = ("id", "plant", "material", "kind", "quantity", "due_at", "problem", "closed_at")


class OrderPlannedBody(Body):
    supplier = supplier_field()
    unit_price = Amount(min_value=0)
    due_at = Moment()


class TogetherBody(Body):
    planned_orders = Visible(queryset=PlannedOrder.objects.all(), many=True, allow_empty=False)


class LeftRow(serializers.Serializer):
    """A planned order that was not ordered, and why."""

    planned_order_id = serializers.IntegerField()
    material_code = serializers.CharField()
    reason = serializers.CharField()


class TogetherRow(serializers.Serializer):
    orders = PurchaseRow(many=True)
    left = LeftRow(many=True)


class ReturnLineBody(Body):
    """Base units of a receipt line."""

    line = serializers.IntegerField(min_value=1)
    quantity = Amount()


class ReturnBody(Body):
    """`is_replaced`: the supplier sends others for it."""

    lines = ReturnLineBody(many=True, allow_empty=False)
    reason = serializers.CharField(max_length=200)
    is_replaced = serializers.BooleanField()


class ReturnLineRow(Row):
    class Meta:
        model = SupplierReturnLine
        fields = ("id", "receipt_line", "quantity", "value")
        needs = {"value": "erp.view_cost"}


class ReturnRow(Row):
    lines = ReturnLineRow(many=True)

    class Meta:
        model = SupplierReturn
        fields = ("id", "number", "receipt", "reason", "is_replaced", "returned_at", "lines")


class ToleranceRow(Row):
    supplier = supplier_field()

    class Meta:
        model = DeliveryTolerance
        fields = ("id", "supplier", "material", "over_percent", "under_percent")


class LimitRow(Row):
    supplier = supplier_field(default=None, allow_null=True)

    class Meta:
        model = BuyingLimit
        fields = (
            "id", "plant", "buyer", "supplier", "category", "for_orders", "max_value", "fence_days", "is_automatic"
        )  # fmt: skip


class ApprovalLimitRow(Row):
    class Meta:
        model = ApprovalLimit
        fields = ("id", "plant", "approver", "max_value")


class PlannedOrders(ReadableRows):
    """What buying should bring and nobody has ordered."""

    queryset = PlannedOrder.objects.all()
    serializer_class = PlannedRow
    view_deed = "erp.view_purchase"
    filterset_fields = ("plant", "material", "kind")

    @deed("erp.write_purchase", takes=OrderPlannedBody, gives=PurchaseRow, status=201)
    def order(self, request: Request, pk: str) -> Response:
        """Buy it from the supplier given."""
        planned = self.get_object()
        order = services.order_planned(planned_order_id=planned.pk, now=timezone.now(), **self.taken())
        return self.shown(PurchaseRow, order, status=201)

    @deed("erp.write_purchase", takes=TogetherBody, gives=TogetherRow, on_one=False, status=201)
    def order_together(self, request: Request) -> Response:
        """Buy several where they are bought today: an order per supplier and day. The rest is told."""
        rows = self.taken()["planned_orders"]
        done = services.order_planned_together(planned_order_ids=[row.pk for row in rows], now=timezone.now())
        orders = PurchaseOrder.objects.filter(pk__in=[order.pk for order in done.orders]).prefetch_related("lines")
        return self.shown(TogetherRow, {"orders": orders.order_by("pk"), "left": done.left}, status=201)


class Receipts(ReadableRows):
    """Deliveries of suppliers."""

    queryset = Receipt.objects.prefetch_related("lines")
    serializer_class = ReceiptRow
    view_deed = "erp.view_purchase"
    filterset_fields = ("number", "order")

    @deed("erp.receive_purchase", takes=ReturnBody, gives=ReturnRow, status=201)
    def send_back(self, request: Request, pk: str) -> Response:
        """Send goods back to the supplier, at the value at which they came."""
        receipt, given = self.get_object(), self.taken()
        row = services.return_to_supplier(
            receipt_id=receipt.pk,
            lines=[(line["line"], line["quantity"]) for line in given["lines"]],
            reason=given["reason"],
            is_replaced=given["is_replaced"],
            now=timezone.now(),
        )
        return self.shown(ReturnRow, row, status=201)


class SupplierReturns(ReadableRows):
    """What went back to suppliers."""

    queryset = SupplierReturn.objects.prefetch_related("lines")
    serializer_class = ReturnRow
    view_deed = "erp.view_purchase"
    filterset_fields = ("number", "receipt", "receipt__order")


class DeliveryTolerances(EditableRows):
    """How much more or less than ordered suppliers may bring."""

    queryset = DeliveryTolerance.objects.all()
    serializer_class = ToleranceRow
    view_deed, edit_deed = "erp.view_purchase", "erp.write_purchase"
    filterset_fields = ("supplier", "material")


class BuyingLimits(EditableRows):
    """What is bought without a click."""

    queryset = BuyingLimit.objects.all()
    serializer_class = LimitRow
    view_deed, edit_deed = "erp.view_purchase", "erp.set_buying_limit"
    filterset_fields = ("plant", "buyer", "supplier", "category")


class ApprovalLimits(EditableRows):
    """Who may agree to requisitions, up to which value."""

    queryset = ApprovalLimit.objects.all()
    serializer_class = ApprovalLimitRow
    view_deed, edit_deed = "erp.view_purchase", "erp.set_buying_limit"
    filterset_fields = ("plant", "approver")


VIEWSETS: list[tuple[str, Any]] = [
    ("planned-orders", PlannedOrders),
    ("receipts", Receipts),
    ("supplier-returns", SupplierReturns),
    ("delivery-tolerances", DeliveryTolerances),
    ("buying-limits", BuyingLimits),
    ("approval-limits", ApprovalLimits),
]
