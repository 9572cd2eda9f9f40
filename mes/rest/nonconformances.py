"""Non-conformances, holds and what poor quality costs, over REST; and the checks that are due at an operation."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from erp.models import ReceiptLine, ReturnReceipt, SalesOrderLine, WorkOrderOperation
from masterdata.access import scope_of
from masterdata.api.deeds import asks, creates, deed, part
from masterdata.api.rows import ReadableRows, RowDeeds
from masterdata.api.serializers import Amount, Body, Day, Moment, Row, Visible
from masterdata.models import Employee, Machine, ReasonCode, WorkCentre
from mes import selectors, services
from mes.models import Disposition, EventPhoto, NonConformance, QualityHold
from mes.rest.checks import key_of
from mes.selectors.poor_quality import GROUPS

SEE, RAISE, DECIDE, COST = (
    "mes.view_quality", "mes.raise_nonconformance", "mes.decide_nonconformance", "mes.view_quality_cost",
)  # fmt: skip


class DispositionRow(Row):
    class Meta:
        model = Disposition
        fields = (
            "id", "kind", "quantity", "value", "note", "event", "rework_step", "rework_order", "move",
            "supplier_return", "decided_at", "decided_by",
        )  # fmt: skip
        needs = {"value": COST}


class NonConformanceRow(Row):
    """`decided_qty` of `quantity` are disposed of."""

    decided_qty = Amount(read_only=True)
    dispositions = DispositionRow(many=True)

    class Meta:
        model = NonConformance
        fields = (
            "id", "number", "plant", "kind", "state", "severity", "place", "material", "lot", "quantity", "decided_qty",
            "defect", "text", "operation", "machine", "receipt_line", "return_receipt", "partner", "sales_order",
            "result", "raised_at", "raised_by", "employee", "cause", "corrective_action", "closed_at", "closed_by",
            "version", "dispositions",
        )  # fmt: skip


class FaultBody(Body):
    """What is wrong: a defect (a reason of scrap), a text, or both."""

    defect = Visible(queryset=ReasonCode.objects.filter(kind="scrap"), required=False, allow_null=True)
    severity = serializers.ChoiceField(NonConformance.Severity.choices, default=NonConformance.Severity.MAJOR)
    text = serializers.CharField(max_length=800, default="", allow_blank=True)
    photos = Visible(queryset=EventPhoto.objects.all(), many=True, default=list)


class ProcessFaultBody(FaultBody):
    """Pieces of an operation: not reported yet, or with `is_reported` reported as good, or with `is_scrapped` as scrap
    already. Without `is_reported` they count as reported when no so many are left to report."""

    operation = Visible(queryset=WorkOrderOperation.objects.all())
    quantity = Amount()
    is_reported = serializers.BooleanField(required=False, allow_null=True, default=None)
    is_scrapped = serializers.BooleanField(default=False)
    machine = Visible(queryset=Machine.objects.all(), required=False, allow_null=True)
    lot = serializers.CharField(max_length=50, default="", allow_blank=True)
    operator = Visible(queryset=Employee.objects.filter(is_active=True), required=False, allow_null=True)
    happened_at = Moment(required=False, allow_null=True)


class SupplierFaultBody(FaultBody):
    """Goods of a receipt: they are put apart, for `quarantine_reason` (else the first there is)."""

    receipt_line = Visible(queryset=ReceiptLine.objects.all())
    quantity = Amount()
    quarantine_reason = Visible(queryset=ReasonCode.objects.filter(kind="quarantine"), required=False, allow_null=True)


class ComplaintBody(FaultBody):
    """What came back (`return_receipt`, whole), or pieces of an order's line that are still with the customer."""

    return_receipt = Visible(queryset=ReturnReceipt.objects.all(), required=False, allow_null=True)
    order_line = Visible(queryset=SalesOrderLine.objects.all(), required=False, allow_null=True)
    quantity = Amount(required=False, allow_null=True)


class QualityReworkBody(Body):
    """What is done to each piece, where; minutes at 100 % speed."""

    name = serializers.CharField(max_length=80)
    work_centre = Visible(queryset=WorkCentre.objects.all())
    run_min_per_unit = Amount(min_value=0)
    setup_min = Amount(min_value=0, default=0)


class DispositionBody(Body):
    """Rework says what is done; scrap needs a defect when the non-conformance has none."""

    kind = serializers.ChoiceField(Disposition.Kind.choices)
    quantity = Amount()
    note = serializers.CharField(max_length=400, default="", allow_blank=True)
    defect = Visible(queryset=ReasonCode.objects.filter(kind="scrap"), required=False, allow_null=True)
    rework = QualityReworkBody(required=False, allow_null=True)
    is_replaced = serializers.BooleanField(default=True)


