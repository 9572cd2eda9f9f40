"""Cost entries (posted) and cost estimates (versions)."""

from __future__ import annotations

from functools import reduce
from operator import add

import pgtrigger
from django.db import models
from django.utils import timezone

from erp.cost.models.rates import OverheadRule
from masterdata.models import Employee, LabourGrade, Machine, Material
from masterdata.models.fields import MoneyField, QuantityField, UnitPriceField


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
    OTHER = "other", "Other"


class CostEntry(models.Model):
    """What flowed into (+) or out of (-) work in progress, exactly one per WIP journal line; or what a sales order cost
    beside production, on a line of its own expense.

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
    quantity = QuantityField(
        null=True, blank=True, help_text="Base units, minutes for work, the amount that a percentage is of"
    )
    rate = UnitPriceField(null=True, blank=True, help_text="Money per hour, or per cent where an overhead is a share")
    basis = models.CharField(max_length=12, choices=OverheadRule.Basis, blank=True, db_default="")
    grade = models.ForeignKey(LabourGrade, models.PROTECT, null=True, blank=True, related_name="+")
    sales_order = models.ForeignKey(
        "erp.SalesOrder", models.PROTECT, null=True, blank=True, related_name="cost_entries"
    )
    work_order = models.ForeignKey("erp.WorkOrder", models.PROTECT, null=True, blank=True, related_name="cost_entries")
    operation = models.ForeignKey(
        "erp.WorkOrderOperation", models.PROTECT, null=True, blank=True, related_name="cost_entries"
    )
    material = models.ForeignKey(Material, models.PROTECT, null=True, blank=True, related_name="+")
    machine = models.ForeignKey(Machine, models.PROTECT, null=True, blank=True, related_name="+")
    worker = models.ForeignKey(
        Employee, models.PROTECT, null=True, blank=True, related_name="+", help_text="Whose report it came with"
    )
    person = models.ForeignKey(
        Employee, models.PROTECT, null=True, blank=True, related_name="+", help_text="Whose minutes or pieces these are"
    )
    pieces = QuantityField(null=True, blank=True, help_text="Good pieces that a piece rate pays, at `rate` each")
    posted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "cost entries"
        constraints = [
            models.CheckConstraint(
                name="cost_entry_belongs_to_somebody",
                condition=models.Q(work_order__isnull=False) | models.Q(sales_order__isnull=False),
            )
        ]
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
    overhead = MoneyField(default=0, db_default=0)
    subcontract = MoneyField(default=0, db_default=0)
    freight = MoneyField(default=0, db_default=0)
    installation = MoneyField(default=0, db_default=0)
    rework = MoneyField(default=0, db_default=0)
    penalty = MoneyField(default=0, db_default=0)
    other = MoneyField(default=0, db_default=0)
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
                condition=models.Q(total=reduce(add, (models.F(element) for element in Element.values))),
            ),
        ]
        triggers = [pgtrigger.Protect(name="estimates_are_immutable", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"Estimate {self.version_no}: {self.total}"
