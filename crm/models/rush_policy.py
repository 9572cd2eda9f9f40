"""A company's rules for rush orders."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from masterdata.models import Company
from masterdata.models.fields import MoneyField


class RushPolicy(models.Model):
    """A company's rules for rush orders; without a row the defaults hold."""

    company = models.OneToOneField(Company, models.CASCADE, related_name="rush_policy")
    holds_min = models.PositiveIntegerField(default=30, help_text="How long an answer may be taken, if nothing moves")
    expires_days = models.PositiveIntegerField(default=7, help_text="After so many days nobody waits for it any more")
    asks_when_hurt = models.BooleanField(default=True, help_text="Somebody else's later date needs an approval")
    cost_above = MoneyField(null=True, blank=True, help_text="Extra cost above this needs an approval")
    delivery_cost = MoneyField(default=0, help_text="What one delivery more costs, when a part is sent first")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["company"]
        constraints = [
            models.CheckConstraint(name="rush_answer_holds_a_while", condition=Q(holds_min__gt=0)),
            models.CheckConstraint(name="rush_request_waits_a_while", condition=Q(expires_days__gt=0)),
            models.CheckConstraint(name="rush_delivery_not_negative", condition=Q(delivery_cost__gte=0)),
            models.CheckConstraint(
                name="rush_cost_limit_not_negative", condition=Q(cost_above__isnull=True) | Q(cost_above__gte=0)
            ),
        ]

    def __str__(self) -> str:
        return f"Rush orders of {self.company_id}"
