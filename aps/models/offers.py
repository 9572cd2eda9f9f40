"""Offers kept for taking."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from masterdata.models import Material, Plant
from masterdata.models.fields import QuantityField


class KeptOffer(models.Model):
    """An offer kept for taking: where its operations would go and what it moves. Minutes live in ISO times as answered.
    Without `placements` nothing is new: an order that is planned already comes earlier, or it comes from stock.

    `placements` is a list of [path, sequence, machine id, start, start of the run, end, setup_min]; `moved` of
    [operation id, machine id, start, start of the run, end, setup_min]. They are read back whole and never queried.
    An offer for several lines names no material.
    """

    key = models.UUIDField(primary_key=True, default=uuid.uuid4)
    plant = models.ForeignKey(Plant, models.PROTECT, related_name="+")
    material = models.ForeignKey(Material, models.PROTECT, null=True, blank=True, related_name="+")
    quantity = QuantityField(null=True, blank=True)
    option = models.CharField(max_length=2)
    input_version = models.CharField(max_length=40)
    ends_at = models.DateTimeField()
    placements = models.JSONField()
    moved = models.JSONField()
    late_lines = models.PositiveIntegerField(default=0, help_text="Of the whole plan once the offer is taken")
    lateness_min = models.PositiveBigIntegerField(default=0, help_text="Weighted minutes past due of the whole plan")
    setup_min = models.PositiveBigIntegerField(default=0, help_text="Of the whole plan")
    objective = models.BigIntegerField(default=0)
    before = models.JSONField(default=list, help_text="What stood where it moved something, once it is taken")
    taken_no = models.PositiveIntegerField(null=True, blank=True, help_text="Plan that it became")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-made_at"]

    def __str__(self) -> str:
        return f"{self.option} {self.ends_at}"
