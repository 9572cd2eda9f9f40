"""Returns of customers over REST."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from erp.fulfilment import services
from erp.fulfilment.models import CustomerReturn, CustomerReturnLine, ReturnReceipt
from erp.fulfilment.rest.shipments import PieceBody
from erp.production.services import ReworkStep
from erp.sales.models import SalesOrder
from masterdata.access import person
from masterdata.api.deeds import creates, deed
from masterdata.api.rows import ReadableRows
from masterdata.api.serializers import Amount, Body, Row, Visible
from masterdata.models import Location, Plant, ReasonCode, WorkCentre


class ReturnReceiptRow(Row):
    class Meta:
        model = ReturnReceipt
        fields = (
            "id", "line", "move", "lot", "quantity", "outcome", "outcome_move", "replaced_by", "received_at",
            "decided_at", "decided_by", "reworked_by",
        )  # fmt: skip


class CustomerReturnLineRow(Row):
    receipts = ReturnReceiptRow(many=True)

    class Meta:
        model = CustomerReturnLine
        fields = ("id", "shipment_line", "quantity", "received_qty", "receipts")


class CustomerReturnRow(Row):
    lines = CustomerReturnLineRow(many=True)

    class Meta:
        model = CustomerReturn
        fields = (
            "id", "number", "order", "plant", "reason", "note", "authorised_by", "made_at", "closed_at", "version",
            "lines",
        )  # fmt: skip


class CustomerReturnBody(Body):
    """`line` is a line of a shipment of the order. Without a plant: the one that shipped the first line."""

    order = Visible(queryset=SalesOrder.objects.all())
    lines = PieceBody(many=True, allow_empty=False)
    reason = serializers.ChoiceField(CustomerReturn.Reason.choices)
    note = serializers.CharField(max_length=200, default="", allow_blank=True)
    plant = Visible(queryset=Plant.objects.all(), required=False, allow_null=True)


class ReceiveReturnBody(Body):
    """Into quarantine, or with `to_stock` back to stock at once."""

    line = serializers.IntegerField(min_value=1)
    quantity = Amount()
    lot = serializers.CharField(max_length=60, default="", allow_blank=True)
    to_stock = serializers.BooleanField(default=False)


class DecideReturnBody(Body):
    """Restock takes a `target`, scrap a `scrap_reason`; `replace` drafts an order without charge for as many."""

    outcome = serializers.ChoiceField([one for one in ReturnReceipt.Outcome.choices if one[0] in ReturnReceipt.CHOSEN])
    target = Visible(queryset=Location.objects.all(), required=False, allow_null=True)
    scrap_reason = Visible(queryset=ReasonCode.objects.all(), required=False, allow_null=True)
    replace = serializers.BooleanField(default=False)
    note = serializers.CharField(max_length=200, default="", allow_blank=True)


class ReworkStepBody(Body):
    """What is done to each piece, where; minutes at 100 % speed."""

    name = serializers.CharField(max_length=80)
    work_centre = Visible(queryset=WorkCentre.objects.all())
    setup_min = serializers.DecimalField(max_digits=10, decimal_places=3, min_value=0, default=Decimal(0))
    run_min_per_unit = serializers.DecimalField(max_digits=12, decimal_places=6, min_value=0)


class ReworkReturnBody(Body):
    """The steps that mend the pieces, in this order."""

    steps = ReworkStepBody(many=True, allow_empty=False)


class CustomerReturns(ReadableRows):
    """Goods that customers send back."""

    queryset = CustomerReturn.objects.prefetch_related("lines__receipts")
    serializer_class = CustomerReturnRow
    view_deed = "erp.view_order"
    filterset_fields: Any = {
        "number": ["exact"], "order": ["exact"], "plant": ["exact"], "reason": ["exact"], "closed_at": ["isnull"],
    }  # fmt: skip

    @creates("erp.authorise_return", takes=CustomerReturnBody, gives=CustomerReturnRow)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Allow a customer to send goods back."""
        given = self.taken(CustomerReturnBody)
        row = services.authorise_return(
            order_id=given["order"].pk,
            lines=[(one["line"], one["quantity"]) for one in given["lines"]],
            reason=given["reason"],
            note=given["note"],
            plant=given.get("plant"),
            by=person(request),
            now=timezone.now(),
        )
        return self.answer(row, status=201)

    @deed("erp.receive_return", takes=ReceiveReturnBody, gives=ReturnReceiptRow, status=201)
    def receive(self, request: Request, pk: str) -> Response:
        """Pieces have come: at what they cost when they left."""
        given = self.taken()
        row = services.receive_return(
            return_id=self.row_id(),
            line_id=given.pop("line"),
            now=timezone.now(),
            expected_version=self.expected_version(),
            **given,
        )
        return self.shown(ReturnReceiptRow, row, status=201)

    @deed("erp.authorise_return")
    def close(self, request: Request, pk: str) -> Response:
        """No more will come."""
        return_id = self.row_id()
        services.close_return(return_id=return_id, now=timezone.now(), expected_version=self.expected_version())
        return self.answer(return_id)


class ReturnReceipts(ReadableRows):
    """What came of returns, and what becomes of it."""

    queryset = ReturnReceipt.objects.all()
    serializer_class = ReturnReceiptRow
    view_deed = "erp.view_order"
    filterset_fields = ("line", "line__customer_return", "outcome", "lot")

    @deed("erp.decide_return", takes=DecideReturnBody)
    def decide(self, request: Request, pk: str) -> Response:
        """Back to stock, scrapped, to be reworked, or back to the customer."""
        given = self.taken()
        target, reason = given.pop("target", None), given.pop("scrap_reason", None)
        row = services.decide_return(
            receipt_id=self.row_id(),
            target_id=target.pk if target else None,
            reason_id=reason.pk if reason else None,
            by=person(request),
            now=timezone.now(),
            **given,
        )
        return self.answer(row)

    @deed("erp.decide_return", takes=ReworkReturnBody)
    def rework(self, request: Request, pk: str) -> Response:
        """A work order mends what was decided to be reworked, at the cost of the order that it came back from."""
        receipt_id = self.row_id()
        steps = [
            ReworkStep(work_centre_id=one.pop("work_centre").pk, **one)
            for one in (dict(given) for given in self.taken()["steps"])
        ]
        services.rework_return(receipt_id=receipt_id, steps=steps, by=person(request), now=timezone.now())
        return self.answer(receipt_id)


VIEWSETS: list[tuple[str, Any]] = [("customer-returns", CustomerReturns), ("return-receipts", ReturnReceipts)]
