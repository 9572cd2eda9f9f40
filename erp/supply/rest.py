"""Purchase orders, planned orders, receipts and supplier prices over REST."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from erp.supply import services
from erp.supply.models import PlannedOrder, PurchaseOrder, PurchaseOrderLine, Receipt, ReceiptLine, SupplierPrice
from masterdata.api.deeds import creates, deed
from masterdata.api.rows import EditableRows, ReadableRows
from masterdata.api.serializers import Amount, Body, Moment, Row, Visible
from masterdata.models import Material, Partner, Plant


class PurchaseLineRow(Row):
    class Meta:
        model = PurchaseOrderLine
        fields = ("id", "line_no", "material", "quantity", "unit_price", "due_at", "confirmed_at", "received_qty")
        needs = {"unit_price": "erp.view_cost"}


class PurchaseRow(Row):
    lines = PurchaseLineRow(many=True)

    class Meta:
        model = PurchaseOrder
        fields = ("id", "number", "plant", "supplier", "ordered_at", "cancelled_at", "version", "lines")


class PurchaseLineBody(Body):
    """Base units at a price per base unit."""

    material = Visible(queryset=Material.objects.filter(is_active=True))
    quantity = Amount()
    unit_price = Amount()
    due_at = Moment()


class PurchaseBody(Body):
    plant = Visible(queryset=Plant.objects.select_related("company"))
    supplier = Visible(queryset=Partner.objects.filter(is_supplier=True, is_active=True))
    lines = PurchaseLineBody(many=True, allow_empty=False)


class DeliveredBody(Body):
    line = serializers.IntegerField(min_value=1)
    quantity = Amount()


class ReceiveBody(Body):
    """What came; no lines given: everything still to come."""

    lines = DeliveredBody(many=True, required=False, allow_empty=False)
    delivery_note = serializers.CharField(max_length=60, default="", allow_blank=True)


class ConfirmDateBody(Body):
    line = serializers.IntegerField(min_value=1)
    confirmed_at = Moment()


class ReceiptLineRow(Row):
    class Meta:
        model = ReceiptLine
        fields = ("id", "order_line", "quantity", "value")
        needs = {"value": "erp.view_cost"}


class ReceiptRow(Row):
    lines = ReceiptLineRow(many=True)

    class Meta:
        model = Receipt
        fields = ("id", "number", "order", "delivery_note", "received_at", "lines")


class PlannedRow(Row):
    class Meta:
        model = PlannedOrder
        fields = ("id", "plant", "material", "kind", "quantity", "due_at", "problem", "closed_at")


class OrderPlannedBody(Body):
    supplier = Visible(queryset=Partner.objects.filter(is_supplier=True, is_active=True))
    unit_price = Amount(min_value=0)
    due_at = Moment()


class PriceRow(Row):
    class Meta:
        model = SupplierPrice
        fields = ("id", "supplier", "material", "unit", "price", "lead_time_days", "min_quantity", "max_quantity")
        needs = {"price": "erp.view_cost"}


class PurchaseOrders(ReadableRows):
    """Orders to suppliers."""

    queryset = PurchaseOrder.objects.prefetch_related("lines")
    serializer_class = PurchaseRow
    view_deed = "erp.view_purchase"
    filterset_fields: Any = ("number", "plant", "supplier", "lines__material")
    search_fields = ("number", "supplier__name")

    @creates("erp.write_purchase", takes=PurchaseBody, gives=PurchaseRow)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Order what a buyer chooses."""
        given = self.taken(PurchaseBody)
        lines = [
            services.PurchaseLineInput(line["material"].pk, line["quantity"], line["unit_price"], line["due_at"])
            for line in given["lines"]
        ]
        order = services.create_purchase_order(
            plant=given["plant"], supplier=given["supplier"], lines=lines, now=timezone.now()
        )
        return self.answer(order, status=201)

    @deed("erp.receive_purchase", takes=ReceiveBody, gives=ReceiptRow, status=201)
    def receive(self, request: Request, pk: str) -> Response:
        """Post a delivery: everything still to come, or the lines given."""
        order, given = self.get_object(), self.taken()
        lines = given.get("lines")
        receipt = services.receive_purchase(
            purchase_order_id=order.pk,
            lines=None if lines is None else [(line["line"], line["quantity"]) for line in lines],
            now=timezone.now(),
            delivery_note=given["delivery_note"],
        )
        return self.shown(ReceiptRow, receipt, status=201)

    @deed("erp.write_purchase", takes=ConfirmDateBody)
    def confirm_date(self, request: Request, pk: str) -> Response:
        """Note the date that the supplier confirmed for a line."""
        order, given = self.get_object(), self.taken()
        line = order.lines.filter(pk=given["line"]).first()
        if line is None:
            raise serializers.ValidationError({"line": ["This order has no such line."]})
        services.confirm_purchase_date(line_id=line.pk, confirmed_at=given["confirmed_at"])
        return self.answer(order)


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


class Receipts(ReadableRows):
    """Deliveries of suppliers."""

    queryset = Receipt.objects.prefetch_related("lines")
    serializer_class = ReceiptRow
    view_deed = "erp.view_purchase"
    filterset_fields = ("number", "order")


class SupplierPrices(EditableRows):
    """What suppliers ask, and how long they take."""

    queryset = SupplierPrice.objects.all()
    serializer_class = PriceRow
    view_deed, edit_deed = "erp.view_purchase", "erp.write_purchase"
    filterset_fields = ("supplier", "material")


VIEWSETS: list[tuple[str, Any]] = [
    ("purchase-orders", PurchaseOrders),
    ("planned-orders", PlannedOrders),
    ("receipts", Receipts),
    ("supplier-prices", SupplierPrices),
]
