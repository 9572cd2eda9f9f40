"""Requisitions and requests for quotation over REST."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from erp.supply import services
from erp.supply.models import (
    PlannedOrder,
    PurchaseOrder,
    QuotationInvitation,
    QuotationRequest,
    QuotationRequestLine,
    Requisition,
    RequisitionLine,
    SupplierAnswer,
)
from erp.supply.rest import PurchaseRow
from masterdata.api.deeds import creates, deed
from masterdata.api.rows import ReadableRows
from masterdata.api.serializers import Amount, Body, Day, Row, Visible
from masterdata.models import Material, Partner, Plant
from masterdata.numbers import ZERO


class RequisitionLineRow(Row):
    class Meta:
        model = RequisitionLine
        fields = ("id", "line_no", "material", "quantity", "needed_on", "unit_price", "planned_order")


class RequisitionRow(Row):
    lines = RequisitionLineRow(many=True)

    class Meta:
        model = Requisition
        fields = (
            "id", "number", "plant", "requested_by", "requested_at", "reason", "value", "approved_at", "refused_at",
            "decided_by", "refused_because", "version", "lines",
        )  # fmt: skip


class RequisitionLineBody(Body):
    """Base units; the price is a guess for what has none."""

    material = Visible(queryset=Material.objects.filter(is_active=True))
    quantity = Amount()
    needed_on = Day()
    unit_price = Amount(required=False)


class RequisitionBody(Body):
    plant = Visible(queryset=Plant.objects.select_related("company__currency"))
    reason = serializers.CharField(max_length=200)
    lines = RequisitionLineBody(many=True, allow_empty=False)


class RefuseBody(Body):
    because = serializers.CharField(max_length=200)


class AskedLineRow(Row):
    class Meta:
        model = QuotationRequestLine
        fields = ("id", "line_no", "material", "quantity", "needed_at", "planned_order", "awarded_to")


class AnswerRow(Row):
    class Meta:
        model = SupplierAnswer
        fields = (
            "id", "line", "unit_price", "lead_time_days", "min_quantity", "valid_until", "supplier_article",
            "answered_at",
        )  # fmt: skip
        needs = {"unit_price": "erp.view_cost"}


class InvitationRow(Row):
    answers = AnswerRow(many=True)

    class Meta:
        model = QuotationInvitation
        fields = ("id", "supplier", "declined_at", "answers")


class QuotationRequestRow(Row):
    lines = AskedLineRow(many=True)
    invitations = InvitationRow(many=True)

    class Meta:
        model = QuotationRequest
        fields = ("id", "number", "plant", "asked_at", "answer_by", "closed_at", "version", "lines", "invitations")


class AskBody(Body):
    planned_orders = Visible(queryset=PlannedOrder.objects.all(), many=True, allow_empty=False)
    suppliers = Visible(queryset=Partner.objects.filter(is_supplier=True, is_active=True), many=True, allow_empty=False)
    answer_by = Day()


class AnswerBody(Body):
    """Per base unit; the least quantity in base units."""

    line = serializers.IntegerField(min_value=1)
    unit_price = Amount(min_value=0)
    lead_time_days = serializers.IntegerField(min_value=0, max_value=999)
    min_quantity = Amount(min_value=0, default=ZERO)
    valid_until = Day(required=False)
    supplier_article = serializers.CharField(max_length=60, default="", allow_blank=True)


class AnswersBody(Body):
    """No answers: the supplier declines."""

    supplier = Visible(queryset=Partner.objects.filter(is_supplier=True))
    answers = AnswerBody(many=True, allow_empty=True)


class AwardBody(Body):
    line = serializers.IntegerField(min_value=1)
    supplier = Visible(queryset=Partner.objects.filter(is_supplier=True))


class AwardsBody(Body):
    awards = AwardBody(many=True, allow_empty=False)
    keep_prices = serializers.BooleanField(default=False)


class AwardedRow(serializers.Serializer):
    orders = PurchaseRow(many=True)


class Requisitions(ReadableRows):
    """What somebody in the house wants bought."""

    queryset = Requisition.objects.prefetch_related("lines")
    serializer_class = RequisitionRow
    view_deed = "erp.view_requisition"
    filterset_fields = ("number", "plant", "requested_by")

    @creates("erp.request_purchase", takes=RequisitionBody, gives=RequisitionRow)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Ask that something is bought."""
        given = self.taken(RequisitionBody)
        lines = [
            services.RequisitionLineInput(
                line["material"].pk, line["quantity"], line["needed_on"], line.get("unit_price")
            )
            for line in given["lines"]
        ]
        row = services.request_purchase(
            plant=given["plant"], by=self.caller(), reason=given["reason"], lines=lines, now=timezone.now()
        )
        return self.answer(row, status=201)

    @deed("erp.approve_requisition")
    def approve(self, request: Request, pk: str) -> Response:
        """Agree: its lines become planned orders."""
        row = self.get_object()
        services.approve_requisition(
            requisition_id=row.pk, by=self.caller(), now=timezone.now(), expected_version=self.expected_version()
        )
        return self.answer(row)

    @deed("erp.approve_requisition", takes=RefuseBody)
    def refuse(self, request: Request, pk: str) -> Response:
        """Say no, and why."""
        row = self.get_object()
        services.refuse_requisition(
            requisition_id=row.pk,
            by=self.caller(),
            because=self.taken()["because"],
            now=timezone.now(),
            expected_version=self.expected_version(),
        )
        return self.answer(row)


