"""Cost entries (posted) and cost estimates (versions)."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.utils import timezone

from masterdata.models import Machine, Material
from masterdata.models.fields import MoneyField, QuantityField


class Element(models.TextChoices):
    MATERIAL = "material", "Material"
    LABOUR = "labour", "Labour"
    MACHINE = "machine", "Machine"
    OVERHEAD = "overhead", "Overhead"
    SUBCONTRACT = "subcontract", "Subcontracting"
    FREIGHT = "freight", "Freight"
    INSTALLATION = "installation", "Installation"
    REWORK = "rework", "Rework"
    PENALTY = "penalty", "Penalty"


class CostEntry(models.Model):
    """What flowed into (+) or out of (-) an order's work in progress: exactly one per WIP journal line.

    `incurred` entries (bought material, labour, machine, stock made for nobody) are the order's cost; `transfer`
    entries move value between the order's own work orders and its order stock and sum to what was delivered.
    """

    class Kind(models.TextChoices):
        INCURRED = "incurred", "Incurred"
        TRANSFER = "transfer", "Transfer"

    journal_line = models.OneToOneField("erp.JournalLine", models.PROTECT, related_name="cost_entry")
    kind = models.CharField(max_length=8, choices=Kind)
    element = models.CharField(max_length=12, choices=Element)
    amount = MoneyField()
    quantity = QuantityField(null=True, blank=True, help_text="Base units, or minutes for labour and machine")
    sales_order = models.ForeignKey(
        "erp.SalesOrder", models.PROTECT, null=True, blank=True, related_name="cost_entries"
    )
    work_order = models.ForeignKey("erp.WorkOrder", models.PROTECT, related_name="cost_entries")
    operation = models.ForeignKey(
        "erp.WorkOrderOperation", models.PROTECT, null=True, blank=True, related_name="cost_entries"
    )
    material = models.ForeignKey(Material, models.PROTECT, null=True, blank=True, related_name="+")
    machine = models.ForeignKey(Machine, models.PROTECT, null=True, blank=True, related_name="+")
    posted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "cost entries"
        indexes = [models.Index(name="cost_by_order", fields=["sales_order", "kind", "element"])]
        triggers = [pgtrigger.Protect(name="cost_entries_are_immutable", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.element} {self.amount}"


class CostEstimate(models.Model):
    """What an order is expected to cost in the end, a version each time plan or machine changes it, with the cause."""

    sales_order = models.ForeignKey("erp.SalesOrder", models.PROTECT, related_name="cost_estimates")
    version_no = models.PositiveIntegerField()
    material = MoneyField(default=0)
    labour = MoneyField(default=0)
    machine = MoneyField(default=0)
    subcontract = MoneyField(default=0, db_default=0)
    total = MoneyField(default=0)
    cause = models.CharField(max_length=200)
    fact = models.ForeignKey("masterdata.FactRecord", models.PROTECT, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["sales_order", "-version_no"]
        constraints = [
            models.UniqueConstraint(name="estimate_version_unique", fields=["sales_order", "version_no"]),
            models.CheckConstraint(
                name="estimate_total_is_sum",
                condition=models.Q(
                    total=models.F("material") + models.F("labour") + models.F("machine") + models.F("subcontract")
                ),
            ),
        ]
        triggers = [pgtrigger.Protect(name="estimates_are_immutable", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"Estimate {self.version_no}: {self.total}"
