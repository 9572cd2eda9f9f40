"""Packing and shipments over REST."""

from __future__ import annotations

import base64
import binascii
from decimal import Decimal
from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from erp.fulfilment import services
from erp.fulfilment.letters import delivery_note_pdf, package_labels_pdf
from erp.fulfilment.models import Delivery, OrderShipping, Package, PackageContent, Shipment, ShipmentLine
from erp.sales import rest as sales
from erp.sales.models import SalesOrder, SalesOrderLine
from masterdata.access import person
from masterdata.api.deeds import deed
from masterdata.api.pdf import language_of, pdf_answer, pdf_part
from masterdata.api.rows import ReadableRows, RowDeeds
from masterdata.api.serializers import Amount, Body, Row, Visible
from masterdata.errors import InvalidInput
from masterdata.models import Address, Partner, Plant


class PieceBody(Body):
    line = serializers.IntegerField(min_value=1)
    quantity = Amount()


class PackBody(Body):
    """Which lines to pack; none given: all that is ready."""

    lines = PieceBody(many=True, required=False, allow_empty=False)


class ShipmentLineRow(Row):
    class Meta:
        model = ShipmentLine
        fields = ("id", "order_line", "quantity")


class ContentRow(Row):
    class Meta:
        model = PackageContent
        fields = ("id", "line", "lot", "quantity")


class PackageRow(Row):
    contents = ContentRow(many=True)

    class Meta:
        model = Package
        fields = (
            "id", "number", "shipment", "parent", "kind", "weight_kg", "length_mm", "width_mm", "height_mm",
            "loaded_at", "contents",
        )  # fmt: skip


class ShipmentRow(Row):
    lines = ShipmentLineRow(many=True)
    packages = PackageRow(many=True)

    class Meta:
        model = Shipment
        fields = (
            "id", "number", "order", "plant", "address", "carrier", "tracking_no", "delivery_terms", "is_scanned",
            "packed_at", "shipped_at", "version", "lines", "packages",
        )  # fmt: skip


class ShippingRow(Row):
    class Meta:
        model = OrderShipping
        fields = (
            "id", "order", "complete", "address", "carrier", "delivery_terms", "over_percent", "under_percent",
            "ship_from", "version",
        )  # fmt: skip


class ShippingBody(Body):
    """How the order is shipped, in place of what was said before. Percent of a line's quantity."""

    complete = serializers.ChoiceField(OrderShipping.Complete.choices, default="partial")
    address = Visible(queryset=Address.objects.all(), required=False, allow_null=True)
    carrier = Visible(queryset=Partner.objects.filter(is_carrier=True), required=False, allow_null=True)
    delivery_terms = serializers.CharField(max_length=80, default="", allow_blank=True)
    over_percent = serializers.DecimalField(max_digits=5, decimal_places=2, default=Decimal(0))
    under_percent = serializers.DecimalField(max_digits=5, decimal_places=2, default=Decimal(0))
    ship_from = Visible(queryset=Plant.objects.all(), required=False, allow_null=True)


class BringBody(Body):
    expected_at = serializers.DateTimeField(required=False, allow_null=True)


class TransferIds(serializers.Serializer):
    transfers = serializers.ListField(child=serializers.IntegerField())


class LineBody(Body):
    line = serializers.IntegerField(min_value=1)


class StartPackingBody(Body):
    plant = Visible(queryset=Plant.objects.all())


class AddPackageBody(Body):
    kind = serializers.ChoiceField(Package.Kind.choices, default="carton")
    parent = serializers.IntegerField(min_value=1, required=False, allow_null=True)  # type: ignore[assignment]


class LoadBody(Body):
    """The number as it was scanned."""

    number = serializers.CharField(max_length=40)


class CarrierBody(Body):
    carrier = Visible(queryset=Partner.objects.filter(is_carrier=True), allow_null=True)
    tracking_no = serializers.CharField(max_length=60, default="", allow_blank=True)
    delivery_terms = serializers.CharField(max_length=80, default="", allow_blank=True)


class PackIntoBody(Body):
    """`goods`: a material's code or a lot's number, as scanned; `lot` when `goods` is a material with lots."""

    goods = serializers.CharField(max_length=60)
    lot = serializers.CharField(max_length=60, default="", allow_blank=True)
    quantity = Amount(required=False, allow_null=True)


