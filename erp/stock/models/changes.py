"""Changes of value without a move: revaluation, landed cost, a supplier invoice that differs."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils import timezone

from erp.stock.models.moves import StockMove
from masterdata.models import Material, Plant
from masterdata.models.fields import MoneyField, QuantityField, UnitPriceField


class ValueChange(models.Model):
    """Money that a material in a plant became worth more (+) or less (-), or that goods already used cost more or less.

    `move` is the receipt that it belongs to (none for a revaluation). `used_by` empty: `amount` went to the value of
    stock on hand; else to the order that used the goods, or to a variance when no order did. Immutable.
    """

    class Kind(models.TextChoices):
        REVALUATION = "revaluation", "Revaluation"
        LANDED_COST = "landed_cost", "Landed cost"
        INVOICE = "invoice", "Supplier invoice"

    kind = models.CharField(max_length=12, choices=Kind)
    material = models.ForeignKey(Material, models.PROTECT, related_name="+")
    plant = models.ForeignKey(Plant, models.PROTECT, related_name="+")
    move = models.ForeignKey(StockMove, models.PROTECT, null=True, blank=True, related_name="value_changes")
    used_by = models.ForeignKey(StockMove, models.PROTECT, null=True, blank=True, related_name="later_costs")
    is_stock = models.BooleanField(default=False, help_text="Went to the value of stock on hand")
    is_fee = models.BooleanField(default=False, db_default=False, help_text="Of a subcontractor's work, not material")
    quantity = QuantityField(help_text="Base units that it concerns")
    amount = MoneyField()
    unit_value = UnitPriceField(null=True, blank=True, help_text="New value per base unit, of a revaluation")
    reason = models.CharField(max_length=200, blank=True)
    source = models.CharField(max_length=80, help_text="Document that caused it: landed_cost:.., supplier_invoice:..")
    entry = models.ForeignKey("erp.JournalEntry", models.PROTECT, null=True, blank=True, related_name="value_changes")
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(name="value_change_by_material", fields=["material", "plant", "id"]),
            models.Index(name="value_change_by_user", fields=["used_by"], condition=Q(used_by__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(name="value_change_has_its_entry", condition=Q(amount=0) | Q(entry__isnull=False)),
            models.CheckConstraint(
                name="value_change_is_stock_or_used", condition=Q(is_stock=False) | Q(used_by__isnull=True)
            ),
            models.CheckConstraint(
                name="only_a_revaluation_has_no_receipt", condition=Q(kind="revaluation") | Q(move__isnull=False)
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="value_changes_are_immutable", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount}"
