"""Purchase orders, planned orders, receipts and supplier prices over REST."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from erp.supply import services
from erp.supply.letters import purchase_order_pdf
from erp.supply.models import PurchaseOrder, PurchaseOrderLine, Receipt, ReceiptLine, SupplierPrice
from erp.supply.subcontract_rest import ComponentPartBody, SubcontractDeeds, parts_of
from erp.supply.suppliers import supplier_field
from masterdata.access import may
from masterdata.api.deeds import creates, deed
from masterdata.api.pdf import language_of, pdf_answer, pdf_part
from masterdata.api.rows import EditableRows, ReadableRows
from masterdata.api.serializers import Amount, Body, Day, Moment, Row, Visible
from masterdata.models import Location, Material, Partner, Plant


class PurchaseLineRow(Row):
    class Meta:
        model = PurchaseOrderLine
        fields = (
            "id", "line_no", "material", "quantity", "unit_price", "due_at", "confirmed_at", "first_confirmed_at",
            "received_qty", "over_qty", "returned_qty", "cancelled_qty", "split_from",
        )  # fmt: skip
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
    """Base units of a line; a material with lots comes in one line for each lot or serial number."""

    line = serializers.IntegerField(min_value=1)
    quantity = Amount()
    lot = serializers.CharField(max_length=60, required=False)
    supplier_lot = serializers.CharField(max_length=60, required=False)
    expires_on = Day(required=False)
    length_mm = serializers.IntegerField(min_value=1, max_value=100_000, required=False)
    width_mm = serializers.IntegerField(min_value=1, max_value=100_000, required=False)


class ReceiveBody(Body):
    """What came; no lines given: everything still to come.

    `used`: what the supplier really used of our components, where that is not what the BOM says.
    """

    lines = DeliveredBody(many=True, required=False, allow_empty=False)
    delivery_note = serializers.CharField(max_length=60, default="", allow_blank=True)
    used = ComponentPartBody(many=True, required=False)
    location = Visible(queryset=Location.objects.all(), required=False)


class ChangeLineBody(Body):
    """What is left out stays."""

    line = serializers.IntegerField(min_value=1)
    quantity = Amount(required=False)
    unit_price = Amount(required=False)
    due_at = Moment(required=False)


class CancelBody(Body):
    """No lines given: everything still to come."""

    lines = serializers.ListField(child=serializers.IntegerField(min_value=1), required=False, allow_empty=False)
    why = serializers.CharField(max_length=100, default="", allow_blank=True)


class DeliveryBody(Body):
    quantity = Amount()
    confirmed_at = Moment()


class SplitLineBody(Body):
    line = serializers.IntegerField(min_value=1)
    deliveries = DeliveryBody(many=True)


class ConfirmDateBody(Body):
    line = serializers.IntegerField(min_value=1)
    confirmed_at = Moment()


class ReceiptLineRow(Row):
    class Meta:
        model = ReceiptLine
        fields = ("id", "order_line", "quantity", "value", "lot", "returned_qty")
        needs = {"value": "erp.view_cost"}


class ReceiptRow(Row):
    lines = ReceiptLineRow(many=True)

    class Meta:
        model = Receipt
        fields = ("id", "number", "order", "location", "delivery_note", "received_at", "lines")


class PriceRow(Row):
    supplier = supplier_field()

    class Meta:
        model = SupplierPrice
        fields = (
            "id", "supplier", "material", "unit", "price", "lead_time_days", "min_quantity", "max_quantity",
            "from_quantity", "pack_quantity", "valid_from", "valid_until", "supplier_article",
            "is_subcontract",
        )  # fmt: skip
        needs = {"price": "erp.view_cost"}


class PurchaseOrders(SubcontractDeeds, ReadableRows):
    """Orders to suppliers."""

    queryset = PurchaseOrder.objects.prefetch_related("lines")
    serializer_class = PurchaseRow
    view_deed = "erp.view_purchase"
    filterset_fields: Any = ("number", "plant", "supplier", "lines__material")
    search_fields = ("number", "supplier__name")

    @pdf_part("erp.view_purchase")
    def pdf(self, request: Request, pk: str) -> Response:
        """The order as its supplier gets it, as PDF; prices only for who may see cost."""
        sees_cost = may(request.user, "erp.view_cost")
        return pdf_answer(purchase_order_pdf(self.get_object(), language_of(request), with_prices=sees_cost))

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
            lines=None if lines is None else [delivered(line) for line in lines],
            now=timezone.now(),
            delivery_note=given["delivery_note"],
            location_id=given["location"].pk if "location" in given else None,
            used=parts_of(given.get("used", [])),
        )
        return self.shown(ReceiptRow, receipt, status=201)

    @deed("erp.write_purchase", takes=ConfirmDateBody)
    def confirm_date(self, request: Request, pk: str) -> Response:
        """Note the date that the supplier confirmed for a line."""
        order, given = self.get_object(), self.taken()
        line = self._line(order, given["line"])
        services.confirm_purchase_date(
            line_id=line.pk,
            confirmed_at=given["confirmed_at"],
            expected_version=self.expected_version(),
            now=timezone.now(),
        )
        return self.answer(order)

    @deed("erp.write_purchase", takes=ChangeLineBody)
    def change_line(self, request: Request, pk: str) -> Response:
        """Agree on another quantity, price or day for what has not come yet."""
        order, given = self.get_object(), self.taken()
        line = self._line(order, given.pop("line"))
        services.change_purchase_line(
            line_id=line.pk, now=timezone.now(), expected_version=self.expected_version(), **given
        )
        return self.answer(order)

    @deed("erp.write_purchase", takes=CancelBody)
    def cancel(self, request: Request, pk: str) -> Response:
        """Cancel what has not come of the lines given, or of the whole order."""
        order, given = self.get_object(), self.taken()
        services.cancel_purchase(
            order_id=order.pk,
            now=timezone.now(),
            line_ids=given.get("lines"),
            why=given["why"],
            expected_version=self.expected_version(),
        )
        return self.answer(order)

    @deed("erp.write_purchase", takes=SplitLineBody)
    def split_line(self, request: Request, pk: str) -> Response:
        """Note that the supplier delivers a line in parts."""
        order, given = self.get_object(), self.taken()
        services.split_purchase_line(
            line_id=self._line(order, given["line"]).pk,
            deliveries=[(one["quantity"], one["confirmed_at"]) for one in given["deliveries"]],
            now=timezone.now(),
            expected_version=self.expected_version(),
        )
        return self.answer(order)

    @staticmethod
    def _line(order: PurchaseOrder, line_id: int) -> PurchaseOrderLine:
        line = order.lines.filter(pk=line_id).first()
        if line is None:
            raise serializers.ValidationError({"line": ["This order has no such line."]})
        return line


def delivered(line: dict[str, Any]) -> services.Delivered:
    """A line of a delivery as the service takes it."""
    return services.Delivered(line_id=line.pop("line"), **line)


class SupplierPrices(EditableRows):
    """What suppliers ask, and how long they take."""

    queryset = SupplierPrice.objects.all()
    serializer_class = PriceRow
    view_deed, edit_deed = "erp.view_purchase", "erp.write_purchase"
    filterset_fields = ("supplier", "material")


VIEWSETS: list[tuple[str, Any]] = [
    ("purchase-orders", PurchaseOrders),
    ("supplier-prices", SupplierPrices),
]
