"""Work orders over REST."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from erp.production import services
from erp.production.models import WorkOrder, WorkOrderMaterial, WorkOrderOperation
from erp.production.traveller import traveller_pdf
from masterdata.api.deeds import deed
from masterdata.api.pdf import language_of, pdf_answer, pdf_part
from masterdata.api.rows import ReadableRows
from masterdata.api.serializers import Row


class NeedRow(Row):
    class Meta:
        model = WorkOrderMaterial
        fields = (
            "id", "line_no", "material", "unit", "operation_sequence", "quantity", "issued_qty", "issued_value",
            "instead_of", "instead_qty", "choice",
        )  # fmt: skip
        needs = {"issued_value": "erp.view_cost"}


class OperationRow(Row):
    class Meta:
        model = WorkOrderOperation
        fields = (
            "id",
            "work_order",
            "sequence",
            "name",
            "work_centre",
            "setup_min",
            "run_min_per_unit",
            "setup_family",
            "is_splittable",
            "is_last",
            "good_qty",
            "scrap_qty",
            "worked_min",
            "started_at",
            "finished_at",
            "machine",
            "planned_machine",
            "planned_start_at",
            "planned_end_at",
            "plan_no",
        )


class WorkOrderRow(Row):
    materials = NeedRow(many=True)
    operations = OperationRow(many=True)

    class Meta:
        model = WorkOrder
        fields = (
            "id",
            "number",
            "plant",
            "material",
            "sales_order_line",
            "path",
            "state",
            "quantity",
            "good_qty",
            "scrap_qty",
            "planned_unit_cost",
            "planned_start_at",
            "planned_end_at",
            "released_at",
            "closed_at",
            "made_at",
            "version",
            "materials",
            "operations",
        )
        needs = {"planned_unit_cost": "erp.view_cost"}


class WorkOrders(ReadableRows):
    """What is made: materials, operations, planned and real times."""

    queryset = WorkOrder.objects.prefetch_related("materials", "operations")
    serializer_class = WorkOrderRow
    view_deed = "erp.view_work_order"
    filterset_fields: Any = (
        "number",
        "plant",
        "material",
        "state",
        "sales_order_line",
        "sales_order_line__order",
        "operations__work_centre",
    )
    search_fields = ("number", "material__code", "material__name")
    ordering_fields = ("number", "planned_start_at", "planned_end_at")

    @pdf_part("erp.view_work_order", path="traveller")
    def traveller(self, request: Request, pk: str) -> Response:
        """What goes with the work through the shop, as PDF."""
        return pdf_answer(traveller_pdf(self.get_object(), language_of(request)))

    @deed("erp.release_work_order")
    def release(self, request: Request, pk: str) -> Response:
        """Freeze materials and operations and reserve what they need."""
        order = self.get_object()
        services.release_work_order(work_order_id=order.pk, now=timezone.now(), by=self.caller())
        return self.answer(order)


VIEWSETS: list[tuple[str, Any]] = [("work-orders", WorkOrders)]
