"""Machines: states, messages, alarms and downtimes."""

from __future__ import annotations

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from masterdata.models import Employee, Machine, ReasonCode, User
from mes.models.ranges import TsTzRange


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
