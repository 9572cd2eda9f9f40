"""Why a work order at standard cost cost something else than its standard: one row per kind, with its causes."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from erp.ledger.models import Account
from masterdata.models import Material
from masterdata.models.fields import MoneyField, QuantityField


class VarianceEntry(models.Model):
    """`amount` = `actual` - `planned` (company currency), above zero when it cost more; one per kind and work order.

    `other` is what remains: rounding, and a BOM or routing that differs from the one that the standard was made of.
    """

    class Kind(models.TextChoices):
        PRICE = "price", _("Price of material")
        USAGE = "usage", _("Usage of material")
        RATE = "rate", _("Rate of labour and machine")
        LABOUR = "labour", _("Labour efficiency")
        MACHINE = "machine", _("Machine efficiency")
        OVERHEAD = "overhead", _("Overhead")
        YIELD = "yield", _("Yield")
        OTHER = "other", _("Other")

    work_order = models.ForeignKey("erp.WorkOrder", models.PROTECT, related_name="variances")
    kind = models.CharField(max_length=8, choices=Kind)
    planned = MoneyField()
    actual = MoneyField()
    amount = MoneyField()
    journal_line = models.OneToOneField("erp.JournalLine", models.PROTECT, null=True, blank=True, related_name="+")
    posted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["work_order", "id"]
        verbose_name_plural = "variance entries"
        constraints = [
            models.UniqueConstraint(name="one_variance_of_a_kind", fields=["work_order", "kind"]),
            models.CheckConstraint(
                name="variance_is_a_difference", condition=models.Q(amount=models.F("actual") - models.F("planned"))
            ),
        ]
        triggers = [pgtrigger.Protect(name="variances_are_immutable", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount}"


class VarianceCause(models.Model):
    """A material or an operation behind a variance: how much of it was planned for what was made, and how much it was.

    Quantities are base units of the material, or minutes of the operation.
    """

    variance = models.ForeignKey(VarianceEntry, models.PROTECT, related_name="causes")
    material = models.ForeignKey(Material, models.PROTECT, null=True, blank=True, related_name="+")
    operation = models.ForeignKey("erp.WorkOrderOperation", models.PROTECT, null=True, blank=True, related_name="+")
    planned_qty = QuantityField()
    actual_qty = QuantityField()
    planned = MoneyField()
    actual = MoneyField()

    class Meta:
        ordering = ["variance", "id"]
        triggers = [pgtrigger.Protect(name="causes_are_immutable", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.planned} -> {self.actual}"


ACCOUNT: dict[str, str] = {
    VarianceEntry.Kind.PRICE: Account.Role.PRICE_VARIANCE,
    VarianceEntry.Kind.USAGE: Account.Role.USAGE_VARIANCE,
    VarianceEntry.Kind.RATE: Account.Role.RATE_VARIANCE,
    VarianceEntry.Kind.LABOUR: Account.Role.LABOUR_EFFICIENCY,
    VarianceEntry.Kind.MACHINE: Account.Role.MACHINE_EFFICIENCY,
    VarianceEntry.Kind.OVERHEAD: Account.Role.OVERHEAD_VARIANCE,
    VarianceEntry.Kind.YIELD: Account.Role.YIELD_VARIANCE,
    VarianceEntry.Kind.OTHER: Account.Role.PRODUCTION_VARIANCE,
}
