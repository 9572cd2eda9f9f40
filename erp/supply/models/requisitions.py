"""Requisitions: what somebody in the house wants bought, and who agreed to it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from erp.supply.models.planned import PlannedOrder
from masterdata.models import Material, Plant
from masterdata.models.fields import CodeField, MoneyField, QuantityField, UnitPriceField


class ApprovalLimit(models.Model):
    """Up to which value somebody may agree to requisitions of a plant, their own included."""

    plant = models.ForeignKey(Plant, models.PROTECT, related_name="+")
    approver = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    max_value = MoneyField(help_text="Of one requisition, in the company's currency")

    class Meta:
        ordering = ["plant", "approver"]
        constraints = [
            models.UniqueConstraint(
                name="one_approval_limit_per_plant_and_person",
                fields=["plant", "approver"],
                violation_error_message="This person has a limit here already: change that one.",
            ),
            models.CheckConstraint(name="approval_limit_not_negative", condition=Q(max_value__gte=0)),
        ]

    def __str__(self) -> str:
        return f"up to {self.max_value}"


class Requisition(models.Model):
    """Who wants what bought, when and why. Open until somebody decides; agreed to, its lines are planned orders."""

    number = CodeField()
    plant = models.ForeignKey(Plant, models.PROTECT, related_name="+")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    requested_at = models.DateTimeField(default=timezone.now)
    reason = models.CharField(max_length=200)
    value = MoneyField(help_text="At the prices of the day, in the company's currency")
    approved_at = models.DateTimeField(null=True, blank=True)
    refused_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    refused_because = models.CharField(max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="requisition_decided_once",
                condition=Q(approved_at=None, refused_at=None, decided_by=None)
                | Q(approved_at__isnull=False, refused_at=None, decided_by__isnull=False)
                | Q(approved_at=None, refused_at__isnull=False, decided_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.number


class RequisitionLine(models.Model):
    """One material, base units, and what one is thought to cost; `planned_order` once it is agreed to."""

    requisition = models.ForeignKey(Requisition, models.PROTECT, related_name="lines")
    line_no = models.PositiveIntegerField()
    material = models.ForeignKey(Material, models.PROTECT, related_name="+")
    quantity = QuantityField()
    needed_on = models.DateField()
    unit_price = UnitPriceField(default=0)
    planned_order = models.OneToOneField(
        PlannedOrder, models.PROTECT, null=True, blank=True, related_name="requisition_line"
    )

    class Meta:
        ordering = ["requisition", "line_no"]
        constraints = [
            models.UniqueConstraint(name="requisition_line_number_unique", fields=["requisition", "line_no"]),
            models.CheckConstraint(
                name="requisition_quantity_positive", condition=Q(quantity__gt=0, unit_price__gte=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.requisition_id}/{self.line_no}"
