"""Webhooks: who is told of facts over HTTP, and what is still to be told."""

from __future__ import annotations

import secrets
import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from masterdata.models.flows import FactRecord
from masterdata.models.people import User
from masterdata.models.places import Company, Plant


def new_salt() -> str:
    return secrets.token_hex(16)


class WebhookEndpoint(models.Model):
    """An address that is told of a company's facts: of these kinds (none: all), of these plants (none: all).

    The secret that signs is not kept: it follows from the installation's key, `salt` and `secret_no`. Rotated, the one
    before signs too until `previous_until_at`. `failures` counts tries in a row that failed, the first of them
    `failing_since_at`; after too many for too long it is switched off. `last_no` numbers what it was sent.
    `busy_until_at` is the lease of who sends to it now.
    """

    name = models.CharField(max_length=80)
    url = models.CharField(max_length=500)
    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    plants = models.ManyToManyField(Plant, blank=True, related_name="+")
    kinds = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    salt = models.CharField(max_length=32, default=new_salt)
    secret_no = models.PositiveSmallIntegerField(default=1)
    previous_until_at = models.DateTimeField(null=True, blank=True)
    is_active = models.BooleanField(default=True)
    stopped_because = models.CharField(max_length=200, blank=True)
    failures = models.PositiveIntegerField(default=0)
    failing_since_at = models.DateTimeField(null=True, blank=True)
    last_no = models.PositiveBigIntegerField(default=0)
    busy_until_at = models.DateTimeField(null=True, blank=True)
    woken_at = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(name="webhook_name_unique", fields=["company", "name"]),
            models.CheckConstraint(name="webhook_secret_counts_from_one", condition=Q(secret_no__gte=1)),
        ]

    def __str__(self) -> str:
        return self.name


class WebhookDelivery(models.Model):
    """A fact that an endpoint is to be told, written in the fact's own transaction; a test has no fact.

    `event_id` is the fact's id: what comes twice has it twice. `sequence_no` is given at the first try.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DONE = "done", _("Delivered")
        FAILED = "failed", _("Failed, will be tried again")
        DEAD = "dead", _("Given up")

    endpoint = models.ForeignKey(WebhookEndpoint, models.PROTECT, related_name="deliveries")
    fact = models.ForeignKey(FactRecord, models.PROTECT, null=True, blank=True, related_name="deliveries")
    event_id = models.UUIDField(default=uuid.uuid4)
    kind = models.CharField(max_length=60)
    sequence_no = models.PositiveBigIntegerField(null=True, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    made_at = models.DateTimeField(default=timezone.now)
    next_at = models.DateTimeField(default=timezone.now)
    leased_until_at = models.DateTimeField(null=True, blank=True)
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    duration_ms = models.PositiveIntegerField(null=True, blank=True)
    excerpt = models.CharField(max_length=500, blank=True, help_text="Of the answer, or why there was none")
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(name="fact_told_once_to_an_endpoint", fields=["endpoint", "fact"]),
            models.UniqueConstraint(name="webhook_sequence_unique", fields=["endpoint", "sequence_no"]),
            models.CheckConstraint(
                name="delivered_webhook_says_when", condition=~Q(state="done") | Q(done_at__isnull=False)
            ),
        ]
        indexes = [
            models.Index(
                F("endpoint"), F("next_at"), name="webhooks_to_send", condition=Q(state__in=["waiting", "failed"])
            ),
            models.Index(F("state"), F("id").desc(), name="webhooks_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.event_id} to {self.endpoint_id}"
