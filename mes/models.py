"""Dispatch lists, operation runs, execution events, machine states, alarms and downtimes."""

from __future__ import annotations

import uuid

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils import timezone

from erp.models import WorkOrderOperation
from masterdata.models import Employee, Machine, Plant, ReasonCode, User
from masterdata.models.fields import QuantityField


class TsTzRange(Func):
    """tstzrange(start, end, '[)'); an empty end is for ever."""

    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


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
    good_qty = QuantityField(default=0)
    scrap_qty = QuantityField(default=0)
    rework_qty = QuantityField(default=0, db_default=0)
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


class ExecutionEvent(models.Model):
    """Something done on the floor. Its id is the sender's: the same id again is answered again, not done again."""

    class Kind(models.TextChoices):
        START = "start", "Start"
        PAUSE = "pause", "Pause"
        RESUME = "resume", "Resume"
        REPORT = "report", "Report"
        FINISH = "finish", "Finish"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    kind = models.CharField(max_length=8, choices=Kind)
    operation = models.ForeignKey(WorkOrderOperation, models.PROTECT, related_name="events")
    machine = models.ForeignKey(Machine, models.PROTECT, related_name="+")
    operator = models.ForeignKey(Employee, models.PROTECT, null=True, blank=True, related_name="+")
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    good_qty = QuantityField(default=0)
    scrap_qty = QuantityField(default=0)
    rework_qty = QuantityField(default=0, db_default=0)
    reason = models.ForeignKey(ReasonCode, models.PROTECT, null=True, blank=True, related_name="+")
    happened_at = models.DateTimeField()
    received_at = models.DateTimeField(default=timezone.now)
    fingerprint = models.CharField(max_length=64)

    class Meta:
        ordering = ["happened_at", "id"]
        constraints = [
            models.CheckConstraint(
                name="event_quantities_valid",
                condition=Q(good_qty__gte=0) & Q(scrap_qty__gte=0) & Q(rework_qty__gte=0),
            )
        ]
        triggers = [pgtrigger.Protect(name="events_are_append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.kind} {self.operation_id}"


class MachineState(models.Model):
    """What a machine was doing from when to when; the open interval is now."""

    class State(models.TextChoices):
        UNKNOWN = "unknown", "No data"
        OFF = "off", "Off"
        IDLE = "idle", "Idle"
        SETUP = "setup", "Setup"
        PRODUCING = "producing", "Running"
        STOPPED = "stopped", "Stopped"
        FAULT = "fault", "Fault"
        MAINTENANCE = "maintenance", "Maintenance"

    machine = models.ForeignKey(Machine, models.PROTECT, related_name="states")
    state = models.CharField(max_length=12, choices=State)
    since_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["machine", "-since_at"]
        constraints = [
            ExclusionConstraint(
                name="one_state_at_a_time",
                expressions=[
                    ("machine", RangeOperators.EQUAL),
                    (TsTzRange("since_at", "until_at", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                name="state_ends_after_start", condition=Q(until_at__isnull=True) | Q(until_at__gte=F("since_at"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.machine_id} {self.state}"


class MachineEvent(models.Model):
    """A message of a machine or integration, as it came. `id` is the sender's idempotent id."""

    id = models.CharField(max_length=80, primary_key=True)
    machine = models.ForeignKey(Machine, models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, choices=MachineState.State)
    code = models.CharField(max_length=40, blank=True, help_text="Fault code of the machine")
    happened_at = models.DateTimeField()
    received_at = models.DateTimeField(default=timezone.now)
    fingerprint = models.CharField(max_length=64)

    class Meta:
        ordering = ["happened_at", "id"]
        triggers = [
            pgtrigger.Protect(name="machine_events_are_append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.machine_id} {self.state}"


class Alarm(models.Model):
    """raised -> acknowledged -> cleared. The same machine and code while open is one alarm with a count."""

    class State(models.TextChoices):
        RAISED = "raised", "Raised"
        ACKNOWLEDGED = "acknowledged", "Acknowledged"
        CLEARED = "cleared", "Cleared"

    machine = models.ForeignKey(Machine, models.PROTECT, related_name="alarms")
    code = models.CharField(max_length=40)
    text = models.CharField(max_length=200)
    state = models.CharField(max_length=12, choices=State, default=State.RAISED)
    count = models.PositiveIntegerField(default=1)
    raised_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    cleared_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-raised_at"]
        constraints = [
            models.UniqueConstraint(
                name="one_open_alarm_per_machine_and_code",
                fields=["machine", "code"],
                condition=~Q(state="cleared"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.machine_id}: {self.text}"


class Downtime(models.Model):
    """A machine is down, since when and (estimated) until when. At most one open a machine."""

    machine = models.ForeignKey(Machine, models.PROTECT, related_name="downtimes")
    alarm = models.ForeignKey(Alarm, models.PROTECT, null=True, blank=True, related_name="downtimes")
    since_at = models.DateTimeField()
    estimated_until_at = models.DateTimeField(null=True, blank=True)
    until_at = models.DateTimeField(null=True, blank=True)
    reason = models.ForeignKey(ReasonCode, models.PROTECT, null=True, blank=True, related_name="+")
    reported_by = models.ForeignKey(Employee, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-since_at"]
        constraints = [
            models.UniqueConstraint(name="one_open_downtime", fields=["machine"], condition=Q(until_at__isnull=True)),
            models.CheckConstraint(
                name="downtime_ends_after_start", condition=Q(until_at__isnull=True) | Q(until_at__gte=F("since_at"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.machine_id} down since {self.since_at}"
