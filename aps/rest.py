"""Plans, planned operations, runs of the planner and the board over REST."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from aps import draft_api, scenario_api, selectors, services, why_api
from aps.models import (
    Plan,
    PlannedOperation,
    PlanRun,
    PlanWeights,
    PlanWish,
    RepairEffect,
    RepairOption,
    RepairPolicy,
    RepairProposal,
    ResourceBlock,
)
from aps.scenario_rows import WeightFields
from masterdata.api.deeds import deed, part
from masterdata.api.rows import ReadableRows
from masterdata.api.serializers import Amount, Body, Row
from masterdata.models import Plant


class PlanRow(Row):
    class Meta:
        model = Plan
        fields = (
            "id",
            "plant",
            "number",
            "origin",
            "is_final",
            "reason",
            "cause",
            "published_at",
            "operations",
            "changed",
            "late_lines",
            "lateness_min",
            "setup_min",
        )


class PlannedRow(Row):
    class Meta:
        model = PlannedOperation
        fields = ("id", "plant", "operation", "machine", "starts_at", "ends_at", "setup_min", "plan_no")


class RunRow(Row):
    """`seconds` is how long it took or has taken; points of the objective before and after are of one problem."""

    seconds = serializers.FloatField(read_only=True)
    saved_percent = serializers.FloatField(read_only=True, allow_null=True)
    stop_requested_by = serializers.CharField(read_only=True, allow_null=True)

    class Meta:
        model = PlanRun
        fields = (
            "id",
            "plant",
            "state",
            "reason",
            "cause",
            "base_no",
            "result_no",
            "wanted_version",
            "operations",
            "moves",
            "seconds",
            "budget_seconds",
            "objective_before",
            "objective_after",
            "saved_percent",
            "lower_bound",
            "minute_points",
            "curve",
            "started_at",
            "told_at",
            "ended_at",
            "stop_requested_at",
            "stop_requested_by",
            "note",
        )


class BlockRow(Row):
    class Meta:
        model = ResourceBlock
        fields = ("id", "machine", "starts_at", "ends_at", "is_estimate", "cause", "source", "lifted_at")


class PlantRow(Row):
    """A plant with what is wanted and what is planned of it."""

    plan_no = serializers.IntegerField(source="planning.plan_no", default=0)
    wanted_version = serializers.IntegerField(source="planning.wanted_version", default=0)
    planned_version = serializers.IntegerField(source="planning.planned_version", default=0)

    class Meta:
        model = Plant
        fields = ("id", "code", "name", "plan_no", "wanted_version", "planned_version")


class WeightsRow(Row):
    """What counts in a plant's plans, in minutes of delay of an ordinary order."""

    class Meta:
        model = PlanWeights
        fields = (
            "plant",
            "setup_hour_min",
            "sooner_day_min",
            "moved_min",
            "machine_min",
            "moved_after_min",
            "stable_for_h",
            "frozen_h",
            "overtime_day_min",
            "overtime_premium_percent",
            "late_hour_cost",
            "version",
        )


class WeightsBody(WeightFields):
    overtime_day_min = serializers.IntegerField(min_value=0, required=False)
    overtime_premium_percent = serializers.IntegerField(min_value=0, required=False)
    late_hour_cost = Amount(min_value=0, required=False)


class PolicyRow(Row):
    """How long a plan in which a promise slips waits for a planner; `wait_min` null: until he decides."""

    class Meta:
        model = RepairPolicy
        fields = ("plant", "wait_min", "version")


class PolicyBody(Body):
    wait_min = serializers.IntegerField(min_value=0, allow_null=True)


class EffectRow(Row):
    class Meta:
        model = RepairEffect
        fields = ("line", "promised_at", "before_at", "after_at")


class OptionRow(Row):
    """One way between calm and quality; `effects` are the lines that reach the customer at another time."""

    effects = EffectRow(many=True, read_only=True)

    class Meta:
        model = RepairOption
        fields = (
            "key",
            "moved_count",
            "machine_count",
            "slips",
            "late_lines",
            "lateness_min",
            "setup_min",
            "objective",
            "effects",
        )


class ProposalRow(Row):
    """`publishes_at`: taken by itself then; null: it waits for a planner."""

    options = OptionRow(many=True, read_only=True)

    class Meta:
        model = RepairProposal
        fields = (
            "id",
            "plant",
            "state",
            "base_no",
            "reason",
            "cause",
            "made_at",
            "publishes_at",
            "answered_at",
            "result_no",
            "note",
            "options",
        )


class TakeBody(Body):
    option = serializers.ChoiceField(RepairOption.Key.choices, default=RepairOption.Key.USUAL)


class WishBody(Body):
    """`seconds`: how long the plan is to be searched; without it as long as usual."""

    text = serializers.CharField(max_length=200)
    seconds = serializers.IntegerField(min_value=1, max_value=services.MOST_SECONDS, required=False)


class Plans(ReadableRows):
    """Published plans: why, and what they changed."""

    queryset = Plan.objects.all()
    serializer_class = PlanRow
    view_deed = "aps.view_plan"
    filterset_fields = ("plant", "number", "origin", "is_final", "reason")


