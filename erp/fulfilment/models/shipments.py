"""Shipments: goods that go out to a customer."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from erp.sales.models import SalesOrder, SalesOrderLine
from masterdata.models import Plant
from masterdata.models.fields import CodeField, QuantityField


class Shipment(models.Model):
    """Goods out to a customer: packed (packages scanned), then shipped (posted)."""

    number = CodeField()
    order = models.ForeignKey(SalesOrder, models.PROTECT, related_name="shipments")
    plant = models.ForeignKey(Plant, models.PROTECT, related_name="+")
    packed_at = models.DateTimeField(default=timezone.now)
    shipped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.number


class ShipmentLine(models.Model):
    shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="lines")
    order_line = models.ForeignKey(SalesOrderLine, models.PROTECT, related_name="shipment_lines")
    quantity = QuantityField()

    class Meta:
        ordering = ["id"]
        constraints = [models.CheckConstraint(name="shipment_quantity_positive", condition=Q(quantity__gt=0))]

    def __str__(self) -> str:
        return f"{self.quantity}"
