"""Components used before they were booked."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from masterdata.models.fields import MoneyField, QuantityField


class OwedIssue(models.Model):
    """A component that pieces really made have used although none was booked: valued into WIP against clearing.

    Settled by the next receipt or count; while open it blocks the work order's close.
    """

    work_order_material = models.ForeignKey("erp.WorkOrderMaterial", models.PROTECT, related_name="owed_issues")
    quantity = QuantityField()
    value = MoneyField()
    settled_qty = QuantityField(default=0)
    opened_at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="owed_issue_settled_within",
                condition=Q(quantity__gt=0) & Q(settled_qty__gte=0) & Q(settled_qty__lte=F("quantity")),
            ),
        ]

    def __str__(self) -> str:
        return f"owed {self.quantity}"
