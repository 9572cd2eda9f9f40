"""Stock balances, moves and values over REST: read only, stock moves by deeds."""

from __future__ import annotations

from typing import Any

from erp.stock.models import MaterialValue, StockBalance, StockMove
from masterdata.api.rows import ReadableRows
from masterdata.api.serializers import Row


class BalanceRow(Row):
    class Meta:
        model = StockBalance
        fields = ("id", "material", "plant", "location", "sales_order", "on_hand", "reserved")


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
            "quantity",
            "value",
            "work_order",
            "purchase_order_line",
            "sales_order_line",
            "moved_at",
        )
        needs = {"value": "erp.view_cost"}


class ValueRow(Row):
    class Meta:
        model = MaterialValue
        fields = ("id", "material", "plant", "sales_order", "quantity", "value")


class Balances(ReadableRows):
    """What lies where, whose it is, and how much of it is reserved."""

    queryset = StockBalance.objects.all()
    serializer_class = BalanceRow
    view_deed = "erp.view_stock"
    filterset_fields = ("material", "plant", "location", "sales_order")


class Moves(ReadableRows):
    """Every move of stock, append-only."""

    queryset = StockMove.objects.order_by("-id")
    serializer_class = MoveRow
    view_deed = "erp.view_stock"
    filterset_fields = ("kind", "material", "plant", "source", "target", "work_order", "sales_order_line")


class Values(ReadableRows):
    """What stock is worth."""

    queryset = MaterialValue.objects.all()
    serializer_class = ValueRow
    view_deed = "erp.view_cost"
    filterset_fields = ("material", "plant", "sales_order")


VIEWSETS: list[tuple[str, Any]] = [
    ("stock-balances", Balances),
    ("stock-moves", Moves),
    ("material-values", Values),
]
