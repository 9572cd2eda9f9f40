"""Packages of a shipment: what lies in each, by lot, and whether it is on the lorry."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from erp.fulfilment.models.shipments import Shipment, ShipmentLine
from erp.stock.models import Lot
from masterdata.models.fields import CodeField, QuantityField


class Package(models.Model):
    """A carton or pallet with a number of its own (18 digits as an SSCC, the last one checks). A pallet holds cartons.

    Loading a pallet loads what stands on it.
    """

    class Kind(models.TextChoices):
        CARTON = "carton", "Carton"
        PALLET = "pallet", "Pallet"

    number = CodeField()
    shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="packages")
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="inside")
    kind = models.CharField(max_length=6, choices=Kind, default=Kind.CARTON)
    weight_kg = models.DecimalField(max_digits=10, decimal_places=3, null=True, blank=True)
    length_mm = models.PositiveIntegerField(null=True, blank=True)
    width_mm = models.PositiveIntegerField(null=True, blank=True)
    height_mm = models.PositiveIntegerField(null=True, blank=True)
    loaded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(name="package_not_in_itself", condition=Q(parent__isnull=True) | ~Q(parent=F("id"))),
            models.CheckConstraint(
                name="package_weighs_something", condition=Q(weight_kg__isnull=True) | Q(weight_kg__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return self.number


class PackageContent(models.Model):
    """So much of a shipment line, of one lot, lies in a package."""

    package = models.ForeignKey(Package, models.PROTECT, related_name="contents")
    line = models.ForeignKey(ShipmentLine, models.PROTECT, related_name="contents")
    lot = models.ForeignKey(Lot, models.PROTECT, null=True, blank=True, related_name="+")
    quantity = QuantityField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                name="one_content_per_line_and_lot", fields=["package", "line", "lot"], nulls_distinct=False
            ),
            models.CheckConstraint(name="content_positive", condition=Q(quantity__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.quantity}"
