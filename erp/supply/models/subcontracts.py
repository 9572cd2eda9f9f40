"""Subcontracting: what we supply for a purchase order line, where it lies until it is used, and its papers."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from erp.supply.models.planned import PlannedOrder
from erp.supply.models.purchases import PurchaseOrder, PurchaseOrderLine
from erp.supply.models.receipts import ReceiptLine
from masterdata.models import Location, Material, Partner, Plant
from masterdata.models.fields import CodeField, MoneyField, QuantityField


class SubcontractPlace(models.Model):
    """Where a plant's components lie at a supplier: they stay ours, nothing offers, nets or reserves them."""

    plant = models.ForeignKey(Plant, models.PROTECT, related_name="+")
    supplier = models.ForeignKey(Partner, models.PROTECT, related_name="+")
    location = models.OneToOneField(Location, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(name="one_place_per_plant_and_subcontractor", fields=["plant", "supplier"])
        ]

    def __str__(self) -> str:
        return f"{self.location_id}"


class SuppliedComponent(models.Model):
    """A component that we supply for a purchase order line: what the BOM said, or what was agreed instead.

    `quantity` of it per `base_qty` of the line's material, net of scrap; it has to be there `lead_days` before
    the goods come. What was sent lies at the supplier until it is used by a receipt or comes back. Without a quantity
    it is not supplied any more.
    """

    order_line = models.ForeignKey(PurchaseOrderLine, models.PROTECT, related_name="components")
    line_no = models.PositiveIntegerField()
    material = models.ForeignKey(Material, models.PROTECT, related_name="+")
    quantity = QuantityField()
    base_qty = QuantityField()
    scrap_percent = models.DecimalField(max_digits=6, decimal_places=3, default=0)
    lead_days = models.PositiveSmallIntegerField(default=0, help_text="Days before the goods come that it is needed")
    sent_qty = QuantityField(default=0)
    used_qty = QuantityField(default=0)
    returned_qty = QuantityField(default=0)

    class Meta:
        ordering = ["order_line", "line_no"]
        constraints = [
            models.UniqueConstraint(name="supplied_component_number_unique", fields=["order_line", "line_no"]),
            models.CheckConstraint(
                name="supplied_component_per_unit",
                condition=Q(quantity__gte=0, base_qty__gt=0, scrap_percent__gte=0, scrap_percent__lt=100),
            ),
            models.CheckConstraint(
                name="supplied_component_used_within_sent",
                condition=Q(used_qty__gte=0, returned_qty__gte=0, sent_qty__gte=F("used_qty") + F("returned_qty")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_line_id}/{self.line_no}"


class ComponentDemand(models.Model):
    """What a supplied component needs of its line now: a database view over lines and components. Read only.

    `there` lies at the supplier; `to_send` is `needed` less what should be used for what came and what is there. The id
    is the component's.
    """

    component = models.OneToOneField(SuppliedComponent, models.DO_NOTHING, related_name="demand")
    order_line = models.ForeignKey(PurchaseOrderLine, models.DO_NOTHING, related_name="+")
    order = models.ForeignKey(PurchaseOrder, models.DO_NOTHING, related_name="component_demands")
    plant = models.ForeignKey(Plant, models.DO_NOTHING, related_name="+")
    supplier = models.ForeignKey(Partner, models.DO_NOTHING, related_name="+")
    material = models.ForeignKey(Material, models.DO_NOTHING, related_name="+")
    needed = QuantityField()
    should_have_used = QuantityField()
    there = QuantityField()
    to_send = QuantityField()
    send_on = models.DateField()

    class Meta:
        managed = False
        db_table = "erp_componentdemand"
        ordering = ["send_on", "component"]

    def __str__(self) -> str:
        return f"{self.to_send}"


class PlannedComponent(models.Model):
    """What a planned order that goes to a subcontractor needs of a component; material planning writes it."""

    planned_order = models.ForeignKey(PlannedOrder, models.CASCADE, related_name="components")
    material = models.ForeignKey(Material, models.PROTECT, related_name="+")
    quantity = QuantityField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(name="planned_component_once", fields=["planned_order", "material"]),
            models.CheckConstraint(name="planned_component_positive", condition=Q(quantity__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.quantity}"


class SubcontractNote(models.Model):
    """Components that went to a subcontractor, or (`is_return`) came back, posted at once."""

    number = CodeField()
    order = models.ForeignKey(PurchaseOrder, models.PROTECT, related_name="subcontract_notes")
    is_return = models.BooleanField(default=False)
    moved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.number


class SubcontractNoteLine(models.Model):
    """How much of a component moved, out of one place and lot."""

    note = models.ForeignKey(SubcontractNote, models.PROTECT, related_name="lines")
    component = models.ForeignKey(SuppliedComponent, models.PROTECT, related_name="note_lines")
    quantity = QuantityField()
    move = models.OneToOneField("erp.StockMove", models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [models.CheckConstraint(name="subcontract_note_quantity_positive", condition=Q(quantity__gt=0))]
        triggers = [
            pgtrigger.Protect(name="subcontract_notes_are_immutable", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.quantity}"


class ComponentUse(models.Model):
    """What a receipt line used of a component, and the value that went into the goods received."""

    receipt_line = models.ForeignKey(ReceiptLine, models.PROTECT, related_name="component_uses")
    component = models.ForeignKey(SuppliedComponent, models.PROTECT, related_name="uses")
    quantity = QuantityField()
    value = MoneyField()
    move = models.OneToOneField("erp.StockMove", models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [models.CheckConstraint(name="component_use_positive", condition=Q(quantity__gt=0, value__gte=0))]
        triggers = [
            pgtrigger.Protect(name="component_uses_are_immutable", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.quantity}"
