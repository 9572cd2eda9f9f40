"""Facts, the flow runs that follow them, and idempotency keys: PostgreSQL's side of "nothing lost, nothing doubled"."""

from __future__ import annotations

import uuid

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils import timezone


class FactRecord(models.Model):
    """Something that happened, stated in the transaction that made it so. Never changed, never deleted."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    kind = models.CharField(max_length=60)
    payload = models.JSONField()
    stated_at = models.DateTimeField(default=timezone.now)
    correlation_id = models.CharField(max_length=64, blank=True)
    cause = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="consequences", help_text="Fact whose flow led here"
    )
    by = models.ForeignKey("masterdata.User", models.PROTECT, null=True, blank=True, related_name="+")
    subject = models.CharField(max_length=80, blank=True, help_text="order:17 - what a timeline shows it under")

    class Meta:
        ordering = ["stated_at"]
        indexes = [
            models.Index(name="fact_by_subject", fields=["subject", "stated_at"]),
            models.Index(name="fact_by_kind", fields=["kind", "stated_at"]),
        ]
        triggers = [
            pgtrigger.Protect(name="facts_are_immutable", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class FlowRun(models.Model):
    """One flow's run for one fact. A worker holds the row's lock while it runs; done is written with the effect."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        DONE = "done", "Done"
        FAILED = "failed", "Failed, will be tried again"
        DEAD = "dead", "Given up"

    fact = models.ForeignKey(FactRecord, models.PROTECT, related_name="runs")
    flow = models.CharField(max_length=80)
    queue = models.CharField(max_length=40)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(default=timezone.now)
    woken_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(name="one_run_per_fact_and_flow", fields=["fact", "flow"])]
        indexes = [
            models.Index(name="flow_runs_open", fields=["next_at"], condition=Q(state__in=["waiting", "failed"])),
            models.Index(name="flow_runs_by_state", fields=["state", "id"]),
        ]

    def __str__(self) -> str:
        return f"{self.flow} for {self.fact_id}: {self.state}"


class IdempotencyKey(models.Model):
    """The answer to a creating request, so that its twin gets the same one. Inserted first, in its transaction."""

    user = models.ForeignKey("masterdata.User", models.CASCADE, related_name="+")
    key = models.CharField(max_length=120)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of method, path and body")
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    answer = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(name="one_effect_per_idempotency_key", fields=["user", "key"])]

    def __str__(self) -> str:
        return self.key
