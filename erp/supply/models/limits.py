"""How far buying goes by itself: limits of value and time, per plant and buyer."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from masterdata.models import MaterialCategory, Partner, Plant
from masterdata.models.fields import MoneyField


class BuyingLimit(models.Model):
    """What becomes a purchase order without a click: orders up to `max_value` that have to go out within the fence.

    It holds for a supplier, a category, both, or (both empty) everything of the plant; the narrowest one that fits a
    purchase decides, and one that is not `is_automatic` makes its purchases wait for the buyer. `for_orders` limits
    hold for nothing but what confirmed orders lack. What no limit covers waits for a click.
    """

    plant = models.ForeignKey(Plant, models.PROTECT, related_name="+")
    buyer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Who answers for it; empty: whoever buys for the plant",
    )
    supplier = models.ForeignKey(Partner, models.PROTECT, null=True, blank=True, related_name="+")
    category = models.ForeignKey(MaterialCategory, models.PROTECT, null=True, blank=True, related_name="+")
    for_orders = models.BooleanField(
        default=False, db_default=False, help_text="Only what customers' confirmed orders lack"
    )
    max_value = MoneyField(help_text="Of one purchase order, in the company's currency")
    fence_days = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Days ahead that an order is written before it has to go out; empty: any time"
    )
    is_automatic = models.BooleanField(default=True)

    class Meta:
        ordering = ["plant", "supplier", "category", "for_orders"]
        constraints = [
            models.UniqueConstraint(
                name="one_buying_limit_per_plant_and_what",
                fields=["plant", "supplier", "category", "for_orders"],
                nulls_distinct=False,
                violation_error_message="There is a limit for this already: change that one.",
            ),
            models.CheckConstraint(
                name="buying_limit_not_negative",
                condition=Q(max_value__gte=0),
                violation_error_message="A limit can't be below zero.",
            ),
        ]

    def __str__(self) -> str:
        return f"up to {self.max_value}"
