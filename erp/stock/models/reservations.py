"""Free stock kept for a demand."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils import timezone

from erp.stock.models.balances import StockBalance
from masterdata.models.fields import QuantityField


class Reservation(models.Model):
    """Free stock kept for one demand: a work order's material, a sales order line, a component that a supplier gets.

    `quantity` is what is left.

    `priority`: the lower keeps its stock longer when less is there than was kept; empty, the order's promised date
    decides. A soft one ends at `expires_at`.
    """

    class Kind(models.TextChoices):
        SOFT = "soft", "Soft"
        HARD = "hard", "Hard"

    balance = models.ForeignKey(StockBalance, models.PROTECT, related_name="reservations")
    kind = models.CharField(max_length=4, choices=Kind, default=Kind.SOFT)
    work_order_material = models.ForeignKey(
        "erp.WorkOrderMaterial", models.PROTECT, null=True, blank=True, related_name="reservations"
    )
    sales_order_line = models.ForeignKey(
        "erp.SalesOrderLine", models.PROTECT, null=True, blank=True, related_name="reservations"
    )
    supplied_component = models.ForeignKey(
        "erp.SuppliedComponent", models.PROTECT, null=True, blank=True, related_name="reservations", db_index=False
    )
    quantity = QuantityField()
    priority = models.PositiveSmallIntegerField(null=True, blank=True, help_text="1 comes before 2; empty: by date")
    expires_at = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(name="open_reservations", fields=["balance"], condition=Q(quantity__gt=0)),
            models.Index(
                name="component_reservations",
                fields=["supplied_component"],
                condition=Q(supplied_component__isnull=False),
            ),
            models.Index(
                name="reservations_that_expire",
                fields=["expires_at"],
                condition=Q(quantity__gt=0, expires_at__isnull=False),
            ),
        ]
        constraints = [
            models.CheckConstraint(name="reservation_not_negative", condition=Q(quantity__gte=0)),
            models.CheckConstraint(
                name="only_soft_reservations_expire", condition=Q(expires_at__isnull=True) | Q(kind="soft")
            ),
            models.CheckConstraint(
                name="reservation_has_one_demand",
                condition=(
                    Q(work_order_material__isnull=False, sales_order_line=None, supplied_component=None)
                    | Q(work_order_material=None, sales_order_line__isnull=False, supplied_component=None)
                    | Q(work_order_material=None, sales_order_line=None, supplied_component__isnull=False)
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.quantity}"


class ReservationCut(models.Model):
    """What a reservation lost because less was there than was kept: whom, how much, and why. Append-only."""

    class Cause(models.TextChoices):
        COUNT = "count", "A count found less"
        QUARANTINE = "quarantine", "Put into quarantine"
        SCRAP = "scrap", "Scrapped"
        BLOCKED = "blocked", "The place or lot was blocked"

    reservation = models.ForeignKey(Reservation, models.PROTECT, related_name="cuts")
    quantity = QuantityField()
    was_hard = models.BooleanField()
    cause = models.CharField(max_length=10, choices=Cause)
    document = models.CharField(max_length=80, help_text="count_sheet:.., stock_move:.., location:.., lot:..")
    cut_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        constraints = [models.CheckConstraint(name="reservation_cut_positive", condition=Q(quantity__gt=0))]
        triggers = [
            pgtrigger.Protect(name="reservation_cuts_are_kept", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} less"