class CloseBody(Body):
    cause = serializers.CharField(max_length=800)
    corrective_action = serializers.CharField(max_length=800)


class WithdrawBody(Body):
    reason = serializers.CharField(max_length=400)


class FaultPhotoBody(Body):
    photo = Visible(queryset=EventPhoto.objects.all())


class PoorQualityRow(serializers.Serializer):
    """`returned` is what suppliers credit, so it is no part of the total."""

    scrap = Amount()
    rework = Amount()
    returned = Amount()
    total = Amount()


class ParetoBody(Body):
    by = serializers.ChoiceField(sorted(GROUPS))
    since = Day()
    until = Day()


class SpanBody(Body):
    since = Day()
    until = Day()


class BarRow(serializers.Serializer):
    key = serializers.CharField()
    words = serializers.CharField()
    number = serializers.IntegerField()
    reports = serializers.IntegerField()
    pieces = Amount()
    cost = PoorQualityRow()
    share = serializers.DecimalField(max_digits=9, decimal_places=4)
    so_far = serializers.DecimalField(max_digits=9, decimal_places=4)


class ParetoRow(serializers.Serializer):
    bars = BarRow(many=True)


class SupplierQualityRow(serializers.Serializer):
    supplier = serializers.IntegerField(source="supplier_id")
    code = serializers.CharField()
    name = serializers.CharField()
    received = Amount()
    refused = Amount()
    number = serializers.IntegerField()
    ppm = serializers.IntegerField()


class SuppliersRow(serializers.Serializer):
    suppliers = SupplierQualityRow(many=True)


class NonConformances(ReadableRows):
    """What is not as it should be, and what became of it."""

    queryset = selectors.nonconformances().prefetch_related("dispositions")
    serializer_class = NonConformanceRow
    view_deed = SEE
    filterset_fields: Any = (
        "plant", "kind", "state", "material", "defect", "severity", "partner", "sales_order", "operation", "machine",
    )  # fmt: skip

    @creates(RAISE, takes=ProcessFaultBody, gives=NonConformanceRow)
    def create(self, request: Request) -> Response:
        """Pieces of an operation."""
        given = self.taken(ProcessFaultBody)
        row = services.raise_nonconformance(
            operation_id=given["operation"].pk,
            quantity=given["quantity"],
            at=given.get("happened_at") or timezone.now(),
            is_reported=given["is_reported"],
            is_scrapped=given["is_scrapped"],
            machine_id=key_of(given.get("machine")),
            lot_number=given["lot"],
            by_id=self.caller().pk,
            employee_id=key_of(given.get("operator")),
            **_fault(given),
        )
        return self.answer(row, status=201)

    @deed(RAISE, takes=SupplierFaultBody, on_one=False, status=201)
    def raise_of_supplier(self, request: Request) -> Response:
        """Goods of a receipt."""
        given = self.taken()
        row = services.raise_supplier_nonconformance(
            receipt_line_id=given["receipt_line"].pk,
            quantity=given["quantity"],
            now=timezone.now(),
            quarantine_reason_id=key_of(given.get("quarantine_reason")),
            by=self.caller(),
            **_fault(given),
        )
        return self.answer(row, status=201)

    @deed(RAISE, takes=ComplaintBody, on_one=False, status=201)
    def raise_of_customer(self, request: Request) -> Response:
        """A complaint."""
        given = self.taken()
        row = services.raise_complaint(
            return_receipt_id=key_of(given.get("return_receipt")),
            order_line_id=key_of(given.get("order_line")),
            quantity=given.get("quantity"),
            now=timezone.now(),
            by=self.caller(),
            **_fault(given),
        )
        return self.answer(row, status=201)

    @deed(DECIDE, takes=DispositionBody)
    def dispose(self, request: Request, pk: str) -> Response:
        """Decide what becomes of pieces, and do it."""
        row, given = self.get_object(), self.taken()
        rework = given.get("rework")
        work = rework and services.Rework(
            name=rework["name"],
            work_centre_id=rework["work_centre"].pk,
            run_min_per_unit=rework["run_min_per_unit"],
            setup_min=rework["setup_min"],
        )
        decision = services.Decision(
            kind=given["kind"],
            quantity=given["quantity"],
            note=given["note"],
            defect_id=key_of(given.get("defect")),
            rework=work or None,
            is_replaced=given["is_replaced"],
        )
        services.dispose(
            nonconformance_id=row.pk,
            decision=decision,
            by=self.caller(),
            now=timezone.now(),
            expected_version=self.expected_version(),
        )
        return self.answer(row)

    @deed(DECIDE, takes=CloseBody)
    def close(self, request: Request, pk: str) -> Response:
        """With its cause and what was done against it."""
        row = self.get_object()
        services.close_nonconformance(
            nonconformance_id=row.pk,
            by=self.caller(),
            now=timezone.now(),
            expected_version=self.expected_version(),
            **self.taken(),
        )
        return self.answer(row)

    @deed(DECIDE, takes=WithdrawBody)
    def withdraw(self, request: Request, pk: str) -> Response:
        """It was none."""
        row = self.get_object()
        services.withdraw_nonconformance(
            nonconformance_id=row.pk,
            by=self.caller(),
            now=timezone.now(),
            expected_version=self.expected_version(),
            **self.taken(),
        )
        return self.answer(row)

    @deed(RAISE, takes=FaultPhotoBody)
    def add_photo(self, request: Request, pk: str) -> Response:
        """A photo that was uploaded."""
        row = self.get_object()
        services.add_photo(nonconformance_id=row.pk, photo_id=self.taken()["photo"].pk)
        return self.answer(row)

    @part(COST, gives=PoorQualityRow)
    def cost(self, request: Request, pk: str) -> Response:
        """What it has cost so far."""
        row = self.get_object()
        return self.shown(PoorQualityRow, selectors.costs_of([row.pk]).get(row.pk, selectors.PoorQuality()))

    @asks(COST, takes=ParetoBody, gives=ParetoRow, on_one=False)
    def pareto(self, request: Request) -> Response:
        """What poor quality costs, by defect, material, machine, month or order, dearest first."""
        given = self.taken()
        found = selectors.pareto(given["by"], **self._span(given, COST))
        return self.shown(ParetoRow, {"bars": found})

    @asks(SEE, takes=SpanBody, gives=SuppliersRow, on_one=False)
    def suppliers(self, request: Request) -> Response:
        """Parts per million of what suppliers delivered."""
        found = selectors.supplier_quality(**self._span(self.taken(), SEE))
        return self.shown(SuppliersRow, {"suppliers": found})

    def _span(self, given: dict[str, Any], permission: str) -> dict[str, Any]:
        def midnight(day: dt.date) -> dt.datetime:
            return timezone.make_aware(dt.datetime.combine(day, dt.time()))

        return {
            "plant_ids": sorted(scope_of(self.request.user, permission).plants),
            "since_at": midnight(given["since"]),
            "until_at": midnight(given["until"] + dt.timedelta(days=1)),
        }


