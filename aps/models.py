"""Planning state per plant, plans, planned operations, blocks, plan runs and kept offers."""

from __future__ import annotations

import uuid

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Deferrable, F, Func, Q
from django.utils import timezone

from erp.models import WorkOrderOperation
from masterdata.models import FactRecord, Machine, Material, Plant
from masterdata.models.fields import QuantityField

AT_MOST_A_WEEK = MaxValueValidator(7 * 24 * 60)


class TsTzRange(Func):
    """tstzrange(start, end, '[)')."""

    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


class PlantPlanning(models.Model):
    """One row a plant: what is wanted, what is planned, who holds the lease. Locked by whoever publishes.

    `wanted_version` rises with each event that wants a plan; a plan covers all wishes up to `planned_version`.
    `lease_token` rises with each taking of the lease: a publication with an older token is refused.
    """

    plant = models.OneToOneField(Plant, models.PROTECT, related_name="planning")
    wanted_version = models.PositiveBigIntegerField(default=0)
    planned_version = models.PositiveBigIntegerField(default=0)
    plan_no = models.PositiveIntegerField(default=0, help_text="Number of the published plan")
    lease_token = models.PositiveBigIntegerField(default=0)
    lease_holder = models.CharField(max_length=80, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    discards = models.PositiveSmallIntegerField(default=0, help_text="Solves in a row whose result was thrown away")
    woken_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveSmallIntegerField(default=0, help_text="Turns in a row that failed")
    retry_at = models.DateTimeField(
        null=True, blank=True, help_text="Not planned again before, unless newly wished for"
    )

    class Meta:
        ordering = ["plant"]
        constraints = [
            models.CheckConstraint(name="planned_within_wanted", condition=Q(planned_version__lte=F("wanted_version")))
        ]

    def __str__(self) -> str:
        return f"planning of {self.plant_id}"


class PlanWeights(models.Model):
    """What counts in a plant's plans, in minutes of delay of an order of weight 1. No row: the usual values."""

    plant = models.OneToOneField(Plant, models.PROTECT, related_name="+")
    setup_hour_min = models.PositiveIntegerField(default=6, validators=[AT_MOST_A_WEEK])
    sooner_day_min = models.PositiveIntegerField(default=14, validators=[AT_MOST_A_WEEK])
    moved_min = models.PositiveIntegerField(default=20, validators=[AT_MOST_A_WEEK])
    machine_min = models.PositiveIntegerField(default=20, validators=[AT_MOST_A_WEEK])
    moved_after_min = models.PositiveIntegerField(default=15, validators=[AT_MOST_A_WEEK])
    stable_for_h = models.PositiveIntegerField(default=24, validators=[MaxValueValidator(24 * 60)])
    frozen_h = models.PositiveIntegerField(default=0, validators=[MaxValueValidator(24 * 60)])
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["plant"]
        verbose_name_plural = "plan weights"

    def __str__(self) -> str:
        return f"weights of {self.plant_id}"


class PlanWish(models.Model):
    """Why a plan is wanted: one row per event, so that a slipped date can name its cause."""

    class Reason(models.TextChoices):
        ORDER = "order", "Order"
        RUSH = "rush", "Rush order"
        BREAKDOWN = "breakdown", "Machine down"
        MACHINE_UP = "machine_up", "Machine up"
        SCRAP = "scrap", "Pieces lost"
        MATERIAL = "material", "Material"
        PROGRESS = "progress", "Progress on the floor"
        PLANNER = "planner", "Planner"

    plant = models.ForeignKey(Plant, models.PROTECT, related_name="+")
    version = models.PositiveBigIntegerField()
    reason = models.CharField(max_length=10, choices=Reason)
    text = models.CharField(max_length=200)
    machine = models.ForeignKey(Machine, models.PROTECT, null=True, blank=True, related_name="+")
    fact = models.ForeignKey(FactRecord, models.PROTECT, null=True, blank=True, related_name="+")
    wished_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["plant", "version"]
        verbose_name_plural = "plan wishes"
        constraints = [
            models.UniqueConstraint(name="wish_version_unique", fields=["plant", "version"]),
            models.UniqueConstraint(
                name="one_wish_per_fact_and_plant", fields=["plant", "fact"], condition=Q(fact__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.text


class Plan(models.Model):
    """A published version of a plant's plan. Its operations are PlannedOperation rows; only changes are written."""

    class Origin(models.TextChoices):
        INSERT = "insert", "New work inserted"
        REPAIR = "repair", "Repaired by right-shift"
        SEARCH = "search", "Improved by search"
        RUSH = "rush", "Rush order taken"
        REBASE = "rebase", "Rebased on the shop's progress"

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


class ResourceBlock(models.Model):
    """A hole in a machine's calendar: it is down, or kept free. `source` makes a second one for a cause impossible."""

    machine = models.ForeignKey(Machine, models.PROTECT, related_name="blocks")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(help_text="Known or estimated end")
    is_estimate = models.BooleanField(default=True)
    cause = models.CharField(max_length=200)
    source = models.CharField(max_length=80, unique=True, help_text="downtime:17")
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["machine", "starts_at"]
        constraints = [
            models.CheckConstraint(name="block_ends_after_start", condition=Q(ends_at__gt=F("starts_at"))),
        ]

    def __str__(self) -> str:
        return f"{self.machine_id} {self.cause}"


class PlanRun(models.Model):
    """One turn of the planning worker: what it started from, what came out, how long it took."""

    class State(models.TextChoices):
        RUNNING = "running", "Running"
        PUBLISHED = "published", "Published"
        UNCHANGED = "unchanged", "Nothing better found"
        DISCARDED = "discarded", "Thrown away: the shop moved on"
        FAILED = "failed", "Failed"
        LOST = "lost", "Worker lost"

    plant = models.ForeignKey(Plant, models.PROTECT, related_name="+")
    state = models.CharField(max_length=9, choices=State, default=State.RUNNING)
    token = models.PositiveBigIntegerField()
    base_no = models.PositiveIntegerField()
    result_no = models.PositiveIntegerField(null=True, blank=True)
    wanted_version = models.PositiveBigIntegerField()
    operations = models.PositiveIntegerField(default=0)
    moves = models.PositiveBigIntegerField(default=0)
    objective_before = models.BigIntegerField(null=True, blank=True)
    objective_after = models.BigIntegerField(null=True, blank=True)
    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=240, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"Run {self.pk} of {self.plant_id}"


class KeptOffer(models.Model):
    """An offer kept for taking: where its operations would go and what it moves. Minutes live in ISO times as answered.

    `placements` is a list of [path, sequence, machine id, start, start of the run, end, setup_min]; `moved` of
    [operation id, machine id, start, start of the run, end, setup_min]. They are read back whole and never queried.
    """

    key = models.UUIDField(primary_key=True, default=uuid.uuid4)
    plant = models.ForeignKey(Plant, models.PROTECT, related_name="+")
    material = models.ForeignKey(Material, models.PROTECT, related_name="+")
    quantity = QuantityField()
    option = models.CharField(max_length=2)
    input_version = models.CharField(max_length=40)
    ends_at = models.DateTimeField()
    placements = models.JSONField()
    moved = models.JSONField()
    late_lines = models.PositiveIntegerField(default=0, help_text="Of the whole plan once the offer is taken")
    lateness_min = models.PositiveBigIntegerField(default=0, help_text="Weighted minutes past due of the whole plan")
    setup_min = models.PositiveBigIntegerField(default=0, help_text="Of the whole plan")
    objective = models.BigIntegerField(default=0)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-made_at"]

    def __str__(self) -> str:
        return f"{self.option} {self.ends_at}"