class TakeOutBody(Body):
    content = serializers.IntegerField(min_value=1)
    quantity = Amount(required=False, allow_null=True)


class MeasureBody(Body):
    weight_kg = serializers.DecimalField(max_digits=10, decimal_places=3, allow_null=True)
    length_mm = serializers.IntegerField(min_value=1, required=False, allow_null=True)
    width_mm = serializers.IntegerField(min_value=1, required=False, allow_null=True)
    height_mm = serializers.IntegerField(min_value=1, required=False, allow_null=True)


class ShipmentDeliveryRow(Row):
    class Meta:
        model = Delivery
        fields = ("id", "shipment", "delivered_at", "received_by", "note", "proof_type", "recorded_by", "recorded_at")


class ShipmentDeliveryBody(Body):
    """`proof`: a PNG or JPEG picture of at most 5 MB, base64. Lines are the shipment's."""

    delivered_at = serializers.DateTimeField()
    received_by = serializers.CharField(max_length=120)
    note = serializers.CharField(max_length=200, default="", allow_blank=True)
    proof = serializers.CharField(required=False, allow_null=True, max_length=7_000_000)
    refused = PieceBody(many=True, required=False)
    damaged = PieceBody(many=True, required=False)

    def validate_proof(self, given: str | None) -> bytes | None:
        """The bytes."""
        try:
            return None if given is None else base64.b64decode(given, validate=True)
        except binascii.Error:
            raise serializers.ValidationError("Send it as base64.") from None


class OrderGoods(RowDeeds):
    """What is packed of an order."""

    queryset = SalesOrder.objects.all()
    serializer_class = ShipmentRow
    view_deed = "erp.view_order"

    @deed("erp.pack_shipment", takes=PackBody, gives=ShipmentRow, status=201)
    def pack(self, request: Request, pk: str) -> Response:
        """Pack what is ready, or the lines given, as one shipment."""
        order_id = self.row_id()
        lines = self.taken().get("lines")
        pieces = None if lines is None else [(line["line"], line["quantity"]) for line in lines]
        shipment = services.pack_shipment(order_id=order_id, lines=pieces, now=timezone.now(), by=person(request))
        return self.shown(ShipmentRow, shipment, status=201)

    @deed("erp.pack_shipment", takes=StartPackingBody, gives=ShipmentRow, status=201)
    def start_packing(self, request: Request, pk: str) -> Response:
        """Begin a shipment that is packed by scan; the one that is begun already, when there is one."""
        order_id, given = self.row_id(), self.taken()
        shipment = services.start_packing(order_id=order_id, plant=given["plant"], now=timezone.now())
        return self.shown(ShipmentRow, shipment, status=201)

    @deed("erp.move_stock", takes=BringBody, gives=TransferIds)
    def bring_together(self, request: Request, pk: str) -> Response:
        """Send what is ready in other plants to the one that ships the order."""
        order_id, given = self.row_id(), self.taken()
        sent = services.bring_together(order_id=order_id, now=timezone.now(), expected_at=given.get("expected_at"))
        return self.shown(TransferIds, {"transfers": [one.pk for one in sent]})

    @deed("erp.set_shipping", takes=LineBody, gives=sales.OrderLineRow)
    def close_short(self, request: Request, pk: str) -> Response:
        """Close a line with less, within the tolerance."""
        order_id, line_id = self.row_id(), self.taken()["line"]
        if not SalesOrderLine.objects.filter(pk=line_id, order=order_id).exists():
            raise InvalidInput("Choose a line of this order.", field="line")
        line = services.close_line_short(line_id=line_id, by=person(request), now=timezone.now())
        return self.shown(sales.OrderLineRow, line)

    @deed("erp.set_shipping", takes=ShippingBody, gives=ShippingRow)
    def set_shipping(self, request: Request, pk: str) -> Response:
        """Together or in parts, to which address, by whom, how far from what was ordered."""
        order_id = self.row_id()
        row = services.set_shipping(order_id=order_id, expected_version=self.expected_version(), **self.taken())
        return self.shown(ShippingRow, row)


