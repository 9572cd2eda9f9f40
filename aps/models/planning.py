"""What a plant wants of planning: its state, what counts, why a plan is wanted, and what blocks its machines."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from masterdata.models import FactRecord, Machine, Plant
from masterdata.models.fields import MoneyField

AT_MOST_A_WEEK = MaxValueValidator(7 * 24 * 60)


class PlantPlanning(models.Model):
    """One row a plant: what is wanted, what is planned, who holds the lease. Locked by whoever publishes.

    `wanted_version` rises with each event that wants a plan; a plan covers all wishes up to `planned_version`.
    `lease_token` rises with each taking of the lease: a publication with an older token is refused.
    """

    plant = models.OneToOneField(Plant, models.PROTECT, related_name="planning")
    wanted_version = models.PositiveBigIntegerField(default=0)
    planned_version = models.PositiveBigIntegerField(default=0)
    proposed_version = models.PositiveBigIntegerField(
        default=0, help_text="Wishes up to here are answered by a proposal that waits for the planner"
    )
    plan_no = models.PositiveIntegerField(default=0, help_text="Number of the published plan")
    lease_token = models.PositiveBigIntegerField(default=0)
    lease_holder = models.CharField(max_length=80, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    discards = models.PositiveSmallIntegerField(default=0, help_text="Solves in a row whose result was thrown away")
    woken_at = models.DateTimeField(null=True, blank=True)
    alarm_until = models.DateTimeField(
        null=True, blank=True, help_text="The warm worker shifts the plan after an alarm; planning waits until then"
    )
    failures = models.PositiveSmallIntegerField(default=0, help_text="Turns in a row that failed")
    retry_at = models.DateTimeField(
        null=True, blank=True, help_text="Not planned again before, unless newly wished for"
    )

    class Meta:
        ordering = ["plant"]
        constraints = [
            models.CheckConstraint(name="planned_within_wanted", condition=Q(planned_version__lte=F("wanted_version"))),
            models.CheckConstraint(
                name="proposed_within_wanted", condition=Q(proposed_version__lte=F("wanted_version"))
            ),
        ]

    def __str__(self) -> str:
        return f"planning of {self.plant_id}"

    @property
    def answered_version(self) -> int:
        """Wishes up to here need no planning worker: they are planned, or their proposal waits for the planner."""
        return max(self.planned_version, self.proposed_version)


class PlanWeights(models.Model):
    """What counts in a plant's plans, in minutes of delay of an order of weight 1. No row: the usual values.

    `late_hour_cost` moves no plan: it says what an hour of that delay costs the company, in its currency, so that
    changes by hand are told with it; 0 while nobody has said it.
    """

    plant = models.OneToOneField(Plant, models.PROTECT, related_name="+")
    setup_hour_min = models.PositiveIntegerField(default=6, validators=[AT_MOST_A_WEEK])
    sooner_day_min = models.PositiveIntegerField(default=14, validators=[AT_MOST_A_WEEK])
    moved_min = models.PositiveIntegerField(default=20, validators=[AT_MOST_A_WEEK])
    machine_min = models.PositiveIntegerField(default=20, validators=[AT_MOST_A_WEEK])
    moved_after_min = models.PositiveIntegerField(default=15, validators=[AT_MOST_A_WEEK])
    stable_for_h = models.PositiveIntegerField(default=24, validators=[MaxValueValidator(24 * 60)])
    frozen_h = models.PositiveIntegerField(default=0, validators=[MaxValueValidator(24 * 60)])
    overtime_day_min = models.PositiveIntegerField(default=120, validators=[MaxValueValidator(12 * 60)])
    overtime_premium_percent = models.PositiveIntegerField(default=25, validators=[MaxValueValidator(300)])
    late_hour_cost = MoneyField(default=0, validators=[MinValueValidator(0)])
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
    seconds = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="How long a planner wants it searched; empty: as long as usual"
    )

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
