"""Promises: the delivery commitment of an order line, version by version."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils import timezone

from erp.models import SalesOrderLine, WorkOrderOperation
from masterdata.models import FactRecord, Machine


class Promise(models.Model):
    """A version of the delivery commitment of an order line. Append-only; only `closed_at` is written once more."""

    class Reason(models.TextChoices):
        QUOTE = "quote", "Quotation accepted"
        PLAN = "plan", "First plan"
        RUSH = "rush", "Rush order"
        BREAKDOWN = "breakdown", "Machine breakdown"
        MATERIAL = "material", "Material"
        SCRAP = "scrap", "Scrap"
        REPLAN = "replan", "Replanned"
        CUSTOMER = "customer", "Customer's wish"

    order_line = models.ForeignKey(SalesOrderLine, models.PROTECT, related_name="promises")
    version_no = models.PositiveIntegerField()
    promised_at = models.DateTimeField()
    reason = models.CharField(max_length=10, choices=Reason)
    cause = models.CharField(max_length=240, help_text="In plain words: machine, rush order, supplier")
    plan_no = models.PositiveIntegerField(null=True, blank=True)
    fact = models.ForeignKey(FactRecord, models.PROTECT, null=True, blank=True, related_name="+")
    operation = models.ForeignKey(
        WorkOrderOperation, models.PROTECT, null=True, blank=True, related_name="+", help_text="That the date hung on"
    )
    machine = models.ForeignKey(Machine, models.PROTECT, null=True, blank=True, related_name="+")
    operation_start_at = models.DateTimeField(null=True, blank=True, help_text="As the plan had it then, as the end")
    operation_end_at = models.DateTimeField(null=True, blank=True)
    p50_at = models.DateTimeField(null=True, blank=True, help_text="As likely as not it comes by then, as seen then")
    p90_at = models.DateTimeField(null=True, blank=True, help_text="Nine of ten come by then, as seen then")
    sure_percent = models.PositiveSmallIntegerField(null=True, blank=True, help_text="In time, as seen then")
    made_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["order_line", "-version_no"]
        constraints = [
            models.UniqueConstraint(name="promise_version_unique", fields=["order_line", "version_no"]),
            models.CheckConstraint(
                name="promise_is_sure_up_to_a_hundred",
                condition=Q(sure_percent__isnull=True) | Q(sure_percent__lte=100),
            ),
            models.UniqueConstraint(
                name="one_open_promise_per_line", fields=["order_line"], condition=Q(closed_at__isnull=True)
            ),
        ]
        triggers = [
            pgtrigger.ReadOnly(name="promises_are_append_only", exclude=["closed_at"]),
            pgtrigger.Protect(name="promises_are_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"Promise {self.version_no} {self.promised_at:%Y-%m-%d}"
