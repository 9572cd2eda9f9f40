"""Changes of what a confirmed order orders."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q

from erp.sales.models.orders import SalesOrderLine
from masterdata.models import User
from masterdata.models.fields import QuantityField


class LineChange(models.Model):
    """A line is of another quantity than before: cancelled, closed with less, or more was shipped. Append-only."""

    class Cause(models.TextChoices):
        CANCELLED = "cancelled", "Cancelled"
        SHORT = "short", "Closed with less"
        OVER = "over", "Shipped with more"

    line = models.ForeignKey(SalesOrderLine, models.PROTECT, related_name="changes")
    before = QuantityField()
    after = QuantityField()
    cause = models.CharField(max_length=9, choices=Cause)
    reason = models.CharField(max_length=200, blank=True)
    changed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="changed_line_not_negative", condition=Q(before__gte=0, after__gte=0))
        ]
        triggers = [
            pgtrigger.Protect(name="line_changes_are_kept", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.before} to {self.after}"
