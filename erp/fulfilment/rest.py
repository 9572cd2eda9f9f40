"""Packing and shipments over REST."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from erp.fulfilment import services
from erp.fulfilment.models import Shipment, ShipmentLine
from erp.sales.models import SalesOrder
from masterdata.api.deeds import deed
from masterdata.api.rows import ReadableRows, RowDeeds
from masterdata.api.serializers import Amount, Body, Row


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


class ShipmentRow(Row):
    lines = ShipmentLineRow(many=True)

    class Meta:
        model = Shipment
        fields = ("id", "number", "order", "plant", "packed_at", "shipped_at", "lines")


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
        shipment = services.pack_shipment(order_id=order_id, lines=pieces, now=timezone.now())
        return self.shown(ShipmentRow, shipment, status=201)


class Shipments(ReadableRows):
    """Goods out: packed, then shipped."""

    queryset = Shipment.objects.prefetch_related("lines")
    serializer_class = ShipmentRow
    view_deed = "erp.view_order"
    filterset_fields = ("number", "order", "plant")

    @deed("erp.ship")
    def ship(self, request: Request, pk: str) -> Response:
        """The goods leave: stock, cost of goods and the order move."""
        return self.answer(services.ship(shipment_id=self.row_id(), now=timezone.now()))


VIEWSETS: list[tuple[str, Any]] = [("shipments", Shipments), ("sales-orders", OrderGoods)]
