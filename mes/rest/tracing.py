"""Traceability over REST: what a lot came from and became, whom it reached, and blocking all of it."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from erp.models import Lot
from masterdata.api.deeds import deed, part
from masterdata.api.rows import ReadableRows
from masterdata.api.serializers import Amount, Body, Row
from masterdata.errors import NotAllowed
from mes import services
from mes.models import GenealogyEdge
from mes.selectors import tracing
from mes.selectors.tracing import BACKWARD, FORWARD, Graph


class TracedLotRow(Row):
    """A lot or serial number of the user's plants."""

    material_code = serializers.CharField(source="material.code")

    class Meta:
        model = Lot
        fields = (
            "id", "number", "kind", "material", "material_code", "supplier_lot", "expires_on", "is_blocked",
            "blocked_because", "created_at",
        )  # fmt: skip


class GenealogyNodeRow(serializers.Serializer):
    """`kind`: lot, serial, work, receipt, shipment, came_back or sent_back; hidden ones lie in other plants."""

    key = serializers.CharField()
    kind = serializers.CharField()
    title = serializers.CharField()
    detail = serializers.CharField()
    is_blocked = serializers.BooleanField()
    is_hidden = serializers.BooleanField()


class GenealogyLinkRow(serializers.Serializer):
    """From one node's key to another's; without a quantity the goods are kept by quantity and followed by the order, or
    `is_perhaps`: through free stock, where it may have been any of those that lay there."""

    from_node = serializers.CharField(source="source")
    to_node = serializers.CharField(source="target")
    quantity = Amount(allow_null=True)
    unit = serializers.CharField()
    step = serializers.CharField()
    at = serializers.DateTimeField(allow_null=True)
    is_perhaps = serializers.BooleanField()


class GenealogyGraph(serializers.Serializer):
    """`starts` are keys of nodes; `left_out` of the nodes are more than an answer holds."""

    starts = serializers.ListField(child=serializers.CharField())
    nodes = serializers.SerializerMethodField()
    links = GenealogyLinkRow(many=True)
    left_out = serializers.IntegerField()

    def get_nodes(self, graph: Graph) -> list[dict[str, Any]]:
        return [dict(GenealogyNodeRow(node).data) for node in graph.nodes.values()]


class RecalledRow(serializers.Serializer):
    """What a customer got of it with one shipment."""

    customer = serializers.CharField(source="customer.code")
    customer_name = serializers.CharField(source="customer.name")
    contact = serializers.CharField()
    email = serializers.CharField()
    phone = serializers.CharField()
    order = serializers.CharField(source="order_no")
    shipment = serializers.CharField(source="shipment_no")
    shipped_at = serializers.DateTimeField()
    material = serializers.CharField(source="material.code")
    lot = serializers.CharField(source="lot_no")
    quantity = Amount()
    back_qty = Amount()


class RecalledStockRow(serializers.Serializer):
    """What of it is still on hand."""

    lot = serializers.CharField(source="lot.number")
    material = serializers.CharField(source="material.code")
    plant = serializers.CharField(source="plant.code")
    location = serializers.CharField(source="location.code")
    on_hand = Amount()
    is_blocked = serializers.BooleanField(source="lot.is_blocked")


class PerhapsRecalled(serializers.Serializer):
    """What it reached only through free stock that is kept by quantity: any of these may hold some of it."""

    shipped = RecalledRow(many=True)
    on_hand = RecalledStockRow(many=True)
    work_orders = serializers.SerializerMethodField()
    hidden_count = serializers.IntegerField()

    def get_work_orders(self, recall: tracing.Recall) -> list[str]:
        return [order.number for order in recall.in_work]


class RecallList(serializers.Serializer):
    """Whom the lot reached, what is here, and which open work orders used it."""

    shipped = RecalledRow(many=True)
    on_hand = RecalledStockRow(many=True)
    work_orders = serializers.SerializerMethodField()
    hidden_count = serializers.IntegerField()
    perhaps = PerhapsRecalled(allow_null=True)

    def get_work_orders(self, recall: tracing.Recall) -> list[str]:
        return [order.number for order in recall.in_work]


