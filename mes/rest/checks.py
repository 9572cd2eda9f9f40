"""Check plans, gauges and checks over REST."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from erp.models import WorkOrderOperation
from masterdata.api.deeds import creates, deed, part
from masterdata.api.rows import ReadableRows
from masterdata.api.serializers import Body, Day, Moment, Row, Visible
from masterdata.models import Employee, Machine, Material, Plant, WorkCentre
from mes import selectors, services, spc
from mes.models import Characteristic, CheckPlan, CheckResult, CheckValue, EventPhoto, Gauge

SEE, EDIT = "mes.view_quality", "mes.edit_check_plan"


class Figure(serializers.DecimalField):
    """A measured value or a limit: up to six decimals, also below zero."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=18, decimal_places=6, **kwargs)


class CharacteristicRow(Row):
    class Meta:
        model = Characteristic
        fields = (
            "id", "plan", "line_no", "name", "kind", "unit", "nominal", "lower", "upper", "decimals", "subgroup",
            "needs_gauge", "needs_photo", "mark",
        )  # fmt: skip


class CheckPlanRow(Row):
    characteristics = CharacteristicRow(many=True)

    class Meta:
        model = CheckPlan
        fields = (
            "id", "plant", "code", "version_no", "name", "state", "material", "sequence", "work_centre", "trigger",
            "first_piece", "every_n", "every_min", "is_blocking", "on_fault", "rules", "instruction", "active_since_at",
            "version", "characteristics",
        )  # fmt: skip


class CharacteristicBody(Body):
    """Measured: `lower`, `upper` or both; good or bad: neither. `subgroup` values are taken at each check."""

    name = serializers.CharField(max_length=80)
    kind = serializers.ChoiceField(Characteristic.Kind.choices, default=Characteristic.Kind.MEASURED)
    unit = serializers.CharField(max_length=10, default="", allow_blank=True)
    nominal = Figure(required=False, allow_null=True)
    lower = Figure(required=False, allow_null=True)
    upper = Figure(required=False, allow_null=True)
    decimals = serializers.IntegerField(min_value=0, max_value=6, default=2)
    subgroup = serializers.IntegerField(min_value=1, max_value=spc.LARGEST, default=1)
    needs_gauge = serializers.BooleanField(default=False)
    needs_photo = serializers.BooleanField(default=False)
    mark = serializers.IntegerField(min_value=1, max_value=99, required=False, allow_null=True)


class CheckPlanContentBody(Body):
    """What a draft says; `rules` are numbers of Nelson's run rules that count as a fault."""

    name = serializers.CharField(max_length=80)
    material = Visible(queryset=Material.objects.all(), required=False, allow_null=True)
    sequence = serializers.IntegerField(min_value=1, required=False, allow_null=True)
    work_centre = Visible(queryset=WorkCentre.objects.all(), required=False, allow_null=True)
    trigger = serializers.ChoiceField(CheckPlan.Trigger.choices, default=CheckPlan.Trigger.COUNT)
    first_piece = serializers.BooleanField(default=True)
    every_n = serializers.IntegerField(min_value=1, required=False, allow_null=True)
    every_min = serializers.IntegerField(min_value=1, required=False, allow_null=True)
    is_blocking = serializers.BooleanField(default=False)
    on_fault = serializers.ChoiceField(CheckPlan.OnFault.choices, default=CheckPlan.OnFault.HOLD)
    rules = serializers.ListField(child=serializers.IntegerField(min_value=1, max_value=8), default=list)
    instruction = serializers.CharField(max_length=400, default="", allow_blank=True)


class CheckPlanBody(CheckPlanContentBody):
    """A draft of a new plan."""

    plant = Visible(queryset=Plant.objects.all())
    code = serializers.CharField(max_length=40)
    characteristics = CharacteristicBody(many=True, default=list)


