"""One click from a quotation to the schedule, as it can be taken back."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from crm.models.quotations import Quotation
from erp.models import SalesOrder
from masterdata.models import User


class QuotationScheduling(models.Model):
    """A quotation that was accepted and scheduled in one deed; `state_before` is what undoing gives back.

    Without `is_placed` the plan moved on too fast, and the planner places the order. `late_lines` of it were expected
    after the day that was offered.
    """

    quotation = models.ForeignKey(Quotation, models.PROTECT, related_name="schedulings")
    order = models.OneToOneField(SalesOrder, models.PROTECT, related_name="scheduling")
    state_before = models.CharField(max_length=8)
    is_placed = models.BooleanField()
    late_lines = models.PositiveIntegerField(default=0)
    scheduled_at = models.DateTimeField(default=timezone.now)
    scheduled_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                name="quotation_scheduled_once_at_a_time", fields=["quotation"], condition=Q(undone_at__isnull=True)
            ),
            models.CheckConstraint(
                name="scheduling_undone_after_it_was_made",
                condition=Q(undone_at__isnull=True) | Q(undone_at__gte=models.F("scheduled_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quotation_id} as order {self.order_id}"
