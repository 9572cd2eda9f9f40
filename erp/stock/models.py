"""Stock moves (append-only), balances, material values, reservations and owed issues.

Order stock: what is made for a sales order is kept, valued and shipped under that order (`sales_order` set on balance
and value), so that its cost reaches no other order. `sales_order` empty is free stock, valued at moving average per
plant.
"""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from masterdata.models import Location, Material, Plant
from masterdata.models.fields import MoneyField, QuantityField


class StockMove(models.Model):
    """`quantity` > 0 of a material from one location to another, with the value that moved (company currency)."""

    class Kind(models.TextChoices):
        OPENING = "opening", "Opening"
        RECEIPT = "receipt", "Receipt from supplier"
        ISSUE = "issue", "Issue to production"
        OUTPUT = "output", "Output of production"
        SHIPMENT = "shipment", "Shipment"
        ADJUSTMENT = "adjustment", "Adjustment"
        RELEASE = "release", "Order stock set free"

    kind = models.CharField(max_length=12, choices=Kind)
    material = models.ForeignKey(Material, models.PROTECT, related_name="+")
    plant = models.ForeignKey(Plant, models.PROTECT, related_name="+")
    source = models.ForeignKey(Location, models.PROTECT, related_name="+")
    target = models.ForeignKey(Location, models.PROTECT, related_name="+")
    source_order = models.ForeignKey("erp.SalesOrder", models.PROTECT, null=True, blank=True, related_name="+")
    target_order = models.ForeignKey("erp.SalesOrder", models.PROTECT, null=True, blank=True, related_name="+")
    quantity = QuantityField()
    value = MoneyField()
    entry = models.ForeignKey("erp.JournalEntry", models.PROTECT, null=True, blank=True, related_name="stock_moves")
    work_order = models.ForeignKey("erp.WorkOrder", models.PROTECT, null=True, blank=True, related_name="stock_moves")
    purchase_order_line = models.ForeignKey(
        "erp.PurchaseOrderLine", models.PROTECT, null=True, blank=True, related_name="stock_moves"
    )
    sales_order_line = models.ForeignKey(
        "erp.SalesOrderLine", models.PROTECT, null=True, blank=True, related_name="stock_moves"
    )
    moved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(name="move_by_material", fields=["material", "plant", "id"]),
        ]
        constraints = [
            models.CheckConstraint(name="move_quantity_positive", condition=Q(quantity__gt=0)),
            models.CheckConstraint(name="move_value_not_negative", condition=Q(value__gte=0)),
            models.CheckConstraint(name="valued_move_has_its_entry", condition=Q(value=0) | Q(entry__isnull=False)),
        ]
        triggers = [pgtrigger.Protect(name="stock_moves_are_immutable", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.kind} {self.quantity} of {self.material_id}"


class StockBalance(models.Model):
    """On hand and reserved per material, location and owner order. Equals the sum of moves and of open reservations."""

    material = models.ForeignKey(Material, models.PROTECT, related_name="balances")
    plant = models.ForeignKey(Plant, models.PROTECT, related_name="+")
    location = models.ForeignKey(Location, models.PROTECT, related_name="balances")
    sales_order = models.ForeignKey("erp.SalesOrder", models.PROTECT, null=True, blank=True, related_name="order_stock")
    on_hand = QuantityField(default=0)
    reserved = QuantityField(default=0)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                name="one_balance_per_place_and_owner",
                fields=["material", "location", "sales_order"],
                nulls_distinct=False,
            ),
            models.CheckConstraint(name="stock_never_negative", condition=Q(on_hand__gte=0)),
            models.CheckConstraint(
                name="reserved_within_on_hand", condition=Q(reserved__gte=0) & Q(reserved__lte=F("on_hand"))
            ),
        ]
        indexes = [models.Index(name="balance_by_material", fields=["plant", "material"])]

    def __str__(self) -> str:
        return f"{self.on_hand} of {self.material_id} in {self.location_id}"


class MaterialValue(models.Model):
    """Quantity and value of a material in a valuation area: a plant's free stock, or one order's stock there.

    Moving average is value-first: an issue takes round(value * q / qty), issuing all takes all the value.
    """

    material = models.ForeignKey(Material, models.PROTECT, related_name="values")
    plant = models.ForeignKey(Plant, models.PROTECT, related_name="+")
    sales_order = models.ForeignKey("erp.SalesOrder", models.PROTECT, null=True, blank=True, related_name="+")
    quantity = QuantityField(default=0)
    value = MoneyField(default=0)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                name="one_value_per_material_and_area",
                fields=["material", "plant", "sales_order"],
                nulls_distinct=False,
            ),
            models.CheckConstraint(name="valued_quantity_not_negative", condition=Q(quantity__gte=0)),
            models.CheckConstraint(
                name="no_quantity_no_value", condition=Q(value__gte=0) & (Q(quantity__gt=0) | Q(value=0))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} worth {self.value}"


class Reservation(models.Model):
    """Free stock kept for a work order's material or a sales order line (exactly one). `quantity` is what is left."""

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
    quantity = QuantityField()
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(name="open_reservations", fields=["balance"], condition=Q(quantity__gt=0))]
        constraints = [
            models.CheckConstraint(name="reservation_not_negative", condition=Q(quantity__gte=0)),
            models.CheckConstraint(
                name="reservation_has_one_demand",
                condition=Q(work_order_material__isnull=False) ^ Q(sales_order_line__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.quantity}"


class OwedIssue(models.Model):
    """A component that pieces really made have used although none was booked: valued into WIP against clearing.

    Settled by the next receipt or count; while open it blocks the work order's close.
    """

    work_order_material = models.ForeignKey("erp.WorkOrderMaterial", models.PROTECT, related_name="owed_issues")
    quantity = QuantityField()
    value = MoneyField()
    settled_qty = QuantityField(default=0)
    opened_at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="owed_issue_settled_within",
                condition=Q(quantity__gt=0) & Q(settled_qty__gte=0) & Q(settled_qty__lte=F("quantity")),
            ),
        ]

    def __str__(self) -> str:
        return f"owed {self.quantity}"