class CheckPlans(ReadableRows):
    """Check plans in versions: written as drafts, activated, renewed."""

    queryset = CheckPlan.objects.prefetch_related("characteristics")
    serializer_class = CheckPlanRow
    view_deed = SEE
    filterset_fields: Any = ("plant", "code", "state", "material", "work_centre")

    @creates(EDIT, takes=CheckPlanBody, gives=CheckPlanRow)
    def create(self, request: Request) -> Response:
        """A draft of version 1."""
        given = self.taken(CheckPlanBody)
        plant, code, characteristics = given.pop("plant"), given.pop("code"), given.pop("characteristics")
        row = services.create_check_plan(
            plant=plant,
            code=code,
            plan=services.PlanInput(**given),
            characteristics=[services.CharacteristicInput(**one) for one in characteristics],
            now=timezone.now(),
            by=self.caller(),
        )
        return self.answer(row, status=201)

    @deed(EDIT, takes=CheckPlanContentBody)
    def rewrite(self, request: Request, pk: str) -> Response:
        """What a draft says; its characteristics stay."""
        row = self.get_object()
        given = services.PlanInput(**self.taken())
        services.change_check_plan(plan_id=row.pk, plan=given, expected_version=self.expected_version())
        return self.answer(row)

    @deed(EDIT, takes=CharacteristicBody)
    def add_characteristic(self, request: Request, pk: str) -> Response:
        """One more of a draft."""
        row = self.get_object()
        services.add_characteristic(plan_id=row.pk, characteristic=services.CharacteristicInput(**self.taken()))
        return self.answer(row)

    @deed(EDIT)
    def activate(self, request: Request, pk: str) -> Response:
        """From now on it is checked by this version."""
        row = self.get_object()
        services.activate_check_plan(plan_id=row.pk, now=timezone.now(), expected_version=self.expected_version())
        return self.answer(row)

    @deed(EDIT)
    def retire(self, request: Request, pk: str) -> Response:
        """Nothing is checked by it any more."""
        row = self.get_object()
        services.retire_check_plan(plan_id=row.pk, expected_version=self.expected_version())
        return self.answer(row)

    @deed(EDIT, status=201)
    def renew(self, request: Request, pk: str) -> Response:
        """A draft of the next version, like this one."""
        row = services.renew_check_plan(plan_id=self.get_object().pk, now=timezone.now(), by=self.caller())
        return self.answer(row, status=201)


class LimitsRow(serializers.Serializer):
    centre = serializers.FloatField()
    lower = serializers.FloatField()
    upper = serializers.FloatField()


class SubgroupRow(serializers.Serializer):
    """The values of one check; `rules` are the run rules that its point completes."""

    result = serializers.IntegerField()
    checked_at = serializers.DateTimeField()
    piece_no = serializers.IntegerField()
    machine = serializers.CharField()
    values = serializers.ListField(child=serializers.FloatField())
    is_within = serializers.BooleanField()
    rules = serializers.ListField(child=serializers.IntegerField())


class ControlChartRow(serializers.Serializer):
    """X-bar and R (single values and moving ranges for subgroups of one) of the newest hundred checks."""

    subgroups = SubgroupRow(many=True)
    of_points = LimitsRow(allow_null=True)
    of_ranges = LimitsRow(allow_null=True)
    mean = serializers.FloatField(allow_null=True)
    cp = serializers.FloatField(allow_null=True)
    cpk = serializers.FloatField(allow_null=True)
    pp = serializers.FloatField(allow_null=True)
    ppk = serializers.FloatField(allow_null=True)


class Characteristics(ReadableRows):
    """What is checked by plans, with its control chart."""

    queryset = Characteristic.objects.select_related("plan")
    serializer_class = CharacteristicRow
    view_deed = SEE
    filterset_fields: Any = ("plan", "plan__code", "plan__state", "kind")

    @deed(EDIT, takes=CharacteristicBody)
    def rewrite(self, request: Request, pk: str) -> Response:
        """One of a draft."""
        row = self.get_object()
        given = services.CharacteristicInput(**self.taken())
        services.change_characteristic(characteristic_id=row.pk, characteristic=given)
        return self.answer(row)

    @deed(EDIT, status=204)
    def take_out(self, request: Request, pk: str) -> Response:
        """One of a draft."""
        services.remove_characteristic(characteristic_id=self.get_object().pk)
        return Response(status=204)

    @part(SEE, gives=ControlChartRow)
    def control_chart(self, request: Request, pk: str) -> Response:
        """Points, limits, broken rules and capability, of all machines."""
        chart = selectors.control_chart(self.get_object())
        control, fits = chart.control, chart.capability
        groups = [
            {
                "result": group.result_id,
                "checked_at": group.checked_at,
                "piece_no": group.piece_no,
                "machine": group.machine,
                "values": group.values,
                "is_within": group.is_within,
                "rules": chart.broken.get(index, []),
            }
            for index, group in enumerate(chart.subgroups)
        ]
        found: dict[str, Any] = {
            "subgroups": groups,
            "of_points": control.of_points if control else None,
            "of_ranges": control.of_ranges if control else None,
        }
        found |= {name: getattr(fits, name, None) for name in ("mean", "cp", "cpk", "pp", "ppk")}
        return self.shown(ControlChartRow, found)


class GaugeRow(Row):
    class Meta:
        model = Gauge
        fields = (
            "id", "plant", "code", "name", "resolution", "interval_days", "calibrated_on", "valid_until", "is_active",
        )  # fmt: skip