class BlockRecallBody(Body):
    """Why; whoever finds one of the lots reads it."""

    because = serializers.CharField(max_length=200)


class UnblockRecallBody(Body):
    """Why they were blocked; without it the reason of the lot itself counts."""

    because = serializers.CharField(max_length=200, default="", allow_blank=True)


class RecalledLots(serializers.Serializer):
    """The numbers of the lots that were blocked or opened."""

    lots = serializers.ListField(child=serializers.CharField())


class TracedLots(ReadableRows):
    """Lots and serial numbers with their genealogy. Numbers are unique within a material."""

    queryset = Lot.objects.select_related("material")
    serializer_class = TracedLotRow
    view_deed = tracing.SEE
    filterset_fields: Any = ("number", "supplier_lot", "material", "material__code", "is_blocked")
    search_fields = ("number", "supplier_lot", "material__code")

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return Lot.objects.all()
        return tracing.lots_seen(self.request.user).select_related("material")

    @part(tracing.SEE, gives=GenealogyGraph)
    def forward(self, request: Request, pk: str) -> Response:
        """What became of it, down to shipments."""
        return self._graph(FORWARD)

    @part(tracing.SEE, gives=GenealogyGraph)
    def backward(self, request: Request, pk: str) -> Response:
        """What it came from, up to receipts."""
        return self._graph(BACKWARD)

    @part("erp.view_order", gives=RecallList)
    def recall(self, request: Request, pk: str) -> Response:
        """Customers, shipments, stock and work that it reached."""
        return self.shown(RecallList, tracing.recall_of(lots=[self._lot()], user=request.user))

    @deed("mes.recall_lots", takes=BlockRecallBody, gives=RecalledLots)
    def block_recall(self, request: Request, pk: str) -> Response:
        """Block this lot and all that it reached."""
        lot, because = self._lot("mes.recall_lots"), self.taken()["because"]
        lots = services.block_recall(lot_ids=[lot.pk], because=because, now=timezone.now())
        return self.shown(RecalledLots, {"lots": [one.number for one in lots]})

    @deed("mes.recall_lots", takes=UnblockRecallBody, gives=RecalledLots)
    def unblock_recall(self, request: Request, pk: str) -> Response:
        """Open what was blocked for this reason, by itself for the one that the lot is blocked for."""
        lot, because = self._lot("mes.recall_lots"), self.taken()["because"]
        lots = services.unblock_recall(lot_ids=[lot.pk], because=because, now=timezone.now())
        return self.shown(RecalledLots, {"lots": [one.number for one in lots]})

    def _graph(self, way: str) -> Response:
        lot = self._lot()
        return self.shown(GenealogyGraph, tracing.trace(nodes=[lot.pk], direction=way, user=self.request.user))

    def _lot(self, deed_: str = tracing.SEE) -> Lot:
        """The lot, where the user may do the deed with it."""
        lot = get_object_or_404(self.get_queryset(), pk=self.kwargs["pk"])
        if not tracing.lots_seen(self.request.user, deed_).filter(pk=lot.pk).exists():
            raise NotAllowed("You lack the right for this in this lot's plants.", deed=deed_)
        return lot


class GenealogyEdgeRow(Row):
    class Meta:
        model = GenealogyEdge
        fields = (
            "id", "kind", "move", "parent_lot", "parent_work_order", "child_lot", "child_work_order", "quantity",
            "operation", "event", "at", "undone_by",
        )  # fmt: skip


class GenealogyEdges(ReadableRows):
    """The edges themselves, for whoever keeps a copy: ascending by id."""

    queryset = GenealogyEdge.objects.order_by("id")
    serializer_class = GenealogyEdgeRow
    view_deed = tracing.SEE
    filterset_fields: Any = (
        "kind", "parent_lot", "child_lot", "parent_work_order", "child_work_order", "operation", "event"
    )  # fmt: skip


VIEWSETS: list[tuple[str, Any]] = [("traced-lots", TracedLots), ("genealogy-edges", GenealogyEdges)]
