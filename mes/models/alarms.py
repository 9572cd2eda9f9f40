"""Alarms: what needs somebody, who takes care, and who is told when nobody does."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from masterdata.models import Machine, Plant, ReasonCode, User
from mes.models.events import ExecutionEvent


class Alarm(models.Model):
    """raised -> acknowledged -> in repair -> cleared -> closed (with a reason).

    The same machine and code while it is open, or within a minute of clearing, is one alarm with a count.
    """

    class State(models.TextChoices):
        RAISED = "raised", "Raised"
        ACKNOWLEDGED = "acknowledged", "Acknowledged"
        IN_REPAIR = "in_repair", "In repair"
        CLEARED = "cleared", "Cleared"
        CLOSED = "closed", "Closed"

    class Kind(models.TextChoices):
        DOWN = "down", "Machine down"
        HELP = "help", "Call for help"

    machine = models.ForeignKey(Machine, models.PROTECT, related_name="alarms")
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.DOWN, db_default="down")
    code = models.CharField(max_length=40)
    text = models.CharField(max_length=200)
    state = models.CharField(max_length=12, choices=State, default=State.RAISED)
    count = models.PositiveIntegerField(default=1)
    raised_at = models.DateTimeField()
    event = models.ForeignKey(ExecutionEvent, models.PROTECT, null=True, blank=True, related_name="+")
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    repair_at = models.DateTimeField(null=True, blank=True)
    repair_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    cleared_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.ForeignKey(ReasonCode, models.PROTECT, null=True, blank=True, related_name="+")
    note = models.CharField(max_length=400, blank=True, db_default="")
    level = models.PositiveSmallIntegerField(default=0, db_default=0, help_text="How far up it was told")

    class Meta:
        ordering = ["-raised_at"]
        constraints = [
            models.UniqueConstraint(
                name="one_open_alarm_per_machine_and_code",
                fields=["machine", "code"],
                condition=~Q(state__in=["cleared", "closed"]),
            ),
            models.CheckConstraint(
                name="closed_alarm_says_why",
                condition=Q(state="closed", closed_at__isnull=False) & (Q(reason__isnull=False) | ~Q(note=""))
                | ~Q(state="closed") & Q(closed_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.machine_id}: {self.text}"

    @property
    def is_open(self) -> bool:
        return self.state not in (self.State.CLEARED, self.State.CLOSED)


class EscalationRule(models.Model):
    """Nobody has taken an alarm of a plant for so many minutes: who is told then, one step above the last."""

    plant = models.ForeignKey(Plant, models.PROTECT, related_name="escalation_rules")
    level = models.PositiveSmallIntegerField()
    after_min = models.PositiveSmallIntegerField()
    told = models.CharField(max_length=60, help_text="Shift lead, plant manager ...")

    class Meta:
        ordering = ["plant", "level"]
        constraints = [
            models.UniqueConstraint(name="one_escalation_rule_per_level", fields=["plant", "level"]),
            models.CheckConstraint(name="escalation_waits", condition=Q(level__gte=1) & Q(after_min__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.after_min} min: {self.told}"


class AlarmStep(models.Model):
    """An alarm was told one level higher."""

    alarm = models.ForeignKey(Alarm, models.PROTECT, related_name="steps")
    level = models.PositiveSmallIntegerField()
    told = models.CharField(max_length=60)
    at = models.DateTimeField()

    class Meta:
        ordering = ["alarm", "level"]
        constraints = [models.UniqueConstraint(name="one_step_per_alarm_and_level", fields=["alarm", "level"])]

    def __str__(self) -> str:
        return f"{self.told} told"
