"""Landed costs: freight, duty and the like on goods that were received."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils import timezone

from masterdata.models import Partner, Plant
from masterdata.models.fields import CodeField, MoneyField


class LandedCost(models.Model):
    """A cost of bringing goods in, spread over receipts of a plant. Its accrual is cleared by the carrier's invoice."""

    class Basis(models.TextChoices):
        VALUE = "value", "By value"
        QUANTITY = "quantity", "By quantity"
        WEIGHT = "weight", "By weight"

    class Element(models.TextChoices):
        FREIGHT = "freight", "Freight"
        DUTY = "duty", "Duty"
        INSURANCE = "insurance", "Insurance"
        OTHER = "other", "Other"

    number = CodeField()
    plant = models.ForeignKey(Plant, models.PROTECT, related_name="+")
    partner = models.ForeignKey(Partner, models.PROTECT, null=True, blank=True, related_name="+")
    element = models.CharField(max_length=10, choices=Element, default=Element.FREIGHT)
    basis = models.CharField(max_length=10, choices=Basis, default=Basis.VALUE)
    amount = MoneyField()
    note = models.CharField(max_length=200, blank=True)
    entry = models.OneToOneField("erp.JournalEntry", models.PROTECT, related_name="+")
    posted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-id"]
        constraints = [models.CheckConstraint(name="landed_cost_of_something", condition=~Q(amount=0))]
        triggers = [pgtrigger.Protect(name="landed_costs_are_immutable", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.number


class LandedCostLine(models.Model):
    """The part of a landed cost that a receipt of one material bears."""

    landed_cost = models.ForeignKey(LandedCost, models.PROTECT, related_name="lines")
    move = models.ForeignKey("erp.StockMove", models.PROTECT, related_name="landed_cost_lines")
    amount = MoneyField()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(name="landed_cost_names_a_receipt_once", fields=["landed_cost", "move"])]
        triggers = [
            pgtrigger.Protect(name="landed_cost_lines_are_immutable", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.amount}"
