"""What a line was told to do, and how far each operation is."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from erp.models import WorkOrderOperation
from masterdata.models import Employee, Machine, Plant, ReasonCode
from masterdata.models.fields import QuantityField


class Dispatch(models.Model):
    """What a line was told to do: a copy of machine, order of work and times, with the plan's number."""

    operation = models.OneToOneField(WorkOrderOperation, models.PROTECT, related_name="dispatch")
    plant = models.ForeignKey(Plant, models.PROTECT, related_name="+")
    machine = models.ForeignKey(Machine, models.PROTECT, related_name="dispatches")
    planned_start_at = models.DateTimeField()
    planned_end_at = models.DateTimeField()
    setup_min = models.PositiveIntegerField(default=0)
    plan_no = models.PositiveIntegerField()
    told_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["machine", "planned_start_at"]
        verbose_name_plural = "dispatches"
        indexes = [models.Index(name="dispatch_by_machine", fields=["machine", "planned_start_at"])]

    def __str__(self) -> str:
        return f"{self.operation_id} on {self.machine_id}"


class OperationRun(models.Model):
    """The fold of an operation's events: state, times, quantities. One run an operation."""

    class State(models.TextChoices):
        SETUP = "setup", "Setup"
        RUNNING = "running", "Running"
        PAUSED = "paused", "Paused"
        FINISHED = "finished", "Finished"

    operation = models.OneToOneField(WorkOrderOperation, models.PROTECT, related_name="run")
    machine = models.ForeignKey(Machine, models.PROTECT, related_name="runs")
    operator = models.ForeignKey(Employee, models.PROTECT, null=True, blank=True, related_name="runs")
    state = models.CharField(max_length=8, choices=State, default=State.RUNNING)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    resumed_at = models.DateTimeField(null=True, blank=True, help_text="Since when the clock runs; empty while paused")
    unbooked_sec = models.PositiveIntegerField(default=0, help_text="Seconds worked and not yet booked by a report")
    booked_sec = models.PositiveIntegerField(default=0, db_default=0, help_text="Seconds worked and booked")
    good_qty = QuantityField(default=0)
    scrap_qty = QuantityField(default=0)
    rework_qty = QuantityField(default=0, db_default=0)
    told_until = models.DateTimeField(null=True, blank=True, help_text="The last event that the run knows")
    pause_reason = models.ForeignKey(ReasonCode, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-started_at"]
        constraints = [
            models.UniqueConstraint(
                name="one_running_operation_per_machine", fields=["machine"], condition=Q(state="running")
            )
        ]

    def __str__(self) -> str:
        return f"run of {self.operation_id}: {self.state}"
