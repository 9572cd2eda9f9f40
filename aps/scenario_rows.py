"""Scenarios as JSON: their rows, what their deeds take, what their questions answer."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from aps import selectors, services, supposed
from aps.models import (
    ChangeKind,
    Scenario,
    ScenarioChange,
    ScenarioFigures,
    ScenarioLine,
    ScenarioLoad,
    ScenarioOperation,
    ScenarioRun,
)
from aps.models.scenarios import WEIGHTS
from aps.selectors.scenarios import MOST_COMPARED
from masterdata.api.serializers import Amount, Body, Day, Moment, Row, Visible
from masterdata.models import Calendar, Machine, Material, Plant, WorkCentre


class ScenarioRow(Row):
    made_by = serializers.CharField(read_only=True, allow_null=True)
    ended_by = serializers.CharField(read_only=True, allow_null=True)

    class Meta:
        model = Scenario
        fields = (
            "id",
            "plant",
            "name",
            "notes",
            "state",
            "base_no",
            "base_version",
            "made_by",
            "made_at",
            "promoted_no",
            "ended_by",
            "ended_at",
            "version",
        )


class ChangeRow(Row):
    """One assumption; `sentence` says it in words, in the plant's time."""

    sentence = serializers.SerializerMethodField()

    class Meta:
        model = ScenarioChange
        fields = (
            "id",
            "scenario",
            "kind",
            "sentence",
            "machine",
            "work_centre",
            "calendar",
            "order_line",
            "material",
            "quantity",
            "speed_percent",
            "from_at",
            "until_at",
            "due_on",
            "weight",
            *WEIGHTS,
        )

    def get_sentence(self, change: ScenarioChange) -> str:
        """In words."""
        return supposed.sentence(change)


class SolveRow(Row):
    """A solve; points of the objective before and after are of one problem."""

    stop_requested_by = serializers.CharField(read_only=True, allow_null=True)

    class Meta:
        model = ScenarioRun
        fields = (
            "id",
            "scenario",
            "state",
            "budget_seconds",
            "base_no",
            "operations",
            "moves",
            "objective_before",
            "objective_after",
            "lower_bound",
            "minute_points",
            "curve",
            "asked_at",
            "started_at",
            "told_at",
            "ended_at",
            "stop_requested_at",
            "stop_requested_by",
            "note",
        )


class FiguresRow(Row):
    """Of the plan in force (`is_result` false) or of the scenario."""

    class Meta:
        model = ScenarioFigures
        fields = (
            "is_result",
            "lines",
            "late_lines",
            "lateness_min",
            "mean_late_min",
            "worst_late_min",
            "setup_min",
            "operations",
            "moved",
            "machine_changes",
            "ends_at",
        )


class LoadRow(Row):
    class Meta:
        model = ScenarioLoad
        fields = ("work_centre", "was_open_min", "was_busy_min", "open_min", "busy_min")


class LineRow(Row):
    class Meta:
        model = ScenarioLine
        fields = (
            "id",
            "scenario",
            "order_line",
            "change",
            "weight",
            "was_due_at",
            "due_at",
            "was_end_at",
            "end_at",
            "was_late_min",
            "late_min",
            "gained_min",
        )


class OperationRow(Row):
    class Meta:
        model = ScenarioOperation
        fields = (
            "id",
            "scenario",
            "operation",
            "change",
            "path",
            "sequence",
            "name",
            "machine",
            "copy",
            "starts_at",
            "runs_at",
            "ends_at",
            "setup_min",
            "was_machine",
            "was_starts_at",
            "moved_min",
        )


class ScenarioBody(Body):
    """`like`: a scenario of the plant whose changes it begins with."""

    plant = Visible(queryset=Plant.objects.all())
    name = serializers.CharField(max_length=80)
    notes = serializers.CharField(max_length=1000, required=False, allow_blank=True)
    like = Visible(queryset=Scenario.objects.all(), required=False)


