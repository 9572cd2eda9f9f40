"""Published plans and what stands in them."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import Deferrable, F, Func, Q
from django.utils import timezone

from aps.models.planning import PlanWish
from erp.models import WorkOrderOperation
from masterdata.models import FactRecord, Machine, Plant


class TsTzRange(Func):
    """tstzrange(start, end, '[)')."""

    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


class Plan(models.Model):
    """A published version of a plant's plan. Its operations are PlannedOperation rows; only changes are written."""

    class Origin(models.TextChoices):
        INSERT = "insert", "New work inserted"
        REPAIR = "repair", "Repaired by right-shift"
        SEARCH = "search", "Improved by search"
        RUSH = "rush", "Rush order taken"
        ORDER = "order", "Order scheduled"
        UNDO = "undo", "Order taken off"
        REBASE = "rebase", "Rebased on the shop's progress"
        SCENARIO = "scenario", "Scenario promoted"
        BOARD = "board", "Planner's changes"

    plant = models.ForeignKey(Plant, models.PROTECT, related_name="plans")
    number = models.PositiveIntegerField()
    origin = models.CharField(max_length=8, choices=Origin)
    is_final = models.BooleanField(default=True, help_text="False: right-shifted at once, a better one follows")
    covers_version = models.PositiveBigIntegerField(help_text="Wishes up to here are in it")
    reason = models.CharField(max_length=10, choices=PlanWish.Reason, default=PlanWish.Reason.PLANNER)
    cause = models.CharField(max_length=240, blank=True, help_text="The wishes that it answers, in plain words")
    cause_fact = models.ForeignKey(FactRecord, models.PROTECT, null=True, blank=True, related_name="+")
    published_at = models.DateTimeField(default=timezone.now)
    operations = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0, help_text="Operations whose place differs from the plan before")
    late_lines = models.PositiveIntegerField(default=0)
    lateness_min = models.PositiveBigIntegerField(default=0, help_text="Weighted minutes past due")
    setup_min = models.PositiveBigIntegerField(default=0)
    objective = models.BigIntegerField(default=0)

    class Meta:
        ordering = ["plant", "-number"]
        constraints = [models.UniqueConstraint(name="plan_number_unique", fields=["plant", "number"])]

    def __str__(self) -> str:
        return f"Plan {self.number}"


class PlannedOperation(models.Model):
    """Where and when an operation runs in the published plan. `plan_no` is the plan that last changed this row."""

    plant = models.ForeignKey(Plant, models.PROTECT, related_name="+")
    operation = models.OneToOneField(WorkOrderOperation, models.PROTECT, related_name="planned")
    machine = models.ForeignKey(Machine, models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    runs_at = models.DateTimeField(help_text="Setup is done, the work itself begins")
    ends_at = models.DateTimeField()
    setup_min = models.PositiveIntegerField(default=0, help_text="Working minutes of setup at its start")
    plan_no = models.PositiveIntegerField()

    class Meta:
        ordering = ["machine", "starts_at"]
        constraints = [
            models.CheckConstraint(
                name="planned_operation_takes_time",
                condition=Q(runs_at__gte=F("starts_at")) & Q(ends_at__gte=F("runs_at")),
            ),
            ExclusionConstraint(
                name="no_two_operations_at_once",
                expressions=[
                    ("machine", RangeOperators.EQUAL),
                    (TsTzRange("starts_at", "ends_at", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
                deferrable=Deferrable.DEFERRED,
            ),
        ]
        indexes = [models.Index(name="planned_by_plant", fields=["plant", "starts_at"])]

    def __str__(self) -> str:
        return f"{self.operation_id} on {self.machine_id}"
