"""Receipts: what suppliers delivered."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from erp.supply.models.purchases import PurchaseOrder, PurchaseOrderLine
from masterdata.models import Location
from masterdata.models.fields import CodeField, MoneyField, QuantityField


class Receipt(models.Model):
    """Goods in: one supplier delivery, posted at once."""

    number = CodeField()
    order = models.ForeignKey(PurchaseOrder, models.PROTECT, related_name="receipts")
    location = models.ForeignKey(Location, models.PROTECT, null=True, blank=True, related_name="+")
    delivery_note = models.CharField(max_length=60, blank=True)
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.number


class ReceiptLine(models.Model):
    """What came of a purchase order line, in one lot; `returned_qty` of it went back."""

    receipt = models.ForeignKey(Receipt, models.PROTECT, related_name="lines")
    order_line = models.ForeignKey(PurchaseOrderLine, models.PROTECT, related_name="receipt_lines")
    quantity = QuantityField()
    value = MoneyField()
    lot = models.ForeignKey("erp.Lot", models.PROTECT, null=True, blank=True, related_name="+")
    move = models.OneToOneField("erp.StockMove", models.PROTECT, null=True, blank=True, related_name="receipt_line")
    returned_qty = QuantityField(default=0)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(name="receipt_quantity_positive", condition=Q(quantity__gt=0)),
            models.CheckConstraint(
                name="returned_within_received", condition=Q(returned_qty__gte=0, returned_qty__lte=F("quantity"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity}"


class SupplierReturn(models.Model):
    """Goods back to the supplier out of one receipt, posted at once at the value at which they came."""

    number = CodeField()
    receipt = models.ForeignKey(Receipt, models.PROTECT, related_name="returns")
    reason = models.CharField(max_length=200)
    is_replaced = models.BooleanField(help_text="The supplier sends others for it: the order line is open again")
    returned_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.number


class SupplierReturnLine(models.Model):
    """How much of a receipt line went back, and its part of the line's value."""

    supplier_return = models.ForeignKey(SupplierReturn, models.PROTECT, related_name="lines")
    receipt_line = models.ForeignKey(ReceiptLine, models.PROTECT, related_name="return_lines")
    quantity = QuantityField()
    value = MoneyField()
    move = models.OneToOneField("erp.StockMove", models.PROTECT, related_name="return_line")

    class Meta:
        ordering = ["id"]
        constraints = [models.CheckConstraint(name="return_quantity_positive", condition=Q(quantity__gt=0))]
        triggers = [pgtrigger.Protect(name="return_lines_are_immutable", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.quantity}"
