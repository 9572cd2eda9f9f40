"""What is on hand where, and how much of it is reserved."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models
from django.db.models import Deferrable, F, Q

from erp.stock.models.lots import Lot
from masterdata.models import Location, Material, Plant
from masterdata.models.fields import QuantityField


class StockBalance(models.Model):
    """On hand and reserved per material, location, owner order and lot.

    Equals the sum of moves and of open reservations. `is_serial` repeats the lot's kind, for the constraints: a serial
    number is one piece in one place.
    """

    material = models.ForeignKey(Material, models.PROTECT, related_name="balances")
    plant = models.ForeignKey(Plant, models.PROTECT, related_name="+")
    location = models.ForeignKey(Location, models.PROTECT, related_name="balances")
    sales_order = models.ForeignKey("erp.SalesOrder", models.PROTECT, null=True, blank=True, related_name="order_stock")
    lot = models.ForeignKey(Lot, models.PROTECT, null=True, blank=True, related_name="balances")
    is_serial = models.BooleanField(default=False)
    on_hand = QuantityField(default=0)
    reserved = QuantityField(default=0)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                name="one_balance_per_place_and_owner",
                fields=["material", "location", "sales_order", "lot"],
                nulls_distinct=False,
            ),
            models.CheckConstraint(name="stock_never_negative", condition=Q(on_hand__gte=0)),
            models.CheckConstraint(
                name="serial_number_is_one_piece",
                condition=Q(is_serial=False) | (Q(lot__isnull=False) & Q(on_hand__in=[0, 1])),
            ),
            ExclusionConstraint(
                name="serial_number_in_one_place",
                expressions=[("lot", "=")],
                condition=Q(is_serial=True, on_hand__gt=0),
                deferrable=Deferrable.IMMEDIATE,
            ),
            models.CheckConstraint(
                name="reserved_within_on_hand", condition=Q(reserved__gte=0) & Q(reserved__lte=F("on_hand"))
            ),
        ]
        indexes = [models.Index(name="balance_by_material", fields=["plant", "material"])]

    def __str__(self) -> str:
        return f"{self.on_hand} of {self.material_id} in {self.location_id}"
