"""Work orders over REST."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from erp.cost import selectors as cost_now
from erp.cost.models import VarianceCause, VarianceEntry
from erp.production import services
from erp.production.models import WorkOrder, WorkOrderMaterial, WorkOrderOperation
from erp.production.traveller import traveller_pdf
from erp.stock.models import Lot
from masterdata.api.deeds import deed, part
from masterdata.api.pdf import language_of, pdf_answer, pdf_part
from masterdata.api.rows import ReadableRows
from masterdata.api.serializers import Amount, Body, Row, Visible
from masterdata.models import Material, WorkCentre


class NeedRow(Row):
    class Meta:
        model = WorkOrderMaterial
        fields = (
            "id", "line_no", "material", "unit", "operation_sequence", "quantity", "issued_qty", "issued_value",
            "instead_of", "instead_qty", "choice", "is_scanned",
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
            "rework_qty",
            "mends",
            "quantity",
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
            "over_qty",
            "planned_unit_cost",
            "planned_start_at",
            "planned_end_at",
            "released_at",
            "short_reason",
            "split_from",
            "closed_at",
            "made_at",
            "version",
            "materials",
            "operations",
        )
        needs = {"planned_unit_cost": "erp.view_cost"}


class ReleaseBody(Body):
    """With `despite_shortage` and a reason it is released with what there is."""

    despite_shortage = serializers.BooleanField(default=False)
    reason = serializers.CharField(max_length=200, default="", allow_blank=True)


class ReworkBody(Body):
    """Pieces of an operation that wait for rework, and where, how and how long they are mended (minutes at 100 %
    speed)."""

    operation = Visible(queryset=WorkOrderOperation.objects.all())
    name = serializers.CharField(max_length=80)
    work_centre = Visible(queryset=WorkCentre.objects.all())
    quantity = Amount()
    setup_min = serializers.DecimalField(max_digits=10, decimal_places=3, min_value=0, default=Decimal(0))
    run_min_per_unit = serializers.DecimalField(max_digits=12, decimal_places=6, min_value=0)


class IssueBody(Body):
    """A material, of a lot where it has one."""

    material = Visible(queryset=Material.objects.all())
    lot = Visible(queryset=Lot.objects.all(), required=False, allow_null=True)
    quantity = Amount()
    reason = serializers.CharField(max_length=200, default="", allow_blank=True)


class GiveBackBody(IssueBody):
    reason = serializers.CharField(max_length=200)


class CauseRow(Row):
    class Meta:
        model = VarianceCause
        fields = ("material", "operation", "planned_qty", "actual_qty", "planned", "actual")


class VarianceRow(Row):
    causes = CauseRow(many=True)

    class Meta:
        model = VarianceEntry
        fields = ("id", "kind", "planned", "actual", "amount", "posted_at", "causes")


class JobCostShown(Body):
    """By element, company currency; `is_final` when it is closed."""

    is_final = serializers.BooleanField(source="job.is_final")
    planned = serializers.DictField(
        child=serializers.DecimalField(max_digits=20, decimal_places=4), source="job.planned"
    )
    live = serializers.DictField(child=serializers.DecimalField(max_digits=20, decimal_places=4), source="job.live")
    planned_total = serializers.DecimalField(max_digits=20, decimal_places=4, source="job.planned_total")
    live_total = serializers.DecimalField(max_digits=20, decimal_places=4, source="job.live_total")
    taken = serializers.DecimalField(max_digits=20, decimal_places=4, source="job.taken")
    wip = serializers.DecimalField(max_digits=20, decimal_places=4, source="job.wip")
    variances = VarianceRow(many=True)


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
    def unrelease(self, request: Request, pk: str) -> Response:
        """Take a release back while nothing was reported or issued."""
        return self._done(services.unrelease_work_order)

    @deed("erp.release_work_order", takes=ReworkBody)
    def rework(self, request: Request, pk: str) -> Response:
        """Add an operation that mends pieces which an operation reported as rework; it is planned like any other."""
        return self._done(services.add_rework_step)

    @deed("erp.issue_material", takes=IssueBody)
    def issue(self, request: Request, pk: str) -> Response:
        """Take material out of stock for the work order; more than planned needs a reason."""
        return self._done(services.issue_material)

    @deed("erp.issue_material", takes=GiveBackBody)
    def give_back(self, request: Request, pk: str) -> Response:
        """Give back to stock what was issued and not used."""
        return self._done(services.return_material)

    @part("erp.view_cost", gives=JobCostShown)
    def cost(self, request: Request, pk: str) -> Response:
        """Planned and real cost by element, and the variances of work at standard cost with their causes."""
        job = cost_now.job_cost(self.row_id())
        return self.shown(JobCostShown, {"job": job, "variances": cost_now.variances_of(job.work_order_id)})

    def _done(self, service: Any) -> Response:
        """One call about the row that the address names, at the version that the caller has read."""
        order_id = self.row_id()
        given = dict(self.taken())
        for name in ("material", "lot", "operation", "work_centre"):
            if name in given:
                row = given.pop(name)
                given[f"{name}_id"] = row and row.pk
        version = self.expected_version()
        service(work_order_id=order_id, now=timezone.now(), by=self.caller(), expected_version=version, **given)
        return self.answer(order_id)


VIEWSETS: list[tuple[str, Any]] = []  # sales, which stands above, registers them with deeds of its own
