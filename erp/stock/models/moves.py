"""Stock moves, append-only."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from erp.stock.models.lots import Lot
from masterdata.models import Location, Material, Plant, ReasonCode
from masterdata.models.fields import MoneyField, QuantityField


class StockMove(models.Model):
    """`quantity` > 0 of a material from one location to another, with the value that moved (company currency).

    What stays in its plant and with its owner moves without value: the valuation area keeps it. `value` leaves the
    source, `value - difference` arrives at the target: the difference went to a variance account.
    """

    class Kind(models.TextChoices):
        OPENING = "opening", "Opening"
        RECEIPT = "receipt", "Receipt from supplier"
        ISSUE = "issue", "Issue to production"
        OUTPUT = "output", "Output of production"
        BYPRODUCT = "byproduct", "By-product of production"
        SHIPMENT = "shipment", "Shipment"
        ADJUSTMENT = "adjustment", "Adjustment"
        RELEASE = "release", "Order stock set free"
        TRANSFER = "transfer", "Moved inside the plant"
        CUT = "cut", "Remnant of a cut"
        SENT = "sent", "Sent to another plant"
        ARRIVED = "arrived", "Arrived from another plant"
        LOST = "lost", "Lost on the way"
        SCRAP = "scrap", "Scrapped"
        REVERSAL = "reversal", "Reversal"
        RETURN = "return", "Returned to supplier"
        USED = "used", "Used by a subcontractor"
        PUT_BACK = "put_back", "Given back by production"
        CAME_BACK = "came_back", "Came back from a customer"

    kind = models.CharField(max_length=12, choices=Kind)
    material = models.ForeignKey(Material, models.PROTECT, related_name="+")
    plant = models.ForeignKey(Plant, models.PROTECT, related_name="+")
    source = models.ForeignKey(Location, models.PROTECT, related_name="+")
    target = models.ForeignKey(Location, models.PROTECT, related_name="+")
    source_order = models.ForeignKey("erp.SalesOrder", models.PROTECT, null=True, blank=True, related_name="+")
    target_order = models.ForeignKey("erp.SalesOrder", models.PROTECT, null=True, blank=True, related_name="+")
    lot = models.ForeignKey(Lot, models.PROTECT, null=True, blank=True, related_name="moves")
    target_lot = models.ForeignKey(
        Lot, models.PROTECT, null=True, blank=True, related_name="+", help_text="When it becomes another lot"
    )
    quantity = QuantityField()
    value = MoneyField()
    difference = MoneyField(default=0, help_text="Went to a variance: arrived is value less difference")
    fee = MoneyField(default=0, db_default=0, help_text="How much of it is what a subcontractor asked for his work")
    reverses = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="reversed_by")
    entry = models.ForeignKey("erp.JournalEntry", models.PROTECT, null=True, blank=True, related_name="stock_moves")
    work_order = models.ForeignKey("erp.WorkOrder", models.PROTECT, null=True, blank=True, related_name="stock_moves")
    purchase_order_line = models.ForeignKey(
        "erp.PurchaseOrderLine", models.PROTECT, null=True, blank=True, related_name="stock_moves"
    )
    sales_order_line = models.ForeignKey(
        "erp.SalesOrderLine", models.PROTECT, null=True, blank=True, related_name="stock_moves"
    )
    reason = models.ForeignKey(ReasonCode, models.PROTECT, null=True, blank=True, related_name="+")
    note = models.CharField(max_length=200, blank=True)
    moved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(name="move_by_material", fields=["material", "plant", "id"]),
            models.Index(name="move_by_lot", fields=["lot"], condition=Q(lot__isnull=False)),
            models.Index(name="move_into_lot", fields=["target_lot"], condition=Q(target_lot__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(name="move_quantity_positive", condition=Q(quantity__gt=0)),
            models.CheckConstraint(
                name="move_value_not_negative", condition=Q(value__gte=0) & Q(difference__lte=F("value"))
            ),
            models.CheckConstraint(name="move_fee_within_value", condition=Q(fee__gte=0, fee__lte=F("value"))),
            models.CheckConstraint(
                name="only_a_reversal_reverses", condition=Q(kind="reversal") | Q(reverses__isnull=True)
            ),
            models.CheckConstraint(
                name="valued_move_has_its_entry", condition=Q(value=0, difference=0) | Q(entry__isnull=False)
            ),
        ]
        triggers = [pgtrigger.Protect(name="stock_moves_are_immutable", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.kind} {self.quantity} of {self.material_id}"
