"""Cost of orders over REST."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from erp.cost import services
from erp.cost.models import CostEstimate, Element, HourRate, OverheadRule, PieceRate
from masterdata.api.deeds import creates
from masterdata.api.rows import ReadableRows
from masterdata.api.serializers import Amount, Body, Day, Row, Visible
from masterdata.models import Company, LabourGrade, Machine, Material, Plant, WorkCentre


class EstimateRow(Row):
    """A version of what an order is expected to cost in the end, with its cause."""

    class Meta:
        model = CostEstimate
        fields = ("id", "version_no", *Element.values, "total", "cause", "made_at")


class OrderCostShown(Body):
    """An order's money in the company's currency. `incurred` is by element; `expected` is never less than incurred."""

    incurred = serializers.DictField(child=serializers.DecimalField(max_digits=20, decimal_places=4))
    incurred_total = serializers.DecimalField(max_digits=20, decimal_places=4)
    estimate = EstimateRow(allow_null=True)
    expected = serializers.DecimalField(max_digits=20, decimal_places=4)
    price = serializers.DecimalField(max_digits=20, decimal_places=4)
    revenue = serializers.DecimalField(max_digits=20, decimal_places=4)
    margin = serializers.DecimalField(max_digits=20, decimal_places=4)
    margin_percent = serializers.DecimalField(max_digits=9, decimal_places=2, allow_null=True)


class HourRateRow(Row):
    """What an hour costs, from a day until another."""

    class Meta:
        model = HourRate
        fields = ("id", "kind", "plant", "work_centre", "machine", "grade", "per_hour", "valid_from", "valid_until")


class HourRateBody(Body):
    """Of one work centre, one machine, or a grade in a plant."""

    kind = serializers.ChoiceField(choices=HourRate.Kind.choices)
    work_centre = Visible(queryset=WorkCentre.objects.all(), required=False, allow_null=True)
    machine = Visible(queryset=Machine.objects.all(), required=False, allow_null=True)
    grade = Visible(queryset=LabourGrade.objects.all(), required=False, allow_null=True)
    plant = Visible(queryset=Plant.objects.all(), required=False, allow_null=True)
    per_hour = Amount(min_value=0)
    valid_from = Day()


class OverheadRow(Row):
    """Per cent of labour, machine or material, or money per hour, from a day until another."""

    class Meta:
        model = OverheadRule
        fields = ("id", "company", "plant", "work_centre", "basis", "value", "valid_from", "valid_until")


class OverheadBody(Body):
    company = Visible(queryset=Company.objects.all())
    plant = Visible(queryset=Plant.objects.all(), required=False, allow_null=True)
    work_centre = Visible(queryset=WorkCentre.objects.all(), required=False, allow_null=True)
    basis = serializers.ChoiceField(choices=OverheadRule.Basis.choices)
    value = Amount(min_value=0)
    valid_from = Day()


class HourRates(ReadableRows):
    """What an hour costs. A new rate ends the one before; what was reported keeps its cost."""

    queryset = HourRate.objects.all()
    serializer_class = HourRateRow
    view_deed = "erp.view_cost"
    filterset_fields = ("kind", "plant", "work_centre", "machine", "grade")

    @creates("erp.set_rate", takes=HourRateBody, gives=HourRateRow)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Say what an hour costs from a day on."""
        return self.answer(services.set_hour_rate(**self.taken(HourRateBody)), status=201)


class Overheads(ReadableRows):
    """What comes on top. Of each basis the work centre's rule holds, else the plant's, else the company's."""

    queryset = OverheadRule.objects.all()
    serializer_class = OverheadRow
    view_deed = "erp.view_cost"
    filterset_fields = ("company", "plant", "work_centre", "basis")

    @creates("erp.set_rate", takes=OverheadBody, gives=OverheadRow)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Say what comes on top from a day on."""
        return self.answer(services.set_overhead(**self.taken(OverheadBody)), status=201)


class PieceRateRow(Row):
    """What a good piece pays, from a day until another."""

    class Meta:
        model = PieceRate
        fields = (
            "id", "plant", "work_centre", "material", "operation", "grade", "per_piece", "valid_from", "valid_until"
        )  # fmt: skip


class PieceRateBody(Body):
    """Without `material`, `operation` (its name) or `grade`: for any."""

    work_centre = Visible(queryset=WorkCentre.objects.all())
    material = Visible(queryset=Material.objects.all(), required=False, allow_null=True)
    operation = serializers.CharField(max_length=80, required=False, allow_blank=True)
    grade = Visible(queryset=LabourGrade.objects.all(), required=False, allow_null=True)
    per_piece = Amount(min_value=0)
    valid_from = Day()


class PieceRates(ReadableRows):
    """What a good piece pays those who work by the piece. The narrowest rate holds; a new one ends the one before."""

    queryset = PieceRate.objects.all()
    serializer_class = PieceRateRow
    view_deed = "erp.view_cost"
    filterset_fields = ("plant", "work_centre", "material", "operation", "grade")

    @creates("erp.set_rate", takes=PieceRateBody, gives=PieceRateRow)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Say what a good piece pays from a day on."""
        return self.answer(services.set_piece_rate(**self.taken(PieceRateBody)), status=201)


VIEWSETS: list[tuple[str, Any]] = [
    ("hour-rates", HourRates),
    ("overheads", Overheads),
    ("piece-rates", PieceRates),
]