class QuotationRequests(ReadableRows):
    """What suppliers were asked for, and what they answered."""

    queryset = QuotationRequest.objects.prefetch_related("lines", "invitations__answers")
    serializer_class = QuotationRequestRow
    view_deed = "erp.view_purchase"
    filterset_fields = ("number", "plant")

    @creates("erp.write_purchase", takes=AskBody, gives=QuotationRequestRow)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Ask suppliers for what planned orders need."""
        given = self.taken(AskBody)
        row = services.request_quotations(
            planned_order_ids=[one.pk for one in given["planned_orders"]],
            supplier_ids=[one.pk for one in given["suppliers"]],
            answer_by=given["answer_by"],
            now=timezone.now(),
        )
        return self.answer(row, status=201)

    @deed("erp.write_purchase", takes=AnswersBody)
    def note_answer(self, request: Request, pk: str) -> Response:
        """Note what a supplier answered."""
        row, given = self.get_object(), self.taken()
        services.answer_quotation(
            request_id=row.pk,
            supplier_id=given["supplier"].pk,
            answers=[services.AnswerInput(line_id=one.pop("line"), **one) for one in given["answers"]],
            now=timezone.now(),
            expected_version=self.expected_version(),
        )
        return self.answer(row)

    @deed("erp.write_purchase", takes=AwardsBody, gives=AwardedRow, status=201)
    def award(self, request: Request, pk: str) -> Response:
        """Give lines to suppliers: an order per supplier and day."""
        row, given = self.get_object(), self.taken()
        orders = services.award_quotation(
            request_id=row.pk,
            awards={one["line"]: one["supplier"].pk for one in given["awards"]},
            keep_prices=given["keep_prices"],
            now=timezone.now(),
            expected_version=self.expected_version(),
        )
        written = PurchaseOrder.objects.filter(pk__in=[order.pk for order in orders]).prefetch_related("lines")
        return self.shown(AwardedRow, {"orders": written.order_by("pk")}, status=201)

    @deed("erp.write_purchase")
    def drop(self, request: Request, pk: str) -> Response:
        """Close it: nobody gets it."""
        row = self.get_object()
        services.drop_quotation(request_id=row.pk, now=timezone.now(), expected_version=self.expected_version())
        return self.answer(row)


VIEWSETS: list[tuple[str, Any]] = [("requisitions", Requisitions), ("quotation-requests", QuotationRequests)]
