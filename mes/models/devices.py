"""Tablets and browsers that report from the floor."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from masterdata.models import Machine, Plant, User


class Device(models.Model):
    """A tablet (enrolled: it has a token of its own and needs no log-in) or a browser that somebody logged in with.

    `uid` is made by the device and never changes. Its clock is compared at each sync: `clock_offset_ms` is what is
    added to its time to get the server's. Only the SHA-256 of the token is stored. `queue_length` is what it said it
    still holds.
    """

    uid = models.UUIDField(unique=True, default=uuid.uuid4)
    name = models.CharField(max_length=80)
    plant = models.ForeignKey(Plant, models.PROTECT, related_name="devices")
    machine = models.ForeignKey(
        Machine, models.PROTECT, null=True, blank=True, related_name="devices", help_text="Where it is mounted"
    )
    user = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", help_text="Whose rights an enrolled tablet has"
    )
    token_sha256 = models.CharField(max_length=64, blank=True)
    enrolled_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_seen_at = models.DateTimeField(null=True, blank=True)
    clock_offset_ms = models.BigIntegerField(default=0)
    queue_length = models.PositiveIntegerField(default=0)
    told_seq = models.BigIntegerField(default=0, help_text="Up to this number all that it said has come")
    app_version = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["plant", "name"]
        constraints = [
            models.UniqueConstraint(
                name="one_device_per_token", fields=["token_sha256"], condition=~Q(token_sha256="")
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_revoked(self) -> bool:
        return self.revoked_at is not None


class Enrolment(models.Model):
    """A code that makes one tablet a device of a plant, once and for a quarter of an hour. Its SHA-256 is stored."""

    code_sha256 = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=80)
    plant = models.ForeignKey(Plant, models.PROTECT, related_name="+")
    machine = models.ForeignKey(Machine, models.PROTECT, null=True, blank=True, related_name="+")
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    used_by = models.OneToOneField(Device, models.PROTECT, null=True, blank=True, related_name="enrolment")

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"enrolment of {self.name}"
