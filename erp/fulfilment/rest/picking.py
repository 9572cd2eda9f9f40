"""Pick lists over REST."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from erp.fulfilment import services
from erp.fulfilment.letters import picking_list_pdf
from erp.fulfilment.models import PickLine, PickList
from erp.sales.models import SalesOrder
from masterdata.api.deeds import creates, deed
from masterdata.api.pdf import language_of, pdf_answer, pdf_part
from masterdata.api.rows import ReadableRows
from masterdata.api.serializers import Amount, Body, Row, Visible
from masterdata.models import Plant, User

PICK = "erp.pick_goods"


class PickLineRow(Row):
    class Meta:
        model = PickLine
        fields = (
            "id", "pick_list", "order_line", "material", "location", "lot", "owner", "reservation", "quantity",
            "picked_qty", "short_qty", "gone_qty", "picked_at",
        )  # fmt: skip


class PickListRow(Row):
    """Lines stand in the sequence of places."""

    lines = PickLineRow(many=True)

    class Meta:
        model = PickList
        fields = ("id", "number", "plant", "is_wave", "picker", "made_at", "closed_at", "version", "lines")


class PickListBody(Body):
    """One walk for these orders; several are a wave."""

    plant = Visible(queryset=Plant.objects.select_related("company__currency"))
    orders = Visible(queryset=SalesOrder.objects.all(), many=True, allow_empty=False)
    picker = Visible(queryset=User.objects.all(), required=False, allow_null=True)


class PickBody(Body):
    """`place` and `goods` as scanned; empty: not scanned. `lot`: another one that lies in the same place."""

    quantity = Amount()
    place = serializers.CharField(max_length=60, default="", allow_blank=True)
    goods = serializers.CharField(max_length=60, default="", allow_blank=True)
    lot = serializers.CharField(max_length=60, default="", allow_blank=True)


class UnpickBody(Body):
    quantity = Amount()


class ShortShown(serializers.Serializer):
    """What was asked for from other places, and what waits for the count."""

    elsewhere = PickLineRow(many=True)
    missing = serializers.DecimalField(max_digits=18, decimal_places=6)
    count_sheet = serializers.IntegerField(source="sheet.pk", allow_null=True, default=None)


class PickLists(ReadableRows):
    """Walks through the warehouse."""

    queryset = PickList.objects.prefetch_related("lines")
    serializer_class = PickListRow
    view_deed = "erp.view_order"
    filterset_fields: Any = {
        "number": ["exact"], "plant": ["exact"], "picker": ["exact"], "lines__order_line__order": ["exact"],
        "closed_at": ["isnull"],
    }  # fmt: skip

    @pdf_part("erp.view_order")
    def pdf(self, request: Request, pk: str) -> Response:
        """The walk on paper, in the order of places."""
        return pdf_answer(picking_list_pdf(self.get_object(), language_of(request)))

    @creates(PICK, takes=PickListBody, gives=PickListRow)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List what is in hand of these orders, and reserve it hard."""
        given = self.taken(PickListBody)
        row = services.make_pick_list(
            order_ids=[order.pk for order in given["orders"]],
            plant=given["plant"],
            picker=given.get("picker"),
            now=timezone.now(),
        )
        return self.answer(row, status=201)

    @deed(PICK)
    def close(self, request: Request, pk: str) -> Response:
        """What is not picked yet may stand on another list."""
        list_id = self.row_id()
        services.close_pick_list(list_id=list_id, now=timezone.now(), expected_version=self.expected_version())
        return self.answer(list_id)


class PickLines(ReadableRows):
    """What a walk fetches, line by line."""

    queryset = PickLine.objects.all()
    serializer_class = PickLineRow
    view_deed = "erp.view_order"
    filterset_fields = ("pick_list", "order_line", "material", "location", "lot")

    @deed(PICK, takes=PickBody)
    def pick(self, request: Request, pk: str) -> Response:
        """So much was fetched; it lies in the staging place."""
        return self.answer(services.confirm_pick(line_id=self.row_id(), now=timezone.now(), **self.taken()))

    @deed(PICK, gives=ShortShown)
    def short(self, request: Request, pk: str) -> Response:
        """The rest is not there: asked for elsewhere, and the place is to be counted."""
        return self.shown(ShortShown, services.pick_short(line_id=self.row_id(), now=timezone.now()))

    @deed(PICK, takes=UnpickBody, status=204)
    def unpick(self, request: Request, pk: str) -> Response:
        """Bring it back to its place."""
        services.unpick(line_id=self.row_id(), now=timezone.now(), **self.taken())
        return Response(status=204)


VIEWSETS: list[tuple[str, Any]] = [("pick-lists", PickLists), ("pick-lines", PickLines)]
