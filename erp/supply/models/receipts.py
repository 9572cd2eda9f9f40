"""Receipts: what suppliers delivered."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from erp.supply.models.purchases import PurchaseOrder, PurchaseOrderLine
from masterdata.models.fields import CodeField, MoneyField, QuantityField


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
