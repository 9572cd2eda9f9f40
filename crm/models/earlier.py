"""Earlier dates that a plan allows: offered to the customer, never pushed; and how sure open lines are now."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from crm.models.promises import Promise
from erp.models import SalesOrderLine
from masterdata.models import User


class EarlierOffer(models.Model):
    """An order line could come earlier than promised: open until the customer says yes or no, or the plan loses it.

    `offered_at` is what would be promised: the last minute of the day on which it is sure enough to come.
    """

    class State(models.TextChoices):
        OPEN = "open", "Open"
        ACCEPTED = "accepted", "Accepted"
        DECLINED = "declined", "Declined"
        LAPSED = "lapsed", "Lapsed"

    order_line = models.ForeignKey(SalesOrderLine, models.PROTECT, related_name="earlier_offers")
    promise = models.ForeignKey(Promise, models.PROTECT, related_name="+", help_text="In force when it was found")
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    offered_at = models.DateTimeField()
    expected_at = models.DateTimeField(help_text="As the plan had it")
    plan_no = models.PositiveIntegerField(null=True, blank=True)
    sure_percent = models.PositiveSmallIntegerField(null=True, blank=True)
    made_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True, blank=True, help_text="When the customer was asked")
    told_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    why = models.CharField(max_length=200, blank=True, help_text="Why it lapsed or was declined")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                name="one_open_earlier_offer_per_line", fields=["order_line"], condition=Q(state="open")
            ),
            models.CheckConstraint(
                name="earlier_offer_is_open_or_decided",
                condition=Q(state="open", decided_at__isnull=True) | (~Q(state="open") & Q(decided_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_line_id} by {self.offered_at:%Y-%m-%d}"


class PromiseOutlook(models.Model):
    """How sure the promise of an open order line is now, as the newest plan and what was observed have it."""

    order_line = models.OneToOneField(SalesOrderLine, models.PROTECT, related_name="outlook")
    p50_at = models.DateTimeField(null=True, blank=True)
    p90_at = models.DateTimeField(null=True, blank=True)
    sure_percent = models.PositiveSmallIntegerField(null=True, blank=True)
    why_unknown = models.CharField(max_length=120, blank=True)
    plan_no = models.PositiveIntegerField()
    seen_at = models.DateTimeField()

    class Meta:
        ordering = ["order_line"]
        constraints = [
            models.CheckConstraint(
                name="outlook_is_sure_up_to_a_hundred",
                condition=Q(sure_percent__isnull=True) | Q(sure_percent__lte=100),
            )
        ]

    def __str__(self) -> str:
        return f"{self.order_line_id}: {self.sure_percent}"