class GaugeBody(Body):
    plant = Visible(queryset=Plant.objects.all())
    code = serializers.CharField(max_length=40)
    name = serializers.CharField(max_length=80)
    resolution = serializers.CharField(max_length=20, default="", allow_blank=True)
    interval_days = serializers.IntegerField(min_value=1, max_value=9999, default=365)


class CalibrationBody(Body):
    """Without `valid_until` it may be used as long as its interval."""

    done_on = Day()
    valid_until = Day(required=False, allow_null=True)
    certificate = serializers.CharField(max_length=80, default="", allow_blank=True)


class Gauges(ReadableRows):
    """Measuring devices; past `valid_until` what they measure is refused."""

    queryset = Gauge.objects.all()
    serializer_class = GaugeRow
    view_deed = SEE
    filterset_fields: Any = ("plant", "code", "is_active")

    @creates("mes.edit_gauge", takes=GaugeBody, gives=GaugeRow)
    def create(self, request: Request) -> Response:
        """A gauge; it may be used from its first calibration on."""
        return self.answer(services.create_gauge(**self.taken(GaugeBody)), status=201)

    @deed("mes.edit_gauge", takes=CalibrationBody)
    def calibrate(self, request: Request, pk: str) -> Response:
        """It was calibrated."""
        row = self.get_object()
        services.calibrate_gauge(gauge_id=row.pk, by=self.caller(), now=timezone.now(), **self.taken())
        return self.answer(row)


class CheckValueRow(Row):
    class Meta:
        model = CheckValue
        fields = ("characteristic", "sample_no", "value", "is_good")


class CheckResultRow(Row):
    values = CheckValueRow(many=True)

    class Meta:
        model = CheckResult
        fields = (
            "id", "plan", "plant", "operation", "machine", "operator", "by", "gauge", "photo", "piece_no", "verdict",
            "said", "note", "checked_at", "recorded_at", "is_void", "values",
        )  # fmt: skip


class CheckValueBody(Body):
    """`value` of what is measured, `is_good` of what is looked at; one for each value that the plan asks for."""

    characteristic = serializers.IntegerField(min_value=1)
    value = Figure(required=False, allow_null=True)
    is_good = serializers.BooleanField(required=False, allow_null=True, default=None)


class CheckBody(Body):
    """Without a piece: the one that was due; without a time: now."""

    plan = Visible(queryset=CheckPlan.objects.all())
    operation = Visible(queryset=WorkOrderOperation.objects.all())
    values = CheckValueBody(many=True, allow_empty=False)
    piece = serializers.IntegerField(min_value=1, required=False, allow_null=True)
    checked_at = Moment(required=False, allow_null=True)
    machine = Visible(queryset=Machine.objects.all(), required=False, allow_null=True)
    operator = Visible(queryset=Employee.objects.filter(is_active=True), required=False, allow_null=True)
    gauge = Visible(queryset=Gauge.objects.all(), required=False, allow_null=True)
    photo = Visible(queryset=EventPhoto.objects.all(), required=False, allow_null=True)
    note = serializers.CharField(max_length=400, default="", allow_blank=True)


def key_of(row: Any) -> Any:
    return row.pk if row is not None else None


class CheckResults(ReadableRows):
    """Checks that were made."""

    queryset = CheckResult.objects.prefetch_related("values")
    serializer_class = CheckResultRow
    view_deed = SEE
    filterset_fields: Any = ("plant", "plan", "plan__code", "operation", "operation__work_order", "machine", "verdict")

    @creates("mes.record_check", takes=CheckBody, gives=CheckResultRow)
    def create(self, request: Request) -> Response:
        """Record a check; a fault holds the operation when the plan says so."""
        given = self.taken(CheckBody)
        source = services.Source(
            by_id=self.caller().pk, operator_id=key_of(given.get("operator")), machine_id=key_of(given.get("machine"))
        )
        result = services.record_check(
            plan_id=given["plan"].pk,
            operation_id=given["operation"].pk,
            values=[
                services.ValueInput(
                    characteristic_id=one["characteristic"],
                    value=Decimal(one["value"]) if one.get("value") is not None else None,
                    is_good=one.get("is_good"),
                )
                for one in given["values"]
            ],
            now=timezone.now(),
            source=source,
            checked_at=given.get("checked_at"),
            piece_no=given.get("piece"),
            gauge_id=key_of(given.get("gauge")),
            photo_id=key_of(given.get("photo")),
            note=given["note"],
        )
        return self.answer(result, status=201)


VIEWSETS: list[tuple[str, Any]] = [
    ("check-plans", CheckPlans),
    ("characteristics", Characteristics),
    ("gauges", Gauges),
    ("check-results", CheckResults),
]
