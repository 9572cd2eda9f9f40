"""Shipments: goods that go out to a customer, how an order is to be shipped, and what came of it at the door."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from erp.sales.models import SalesOrder, SalesOrderLine
from masterdata.models import Address, Partner, Plant, User
from masterdata.models.fields import CodeField, QuantityField


class OrderShipping(models.Model):
    """How an order is shipped; an order without a row goes in parts, to the customer's address, as ordered.

    `over_percent`: that much more of a line may be shipped and is charged; `under_percent`: a line of which only so
    much is missing may be closed. `ship_from`: lines of other plants are brought there first.
    """

    class Complete(models.TextChoices):
        PARTIAL = "partial", "In parts"
        LINE = "line", "Each line whole"
        ORDER = "order", "All together"

    order = models.OneToOneField(SalesOrder, models.PROTECT, related_name="shipping")
    complete = models.CharField(max_length=8, choices=Complete, default=Complete.PARTIAL)
    address = models.ForeignKey(Address, models.PROTECT, null=True, blank=True, related_name="+")
    carrier = models.ForeignKey(Partner, models.PROTECT, null=True, blank=True, related_name="+")
    delivery_terms = models.CharField(max_length=80, blank=True, help_text="As DAP Hamburg")
    over_percent = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    under_percent = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    ship_from = models.ForeignKey(Plant, models.PROTECT, null=True, blank=True, related_name="+")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["order"]
        constraints = [
            models.CheckConstraint(
                name="shipping_tolerance_is_a_percentage",
                condition=Q(over_percent__gte=0, over_percent__lte=100, under_percent__gte=0, under_percent__lte=100),
            ),
        ]

    def __str__(self) -> str:
        return self.complete


class Shipment(models.Model):
    """Goods out to a customer: packed, loaded, then shipped (posted). With packages, each is scanned at loading."""

    number = CodeField()
    order = models.ForeignKey(SalesOrder, models.PROTECT, related_name="shipments")
    plant = models.ForeignKey(Plant, models.PROTECT, related_name="+")
    address = models.ForeignKey(Address, models.PROTECT, null=True, blank=True, related_name="+")
    carrier = models.ForeignKey(Partner, models.PROTECT, null=True, blank=True, related_name="+")
    tracking_no = models.CharField(max_length=60, blank=True, db_default="", default="")
    delivery_terms = models.CharField(max_length=80, blank=True, db_default="", default="")
    is_scanned = models.BooleanField(default=False, db_default=False, help_text="Packed by scan, package by package")
    packed_at = models.DateTimeField(default=timezone.now)
    shipped_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1, db_default=1)

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


class Delivery(models.Model):
    """The shipment is at the customer: when, who took it, and his signature or a photograph as proof. Kept as it is."""

    shipment = models.OneToOneField(Shipment, models.PROTECT, related_name="delivery")
    delivered_at = models.DateTimeField()
    received_by = models.CharField(max_length=120)
    note = models.CharField(max_length=200, blank=True)
    proof = models.BinaryField(null=True, blank=True)
    proof_type = models.CharField(max_length=20, blank=True, help_text="image/png or image/jpeg")
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "deliveries"
        constraints = [
            models.CheckConstraint(
                name="proof_has_its_type",
                condition=Q(proof__isnull=True) | Q(proof_type__in=["image/png", "image/jpeg"]),
            ),
        ]

    def __str__(self) -> str:
        return self.received_by
