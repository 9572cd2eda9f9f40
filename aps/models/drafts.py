"""What planners change by hand: drafts that are not published yet, and pins that later plans keep to."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from erp.models import WorkOrderOperation
from masterdata.models import Machine, Plant, User


class BoardDraft(models.Model):
    """A planner's changes to a plant's plan that nobody else works by yet; one per planner and plant.

    `edits` is a list of steps as `aps.edits` reads them, read back whole, never queried.
    """

    plant = models.ForeignKey(Plant, models.PROTECT, related_name="+")
    by = models.ForeignKey(User, models.CASCADE, related_name="+")
    version = models.PositiveIntegerField(default=1)
    base_no = models.PositiveIntegerField(default=0, help_text="Number of the plan on which it was changed last")
    edits = models.JSONField(default=list, blank=True)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["plant", "by"]
        constraints = [models.UniqueConstraint(name="one_draft_per_planner_and_plant", fields=["plant", "by"])]

    def __str__(self) -> str:
        return f"Draft of {self.by_id} in {self.plant_id}"


class OperationPin(models.Model):
    """A planner keeps an operation where it is: later plans go around it for as long as it has not begun."""

    plant = models.ForeignKey(Plant, models.PROTECT, related_name="+")
    operation = models.OneToOneField(WorkOrderOperation, models.CASCADE, related_name="pin")
    machine = models.ForeignKey(Machine, models.PROTECT, related_name="+")
    runs_at = models.DateTimeField(help_text="The run begins then, behind its setup; whole minutes")
    pinned_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    pinned_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["plant", "runs_at"]

    def __str__(self) -> str:
        return f"{self.operation_id} on {self.machine_id}"