class PlannedOperations(ReadableRows):
    """Where and when each operation runs in the plan in force."""

    queryset = PlannedOperation.objects.order_by("machine", "starts_at")
    serializer_class = PlannedRow
    view_deed = "aps.view_plan"
    filterset_fields: Any = (
        "plant",
        "machine",
        "operation",
        "operation__work_order",
        "operation__work_order__sales_order_line__order",
    )


class PlanRuns(ReadableRows):
    """Turns of the planning workers: how far they are, and what came of them."""

    queryset = PlanRun.objects.select_related("stop_requested_by")
    serializer_class = RunRow
    view_deed = "aps.view_plan"
    filterset_fields = ("plant", "state", "reason")

    @deed("aps.stop_run")
    def stop(self, request: Request, pk: str) -> Response:
        """End the search; the best plan that it has is published."""
        return self.answer(services.stop_run(run_id=self.get_object().pk, by=self.caller(), now=timezone.now()))


class Proposals(ReadableRows):
    """Plans in which a promise slips, as they wait for a planner or have been decided."""

    queryset = RepairProposal.objects.prefetch_related("options__effects")
    serializer_class = ProposalRow
    view_deed = "aps.view_plan"
    filterset_fields = ("plant", "state", "reason")

    @deed("aps.publish_plan", takes=TakeBody)
    def take(self, request: Request, pk: str) -> Response:
        """Publish an option as it was shown."""
        proposal, key = self.get_object(), self.taken()["option"]
        services.take_proposal(proposal_id=proposal.pk, key=key, by=self.caller(), now=timezone.now())
        return self.answer(self.get_object())

    @deed("aps.publish_plan")
    def leave(self, request: Request, pk: str) -> Response:
        """Let the plan that the floor was told stand."""
        services.leave_proposal(proposal_id=self.get_object().pk, by=self.caller(), now=timezone.now())
        return self.answer(self.get_object())


class Blocks(ReadableRows):
    """Holes in machines' calendars: down, or kept free."""

    queryset = ResourceBlock.objects.all()
    serializer_class = BlockRow
    view_deed = "aps.view_plan"
    filterset_fields = ("machine", "source")


class PlannedPlants(ReadableRows):
    """Planning per plant."""

    queryset = Plant.objects.select_related("planning")
    serializer_class = PlantRow
    view_deed = "aps.view_plan"
    filterset_fields = ("code",)

    @part("aps.view_plan", gives=OpenApiTypes.OBJECT)
    def board(self, request: Request, pk: str) -> Response:
        """The published plan as the board draws it, in columns; with `?since=` its `version`: what changed since."""
        since = request.query_params.get("since")
        return Response(selectors.board(self.get_object().pk, self.caller(), now=timezone.now(), since=since))

    @part("aps.view_plan", gives=WeightsRow)
    def weights(self, request: Request, pk: str) -> Response:
        """What counts in the plant's plans."""
        return self.shown(WeightsRow, selectors.plan_weights(self.get_object().pk))

    @deed("aps.set_weights", takes=WeightsBody, gives=WeightsRow)
    def set_weights(self, request: Request, pk: str) -> Response:
        """Change what counts; a plan by it is wanted at once. What is not sent stays."""
        plant = self.get_object()
        return self.shown(WeightsRow, services.set_weights(plant_id=plant.pk, values=self.taken()))

    @part("aps.view_plan", gives=PolicyRow)
    def repair_policy(self, request: Request, pk: str) -> Response:
        """How long a plan in which a promise slips waits for a planner."""
        return self.shown(PolicyRow, selectors.repair_policy(self.get_object().pk))

    @deed("aps.set_weights", takes=PolicyBody, gives=PolicyRow)
    def set_repair_policy(self, request: Request, pk: str) -> Response:
        """Change it; it holds from the next plan on."""
        plant = self.get_object()
        return self.shown(PolicyRow, services.set_policy(plant_id=plant.pk, **self.taken()))

    @deed("aps.want_plan", takes=WishBody)
    def want_plan(self, request: Request, pk: str) -> Response:
        """Ask for a new plan, and say why and for how long it is to be searched."""
        plant, wish = self.get_object(), self.taken()
        if "seconds" in wish:
            services.optimise_plant(plant_id=plant.pk, by=self.caller(), **wish)
        else:
            services.want_plan(plant_id=plant.pk, reason=PlanWish.Reason.PLANNER, text=wish["text"])
        return self.answer(plant)


router = SimpleRouter()
for prefix, viewset in (
    ("plans", Plans),
    ("planned-operations", PlannedOperations),
    ("plan-runs", PlanRuns),
    ("repair-proposals", Proposals),
    ("resource-blocks", Blocks),
    ("plants", PlannedPlants),
    ("operation-pins", draft_api.Pins),
    ("order-lines", why_api.OrderLines),
    *scenario_api.VIEWSETS,
):
    router.register(prefix, viewset, basename=prefix)

router.register("plants", draft_api.PlantDrafts, basename="plant-drafts")

urlpatterns = router.urls
