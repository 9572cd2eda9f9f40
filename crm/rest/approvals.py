"""Approvals of prices and the limits of sales, over REST."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from crm import services
from crm.models import CategoryFloor, QuotationApproval, SalesPolicy
from masterdata.api.deeds import creates, deed
from masterdata.api.rows import ReadableRows
from masterdata.api.serializers import Body, Row, Visible
from masterdata.models import Company, MaterialCategory

APPROVE = "crm.approve_discount"


class QuotationApprovalRow(Row):
    class Meta:
        model = QuotationApproval
        fields = (
            "id", "quotation", "revision_no", "because", "margin_percent", "discount_percent", "note", "asked_at",
            "asked_by", "decision", "reason", "decided_at", "decided_by",
        )  # fmt: skip
        needs = {"margin_percent": "erp.view_cost"}


class ApprovalReason(Body):
    """Why; needed when it is not approved."""

    reason = serializers.CharField(max_length=400, default="", allow_blank=True)


class QuotationApprovals(ReadableRows):
    """Prices beyond the limits of sales: who asked, who decided, and why."""

    queryset = QuotationApproval.objects.all()
    serializer_class = QuotationApprovalRow
    view_deed = "crm.view"
    filterset_fields: Any = ("quotation", "decision", "asked_by", "decided_by")
    ordering_fields = ("asked_at", "decided_at")

    @deed(APPROVE, takes=ApprovalReason)
    def approve(self, request: Request, pk: str) -> Response:
        """Let just these figures pass. Whoever wrote the quotation or asked is refused with `own_approval`."""
        return self._decided(True)

    @deed(APPROVE, takes=ApprovalReason)
    def reject(self, request: Request, pk: str) -> Response:
        """Not at this price; say why."""
        return self._decided(False)

    def _decided(self, is_approved: bool) -> Response:
        row = self.get_object()
        services.decide_approval(
            approval_id=row.pk,
            is_approved=is_approved,
            reason=self.taken_if_any().get("reason", ""),
            now=timezone.now(),
            by=self.caller(),
        )
        return self.answer(row)


class SalesFloor(Row):
    class Meta:
        model = CategoryFloor
        fields = ("category", "floor_percent")


class SalesPolicyRow(Row):
    floors = SalesFloor(many=True)

    class Meta:
        model = SalesPolicy
        fields = ("id", "company", "floor_percent", "discount_limit_percent", "floors", "version")


class SalesFloorBody(Body):
    category = Visible(queryset=MaterialCategory.objects.all())
    floor_percent = serializers.DecimalField(
        max_digits=7, decimal_places=2, min_value=Decimal(-100), max_value=Decimal(100)
    )


class SalesPolicyBody(Body):
    """The limits as they shall be; null: not checked."""

    company = Visible(queryset=Company.objects.all())
    floor_percent = serializers.DecimalField(
        max_digits=7, decimal_places=2, min_value=Decimal(-100), max_value=Decimal(100), allow_null=True
    )
    discount_limit_percent = serializers.DecimalField(
        max_digits=7, decimal_places=2, min_value=Decimal(0), max_value=Decimal(100), allow_null=True
    )
    floors = SalesFloorBody(many=True, required=False)


class SalesPolicies(ReadableRows):
    """How far sales may go in each company without asking."""

    queryset = SalesPolicy.objects.prefetch_related("floors")
    serializer_class = SalesPolicyRow
    view_deed = APPROVE
    filterset_fields: Any = ("company",)

    @creates(APPROVE, takes=SalesPolicyBody, gives=SalesPolicyRow)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Set the limits of a company; they replace those that hold. Without `floors` those of categories stay."""
        given = self.taken(SalesPolicyBody)
        floors = given.pop("floors", None)
        policy = services.set_sales_policy(
            floors=None if floors is None else {one["category"].pk: one["floor_percent"] for one in floors},
            expected_version=self.expected_version(),
            **given,
        )
        return self.answer(policy, status=201)


VIEWSETS: tuple[tuple[str, Any], ...] = (
    ("quotation-approvals", QuotationApprovals),
    ("sales-policies", SalesPolicies),
)