class Shipments(ReadableRows):
    """Goods out: packed, then shipped."""

    queryset = Shipment.objects.prefetch_related("lines", "packages__contents")
    serializer_class = ShipmentRow
    view_deed = "erp.view_order"
    filterset_fields = ("number", "order", "plant")

    @pdf_part("erp.view_order", path="delivery-note")
    def delivery_note(self, request: Request, pk: str) -> Response:
        """What goes with the goods, as PDF, in the customer's language."""
        return pdf_answer(delivery_note_pdf(self.get_object(), language_of(request)))

    @pdf_part("erp.view_order", path="labels")
    def labels(self, request: Request, pk: str) -> Response:
        """A label for each package, as PDF."""
        return pdf_answer(package_labels_pdf(self.get_object(), language_of(request)))

    @deed("erp.ship")
    def ship(self, request: Request, pk: str) -> Response:
        """The goods leave: stock, cost of goods and the order move."""
        shipment_id = self.row_id()
        return self.answer(
            services.ship(shipment_id=shipment_id, now=timezone.now(), expected_version=self.expected_version())
        )

    @deed("erp.pack_shipment", takes=AddPackageBody, gives=PackageRow, status=201)
    def add_package(self, request: Request, pk: str) -> Response:
        """Another carton or pallet."""
        given = self.taken()
        row = services.add_package(shipment_id=self.row_id(), kind=given["kind"], parent_id=given.get("parent"))
        return self.shown(PackageRow, row, status=201)

    @deed("erp.ship", takes=LoadBody, gives=PackageRow)
    def load(self, request: Request, pk: str) -> Response:
        """A package was scanned at loading, a pallet with what stands on it."""
        row = services.load_package(shipment_id=self.row_id(), now=timezone.now(), **self.taken())
        return self.shown(PackageRow, row)

    @deed("erp.ship", takes=CarrierBody)
    def set_carrier(self, request: Request, pk: str) -> Response:
        """Who brings it, under which number; also of one that has left."""
        given = self.taken()
        carrier = given.pop("carrier")
        row = services.set_carrier(shipment_id=self.row_id(), carrier_id=carrier.pk if carrier else None, **given)
        return self.answer(row)

    @deed("erp.pack_shipment", status=204)
    def unpack(self, request: Request, pk: str) -> Response:
        """Give up a shipment that has not left."""
        services.unpack_shipment(shipment_id=self.row_id(), expected_version=self.expected_version())
        return Response(status=204)

    @deed("erp.record_delivery", takes=ShipmentDeliveryBody, gives=ShipmentDeliveryRow, status=201)
    def deliver(self, request: Request, pk: str) -> Response:
        """The goods were handed over; what was refused or damaged may come back."""
        given = self.taken()
        for name in ("refused", "damaged"):
            given[name] = [(one["line"], one["quantity"]) for one in given.get(name, ())]
        row = services.record_delivery(shipment_id=self.row_id(), now=timezone.now(), by=person(request), **given)
        return self.shown(ShipmentDeliveryRow, row, status=201)


class Packages(ReadableRows):
    """Cartons and pallets, filled by scan."""

    queryset = Package.objects.prefetch_related("contents")
    serializer_class = PackageRow
    view_deed = "erp.view_order"
    filterset_fields = ("number", "shipment", "kind", "parent")

    @deed("erp.pack_shipment", takes=PackIntoBody)
    def pack_into(self, request: Request, pk: str) -> Response:
        """Put goods in."""
        package_id = self.row_id()
        services.pack_into(package_id=package_id, **self.taken())
        return self.answer(package_id)

    @deed("erp.pack_shipment", takes=TakeOutBody)
    def take_out(self, request: Request, pk: str) -> Response:
        """Take goods out again."""
        package, given = self.get_object(), self.taken()
        if not package.contents.filter(pk=given["content"]).exists():
            raise InvalidInput("Nothing like this lies in the package.", field="content")
        services.take_out(content_id=given["content"], quantity=given.get("quantity"))
        return self.answer(package)

    @deed("erp.pack_shipment", takes=MeasureBody)
    def measure(self, request: Request, pk: str) -> Response:
        """What it weighs, how large it is."""
        return self.answer(services.measure_package(package_id=self.row_id(), **self.taken()))

    @deed("erp.pack_shipment", status=204)
    def drop(self, request: Request, pk: str) -> Response:
        """Take an empty package away."""
        services.drop_package(package_id=self.row_id())
        return Response(status=204)


VIEWSETS: list[tuple[str, Any]] = [
    ("shipments", Shipments),
    ("packages", Packages),
    ("sales-orders", OrderGoods),
]