def _fault(given: dict[str, Any]) -> dict[str, Any]:
    return {
        "defect_id": key_of(given.get("defect")),
        "severity": given["severity"],
        "text": given["text"],
        "photo_ids": [one.pk for one in given["photos"]],
    }


class HoldRow(Row):
    class Meta:
        model = QualityHold
        fields = (
            "id", "operation", "plant", "reason", "result", "nonconformance", "since_at", "made_by", "released_at",
            "released_by", "note",
        )  # fmt: skip


class HoldBody(Body):
    """What was done before work goes on."""

    note = serializers.CharField(max_length=400)


class QualityHolds(ReadableRows):
    """Operations that quality holds, or has held."""

    queryset = QualityHold.objects.all()
    serializer_class = HoldRow
    view_deed = SEE
    filterset_fields: Any = {
        "plant": ["exact"], "operation": ["exact"], "nonconformance": ["exact"], "released_at": ["isnull"],
    }  # fmt: skip

    @deed("mes.release_hold", takes=HoldBody)
    def release(self, request: Request, pk: str) -> Response:
        """Work may go on."""
        row = self.get_object()
        services.release_hold(hold_id=row.pk, note=self.taken()["note"], by=self.caller(), now=timezone.now())
        return self.answer(row)


class DueCheckRow(serializers.Serializer):
    """A check to be made now; `is_overdue` and `is_blocking` together stop reports."""

    plan = serializers.IntegerField(source="plan.pk")
    code = serializers.CharField(source="plan.code")
    name = serializers.CharField(source="plan.name")
    piece = serializers.IntegerField(source="piece_no")
    since_at = serializers.DateTimeField(allow_null=True)
    is_overdue = serializers.BooleanField()
    is_blocking = serializers.BooleanField()
    due = serializers.CharField()


class OperationChecks(RowDeeds):
    """Checks of an operation."""

    queryset = WorkOrderOperation.objects.all()
    view_deed = SEE

    @part(SEE, gives=DueCheckRow(many=True))
    def due(self, request: Request, pk: str) -> Response:
        """Those that are due now, the ones that stop reports first."""
        return self.shown(DueCheckRow, selectors.due_checks(self.get_object().pk, timezone.now()), many=True)


VIEWSETS: list[tuple[str, Any]] = [
    ("nonconformances", NonConformances),
    ("quality-holds", QualityHolds),
    ("operation-checks", OperationChecks),
]
