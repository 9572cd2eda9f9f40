"""Supplier prices, purchase orders, receipts, planned orders and pegs."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from masterdata.models import Material, Partner, Plant, Unit
from masterdata.models.fields import CodeField, MoneyField, QuantityField, UnitPriceField


class SupplierPrice(models.Model):
    """What a supplier asks per purchase unit, how long it takes, and the least and most it sells (purchase units)."""

    supplier = models.ForeignKey(Partner, models.PROTECT, related_name="supplier_prices")
    material = models.ForeignKey(Material, models.PROTECT, related_name="supplier_prices")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    price = UnitPriceField(help_text="Per purchase unit")
    lead_time_days = models.PositiveSmallIntegerField()
    min_quantity = QuantityField(default=0)
    max_quantity = QuantityField(null=True, blank=True)

    class Meta:
        ordering = ["material", "supplier"]
        constraints = [
            models.UniqueConstraint(name="one_price_per_supplier_and_material", fields=["supplier", "material"]),
            models.CheckConstraint(name="supplier_price_not_negative", condition=Q(price__gte=0)),
        ]

    def __str__(self) -> str:
        return f"{self.price} per {self.unit_id}"


class PurchaseOrder(models.Model):
    """An order to a supplier; how far it is follows from its lines' quantities."""

    number = CodeField()
    plant = models.ForeignKey(Plant, models.PROTECT, related_name="+")
    supplier = models.ForeignKey(Partner, models.PROTECT, related_name="purchase_orders")
    ordered_at = models.DateTimeField(default=timezone.now)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.number


class PurchaseOrderLine(models.Model):
    """`quantity` in base units at `unit_price` per base unit; `due_at` is ordered + lead time."""

    order = models.ForeignKey(PurchaseOrder, models.PROTECT, related_name="lines")
    line_no = models.PositiveIntegerField()
    material = models.ForeignKey(Material, models.PROTECT, related_name="+")
    quantity = QuantityField()
    unit_price = UnitPriceField()
    due_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True, help_text="Date that the supplier confirmed")
    received_qty = QuantityField(default=0)
    pegged_qty = QuantityField(default=0, help_text="Still to come and already for a demand: what its open pegs sum to")

    class Meta:
        ordering = ["order", "line_no"]
        constraints = [
            models.UniqueConstraint(name="purchase_line_number_unique", fields=["order", "line_no"]),
            models.CheckConstraint(
                name="purchase_quantity_positive", condition=Q(quantity__gt=0) & Q(unit_price__gte=0)
            ),
            models.CheckConstraint(
                name="received_within_ordered", condition=Q(received_qty__gte=0) & Q(received_qty__lte=F("quantity"))
            ),
            models.CheckConstraint(
                name="pegged_within_what_is_to_come",
                condition=Q(pegged_qty__gte=0) & Q(pegged_qty__lte=F("quantity") - F("received_qty")),
            ),
        ]
        indexes = [
            models.Index(name="purchase_lines_open", fields=["material"], condition=Q(received_qty__lt=F("quantity")))
        ]

    def __str__(self) -> str:
        return f"{self.order_id}/{self.line_no}"


class Receipt(models.Model):
    """Goods in: one supplier delivery, posted at once."""

    number = CodeField()
    order = models.ForeignKey(PurchaseOrder, models.PROTECT, related_name="receipts")
    delivery_note = models.CharField(max_length=60, blank=True)
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.number


class ReceiptLine(models.Model):
    receipt = models.ForeignKey(Receipt, models.PROTECT, related_name="lines")
    order_line = models.ForeignKey(PurchaseOrderLine, models.PROTECT, related_name="receipt_lines")
    quantity = QuantityField()
    value = MoneyField()

    class Meta:
        ordering = ["id"]
        constraints = [models.CheckConstraint(name="receipt_quantity_positive", condition=Q(quantity__gt=0))]

    def __str__(self) -> str:
        return f"{self.quantity}"


class PlannedOrder(models.Model):
    """What buying (or a transfer) should bring and nobody has ordered: no supplier price, or below safety stock."""

    class Kind(models.TextChoices):
        BUY = "buy", "Buy"
        TRANSFER = "transfer", "Transfer"

    plant = models.ForeignKey(Plant, models.PROTECT, related_name="+")
    material = models.ForeignKey(Material, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.BUY)
    quantity = QuantityField()
    due_at = models.DateTimeField()
    problem = models.CharField(max_length=200, blank=True, help_text="Why no purchase order was written")
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.CheckConstraint(name="planned_quantity_positive", condition=Q(quantity__gt=0))]

    def __str__(self) -> str:
        return f"{self.kind} {self.quantity}"


class Peg(models.Model):
    """`quantity` of one supply that is for one demand; exactly one of each. Open until the supply is received."""

    work_order = models.ForeignKey("erp.WorkOrder", models.PROTECT, null=True, blank=True, related_name="pegs")
    purchase_order_line = models.ForeignKey(
        PurchaseOrderLine, models.PROTECT, null=True, blank=True, related_name="pegs"
    )
    planned_order = models.ForeignKey(PlannedOrder, models.PROTECT, null=True, blank=True, related_name="pegs")
    work_order_material = models.ForeignKey(
        "erp.WorkOrderMaterial", models.PROTECT, null=True, blank=True, related_name="pegs"
    )
    sales_order_line = models.ForeignKey(
        "erp.SalesOrderLine", models.PROTECT, null=True, blank=True, related_name="pegs"
    )
    quantity = QuantityField()
    received_qty = QuantityField(default=0)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="peg_quantity_within",
                condition=Q(quantity__gt=0) & Q(received_qty__gte=0) & Q(received_qty__lte=F("quantity")),
            ),
            models.CheckConstraint(
                name="peg_has_one_supply",
                condition=(
                    Q(work_order__isnull=False, purchase_order_line__isnull=True, planned_order__isnull=True)
                    | Q(work_order__isnull=True, purchase_order_line__isnull=False, planned_order__isnull=True)
                    | Q(work_order__isnull=True, purchase_order_line__isnull=True, planned_order__isnull=False)
                ),
            ),
            models.CheckConstraint(
                name="peg_has_one_demand",
                condition=Q(work_order_material__isnull=False) ^ Q(sales_order_line__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"peg {self.quantity}"
