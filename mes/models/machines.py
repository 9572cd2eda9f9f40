"""Machines: states, messages and downtimes."""

from __future__ import annotations

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from erp.models import WorkOrderOperation
from masterdata.models import Employee, Machine, ReasonCode
from mes.models.events import ExecutionEvent
from mes.models.ranges import TsTzRange


class MachineState(models.Model):
    """What a machine was doing from when to when; the open interval is now. A fold of what was told: mes/state_fold.py.

    `event`, `machine_event` or `downtime` is what began it, `reason_event` what gave its reason afterwards. `begun_at`
    is where the whole stop began that reasons have divided. A stop without `reason` has none yet.
    """

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
    begun_at = models.DateTimeField(default=timezone.now)
    reason = models.ForeignKey(ReasonCode, models.PROTECT, null=True, blank=True, related_name="+")
    operation = models.ForeignKey(WorkOrderOperation, models.PROTECT, null=True, blank=True, related_name="states")
    event = models.ForeignKey(ExecutionEvent, models.PROTECT, null=True, blank=True, related_name="+")
    machine_event = models.CharField(max_length=80, blank=True, help_text="Id of the machine's message")
    downtime = models.ForeignKey("mes.Downtime", models.PROTECT, null=True, blank=True, related_name="+")
    reason_event = models.ForeignKey(ExecutionEvent, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["machine", "-since_at"]
        indexes = [
            models.Index(name="state_by_machine", fields=["machine", "since_at"]),
            models.Index(name="state_by_operation", fields=["operation"]),
        ]
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
        indexes = [models.Index(name="message_by_machine", fields=["machine", "happened_at"])]
        triggers = [
            pgtrigger.Protect(name="machine_events_are_append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.machine_id} {self.state}"


class Downtime(models.Model):
    """A machine is down, since when and (estimated) until when. At most one open a machine."""

    machine = models.ForeignKey(Machine, models.PROTECT, related_name="downtimes")
    alarm = models.ForeignKey("mes.Alarm", models.PROTECT, null=True, blank=True, related_name="downtimes")
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
