"""What happened on the floor: the log, what of it waits for the shift lead, and photos."""

from __future__ import annotations

import uuid

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils import timezone

from erp.models import WorkOrderOperation
from masterdata.models import Employee, Machine, Plant, ReasonCode, User
from masterdata.models.fields import QuantityField
from mes.models.devices import Device


def _never_truncated(name: str, what: str) -> pgtrigger.Trigger:
    """TRUNCATE fires no trigger of rows: it is refused by one of its own."""
    return pgtrigger.Trigger(
        name=name,
        level=pgtrigger.Statement,
        when=pgtrigger.Before,
        operation=pgtrigger.Truncate,
        func=f"RAISE EXCEPTION 'Cannot truncate {what}: it is append-only';",
    )


class ExecutionEvent(models.Model):
    """Something done on the floor. Its id is the sender's: the same id again is answered again, not done again.

    `happened_at` is the time as the device said it, `corrected_at` that time by the server's clock; events are told
    in the order of (`corrected_at`, `device_seq`, `id`), whatever order they came in. `payload` holds what only its
    kind has: the lots consumed, scrap by reason, values of a check, a note. A correction undoes the whole event that
    it `corrects`; what should have been said is an event of its own.
    """

    class Kind(models.TextChoices):
        CLOCK_IN = "clock_in", "Clock in"
        CLOCK_OUT = "clock_out", "Clock out"
        BREAK_START = "break_start", "Break"
        BREAK_END = "break_end", "Back from break"
        JOIN = "join", "Join a job"
        LEAVE = "leave", "Leave a job"
        SETUP = "setup", "Setup"
        START = "start", "Start"
        PAUSE = "pause", "Pause"
        RESUME = "resume", "Resume"
        REPORT = "report", "Report"
        FINISH = "finish", "Finish"
        CHECK = "check", "Check"
        NONCONFORMANCE = "nonconformance", "Non-conformance"
        ANDON = "andon", "Call for help"
        MACHINE_DOWN = "machine_down", "Machine down"
        MACHINE_UP = "machine_up", "Machine up"
        STOP_REASON = "stop_reason", "Reason of a stop"
        TOOL_CHANGE = "tool_change", "Tool change"
        NOTE = "note", "Note"
        HANDOVER = "handover", "Handover"
        CORRECTION = "correction", "Correction"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    kind = models.CharField(max_length=16, choices=Kind)
    plant = models.ForeignKey(Plant, models.PROTECT, null=True, blank=True, related_name="+")
    operation = models.ForeignKey(WorkOrderOperation, models.PROTECT, null=True, blank=True, related_name="events")
    machine = models.ForeignKey(Machine, models.PROTECT, null=True, blank=True, related_name="+")
    operator = models.ForeignKey(Employee, models.PROTECT, null=True, blank=True, related_name="+")
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    device = models.ForeignKey(Device, models.PROTECT, null=True, blank=True, related_name="events")
    device_seq = models.BigIntegerField(null=True, blank=True)
    good_qty = QuantityField(default=0)
    scrap_qty = QuantityField(default=0)
    rework_qty = QuantityField(default=0, db_default=0)
    reason = models.ForeignKey(ReasonCode, models.PROTECT, null=True, blank=True, related_name="+")
    lot_number = models.CharField(max_length=50, blank=True, db_default="")
    payload = models.JSONField(default=dict, blank=True, db_default={})
    # Without a constraint of the database: a correction may come before what it corrects, and waits.
    corrects = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="corrections", db_constraint=False
    )
    happened_at = models.DateTimeField()
    corrected_at = models.DateTimeField()
    received_at = models.DateTimeField(default=timezone.now)
    fingerprint = models.CharField(max_length=64)

    class Meta:
        ordering = ["corrected_at", "device_seq", "id"]
        indexes = [
            models.Index(name="event_by_machine", fields=["machine", "corrected_at"]),
            models.Index(name="event_by_operator", fields=["operator", "corrected_at"]),
            models.Index(name="event_by_operation", fields=["operation", "corrected_at"]),
        ]
        constraints = [
            models.CheckConstraint(
                name="event_quantities_valid",
                condition=Q(good_qty__gte=0) & Q(scrap_qty__gte=0) & Q(rework_qty__gte=0),
            ),
            models.CheckConstraint(
                name="only_a_correction_corrects",
                condition=Q(kind="correction", corrects__isnull=False) | (~Q(kind="correction") & Q(corrects=None)),
            ),
            models.UniqueConstraint(
                name="one_event_per_device_and_number",
                fields=["device", "device_seq"],
                condition=Q(device_seq__isnull=False),
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="events_are_append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            _never_truncated("events_are_never_truncated", "the log of the floor"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.operation_id or self.machine_id or self.operator_id}"


class Quarantine(models.Model):
    """An event that is kept and not counted, until the shift lead has decided about it.

    `code` and `sentence` are the refusal's. Accepted it counts like any other; dismissed never. Corrected it never
    counts either: the event that it is `replaced_by` does. What waits only for an event that has not come
    yet is accepted by itself when that comes.
    """

    class State(models.TextChoices):
        OPEN = "open", "Waits for a decision"
        ACCEPTED = "accepted", "Accepted"
        DISMISSED = "dismissed", "Dismissed"
        CORRECTED = "corrected", "Corrected"

    event = models.OneToOneField(ExecutionEvent, models.PROTECT, related_name="quarantine")
    plant = models.ForeignKey(Plant, models.PROTECT, null=True, blank=True, related_name="+")
    code = models.CharField(max_length=40)
    sentence = models.CharField(max_length=400)
    state = models.CharField(max_length=9, choices=State, default=State.OPEN)
    since_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=400, blank=True)
    replaced_by = models.OneToOneField(ExecutionEvent, models.PROTECT, null=True, blank=True, related_name="replaces")

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "quarantine"
        indexes = [
            models.Index(name="quarantine_open", fields=["plant", "id"], condition=Q(state="open")),
        ]
        constraints = [
            models.CheckConstraint(
                name="corrected_event_is_replaced",
                condition=Q(replaced_by=None) | Q(state="corrected"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code}: {self.sentence}"


class EventPhoto(models.Model):
    """A photo taken on the floor; the id is the device's: sent again it stays one. Events name it in `payload`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    plant = models.ForeignKey(Plant, models.PROTECT, related_name="+")
    device = models.ForeignKey(Device, models.PROTECT, null=True, blank=True, related_name="+")
    content = models.BinaryField()
    content_type = models.CharField(max_length=40)
    sha256 = models.CharField(max_length=64)
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-received_at"]
        triggers = [
            pgtrigger.Protect(name="photos_are_append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            _never_truncated("photos_are_never_truncated", "photos of the floor"),
        ]

    def __str__(self) -> str:
        return f"photo {self.id}"
