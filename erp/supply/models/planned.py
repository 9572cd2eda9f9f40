"""What buying or a transfer should bring and nobody has ordered."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from masterdata.models import Material, Plant
from masterdata.models.fields import QuantityField


class PlannedOrder(models.Model):
    """What buying (or a transfer) should bring and nobody has ordered: no supplier price, or below safety stock."""

    class Kind(models.TextChoices):
        BUY = "buy", "Buy"
        TRANSFER = "transfer", "Transfer"

    plant = models.ForeignKey(Plant, models.PROTECT, related_name="+")
    material = models.ForeignKey(Material, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.BUY)
    quantity = QuantityField()
    due_at = models.DateTimeField()
    problem = models.CharField(max_length=200, blank=True, help_text="Why no purchase order was written")
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.CheckConstraint(name="planned_quantity_positive", condition=Q(quantity__gt=0))]

    def __str__(self) -> str:
        return f"{self.kind} {self.quantity}"
