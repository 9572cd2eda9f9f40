"""Stock moves and values over REST: stock moves by deeds, and a move is undone by another."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from erp.stock import reversing
from erp.stock.models import MaterialValue, StockMove
from masterdata.api.deeds import deed
from masterdata.api.rows import ReadableRows
from masterdata.api.serializers import Body, Row


class MoveRow(Row):
    class Meta:
        model = StockMove
        fields = (
            "id",
            "kind",
            "material",
            "plant",
            "source",
            "target",
            "source_order",
            "target_order",
            "lot",
            "target_lot",
            "quantity",
            "value",
            "difference",
            "reverses",
            "work_order",
            "purchase_order_line",
            "sales_order_line",
            "reason",
            "note",
            "moved_at",
        )
        needs = {"value": "erp.view_cost", "difference": "erp.view_cost"}


class ReverseBody(Body):
    reason = serializers.CharField(max_length=200)


class ValueRow(Row):
    class Meta:
        model = MaterialValue
        fields = ("id", "material", "plant", "sales_order", "quantity", "value")


class Moves(ReadableRows):
    """Every move of stock, append-only."""

    queryset = StockMove.objects.order_by("-id")
    serializer_class = MoveRow
    view_deed = "erp.view_stock"
    filterset_fields = ("kind", "material", "plant", "source", "target", "work_order", "sales_order_line", "lot")

    @deed("erp.reverse_move", takes=ReverseBody, gives=MoveRow, status=201)
    def reverse(self, request: Request, pk: str) -> Response:
        """Undo the move with one the other way, at its own value."""
        move = reversing.reverse_move(move_id=self.get_object().pk, reason=self.taken()["reason"], now=timezone.now())
        return self.answer(move, status=201)


class Values(ReadableRows):
    """What stock is worth."""

    queryset = MaterialValue.objects.all()
    serializer_class = ValueRow
    view_deed = "erp.view_cost"
    filterset_fields = ("material", "plant", "sales_order")


VIEWSETS: list[tuple[str, Any]] = [
    ("stock-moves", Moves),
    ("material-values", Values),
]