class NamesBody(Body):
    name = serializers.CharField(max_length=80, required=False)
    notes = serializers.CharField(max_length=1000, required=False, allow_blank=True)


class WeightFields(Body):
    """What may count otherwise, each if it is given."""

    setup_hour_min = serializers.IntegerField(min_value=0, required=False)
    sooner_day_min = serializers.IntegerField(min_value=0, required=False)
    moved_min = serializers.IntegerField(min_value=0, required=False)
    machine_min = serializers.IntegerField(min_value=0, required=False)
    moved_after_min = serializers.IntegerField(min_value=0, required=False)
    stable_for_h = serializers.IntegerField(min_value=0, required=False)
    frozen_h = serializers.IntegerField(min_value=0, required=False)


class ChangeBody(WeightFields):
    """A kind, and what that kind asks for; docs/scenarios.md has the table."""

    kind = serializers.ChoiceField(choices=ChangeKind.choices)
    machine = Visible(queryset=Machine.objects.select_related("work_centre"), required=False)
    work_centre = Visible(queryset=WorkCentre.objects.all(), required=False)
    calendar = Visible(queryset=Calendar.objects.all(), required=False)
    order_line = Visible(queryset=selectors.order_lines(), required=False)
    material = Visible(queryset=Material.objects.all(), required=False)
    quantity = Amount(required=False)
    speed_percent = serializers.IntegerField(min_value=1, max_value=1000, required=False)
    from_at = Moment(required=False)
    until_at = Moment(required=False)
    due_on = Day(required=False)
    weight = serializers.IntegerField(min_value=1, max_value=100, required=False)


class RemoveBody(Body):
    change = serializers.IntegerField(min_value=1)


class SolveBody(Body):
    seconds = serializers.IntegerField(min_value=1, max_value=services.MOST_SECONDS)


class PromoteBody(Body):
    """`onto`: the plan in force, when it is another one than the scenario was solved on."""

    onto = serializers.IntegerField(min_value=0, required=False)


class CompareBody(Body):
    scenarios = serializers.ListField(
        child=serializers.IntegerField(min_value=1), min_length=1, max_length=MOST_COMPARED
    )


class ComparedRow(serializers.Serializer):
    """One scenario's figures."""

    scenario = serializers.IntegerField()
    name = serializers.CharField()
    base_no = serializers.IntegerField()
    figures = FiguresRow()


class ComparisonRow(serializers.Serializer):
    """Scenarios in the order asked for; `was` is the plan in force on which the newest of them was solved."""

    was = FiguresRow(allow_null=True)
    results = ComparedRow(many=True)


class ResultRow(serializers.Serializer):
    """What a scenario brings."""

    base_no = serializers.IntegerField()
    figures = serializers.SerializerMethodField()
    loads = serializers.SerializerMethodField()

    @extend_schema_field(FiguresRow(many=True))
    def get_figures(self, row: Scenario) -> Any:
        """Both sides, the plan in force first."""
        return FiguresRow(row.figures.order_by("is_result"), many=True, context=self.context).data

    @extend_schema_field(LoadRow(many=True))
    def get_loads(self, row: Scenario) -> Any:
        """Work centres within 14 days."""
        return LoadRow(row.loads.order_by("work_centre__code"), many=True, context=self.context).data


class PromotionRow(serializers.Serializer):
    """What promoting it now would do. `obstacle`: why it cannot be; `later`: order lines later than shown."""

    plan_no = serializers.IntegerField()
    is_newer = serializers.BooleanField()
    todo = serializers.ListField(child=serializers.CharField())
    deeds = serializers.ListField(child=serializers.CharField())
    differs = serializers.IntegerField()
    later = serializers.SerializerMethodField()
    difference = serializers.CharField()
    obstacle = serializers.SerializerMethodField()

    def get_later(self, check: services.Check) -> list[str]:
        """Their labels."""
        return [label for label, _ in check.later]

    def get_obstacle(self, check: services.Check) -> str:
        """In a sentence; empty when it can be promoted."""
        return check.obstacle.sentence if check.obstacle is not None else ""
