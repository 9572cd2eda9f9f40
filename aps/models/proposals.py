"""Plans that wait for a planner: who decides when a promise slips, what is proposed, and what each option does."""

from __future__ import annotations

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from aps.models.planning import PlanWish
from aps.models.plans import Plan
from erp.models import SalesOrderLine
from masterdata.models import FactRecord, Plant, User

A_WEEK_MIN = 7 * 24 * 60


class RepairPolicy(models.Model):
    """How long a plan in which a promise slips waits for a planner. No row: it does not wait."""

    plant = models.OneToOneField(Plant, models.PROTECT, related_name="+")
    wait_min = models.PositiveIntegerField(
        null=True,
        blank=True,
        default=0,
        validators=[MaxValueValidator(A_WEEK_MIN)],
        help_text="Minutes until it is published by itself; 0: at once; empty: until a planner decides",
    )
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["plant"]
        verbose_name_plural = "repair policies"

    def __str__(self) -> str:
        return f"repair policy of {self.plant_id}"


class RepairProposal(models.Model):
    """What planning would publish on top of plan `base_no`, if a planner agrees; at most one is open in a plant."""

    class State(models.TextChoices):
        OPEN = "open", "Waits for the planner"
        TAKEN = "taken", "Taken"
        LEFT = "left", "Left as it was"
        STALE = "stale", "Overtaken, computed again"

    plant = models.ForeignKey(Plant, models.PROTECT, related_name="+")
    state = models.CharField(max_length=5, choices=State, default=State.OPEN)
    base_no = models.PositiveIntegerField()
    covers_version = models.PositiveBigIntegerField(help_text="Wishes up to here are in it")
    reason = models.CharField(max_length=10, choices=PlanWish.Reason, default=PlanWish.Reason.PLANNER)
    cause = models.CharField(max_length=240, blank=True)
    cause_fact = models.ForeignKey(FactRecord, models.PROTECT, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    publishes_at = models.DateTimeField(null=True, blank=True, help_text="Taken by itself then; empty: never")
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    result_no = models.PositiveIntegerField(null=True, blank=True)
    note = models.CharField(max_length=240, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(name="one_open_proposal_a_plant", fields=["plant"], condition=Q(state="open")),
            models.CheckConstraint(
                name="proposal_over_says_when",
                condition=Q(state="open", answered_at__isnull=True) | (~Q(state="open") & Q(answered_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"Proposal {self.pk}"

    @property
    def is_open(self) -> bool:
        """Whether it can still be taken."""
        return self.state == self.State.OPEN


class RepairOption(models.Model):
    """One way between calm and quality. `moved` is a list of rows as in KeptOffer, read back whole, never queried."""

    class Key(models.TextChoices):
        CALM = "calm", "As the floor has it now"
        USUAL = "usual", "Balanced between on time and calm"
        FREE = "free", "On time first, whatever moves"

    proposal = models.ForeignKey(RepairProposal, models.CASCADE, related_name="options")
    key = models.CharField(max_length=5, choices=Key)
    origin = models.CharField(max_length=8, choices=Plan.Origin)
    moved = models.JSONField(default=list, blank=True)
    moved_count = models.PositiveIntegerField(default=0, help_text="Operations that start elsewhere or elsewhen")
    machine_count = models.PositiveIntegerField(default=0, help_text="Operations that change their machine")
    slips = models.PositiveIntegerField(default=0, help_text="Lines that come after their promise")
    late_lines = models.PositiveIntegerField(default=0)
    lateness_min = models.PositiveBigIntegerField(default=0, help_text="Weighted minutes past due")
    setup_min = models.PositiveBigIntegerField(default=0)
    objective = models.BigIntegerField(default=0)

    class Meta:
        ordering = ["proposal", "id"]
        constraints = [models.UniqueConstraint(name="option_once_a_proposal", fields=["proposal", "key"])]

    def __str__(self) -> str:
        return f"{self.get_key_display()} of {self.proposal_id}"


class RepairEffect(models.Model):
    """An order line that an option brings to the customer at another time than the plan in force."""

    option = models.ForeignKey(RepairOption, models.CASCADE, related_name="effects")
    line = models.ForeignKey(SalesOrderLine, models.PROTECT, related_name="+")
    promised_at = models.DateTimeField(null=True, blank=True)
    before_at = models.DateTimeField()
    after_at = models.DateTimeField()

    class Meta:
        ordering = ["option", "id"]
        constraints = [models.UniqueConstraint(name="line_once_an_option", fields=["option", "line"])]

    def __str__(self) -> str:
        return f"{self.line_id} {self.after_at}"
