"""Pick lists: one walk through the warehouse for one order, or for many."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from erp.sales.models import SalesOrder, SalesOrderLine
from erp.stock.models import Lot, Reservation
from masterdata.models import Location, Material, Plant, User
from masterdata.models.fields import CodeField, QuantityField


class StagingPlace(models.Model):
    """Where picked goods of a plant wait to be packed."""

    plant = models.OneToOneField(Plant, models.PROTECT, related_name="staging_place")
    location = models.ForeignKey(Location, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["plant"]

    def __str__(self) -> str:
        return f"{self.location_id}"


class PickList(models.Model):
    """What somebody fetches on one walk, in the order of places. Open until all of it is picked, short or let go."""

    number = CodeField()
    plant = models.ForeignKey(Plant, models.PROTECT, related_name="+")
    is_wave = models.BooleanField(default=False, help_text="For several orders")
    picker = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(name="open_pick_lists", fields=["plant"], condition=Q(closed_at__isnull=True))]

    def __str__(self) -> str:
        return self.number


class PickLine(models.Model):
    """`quantity` for an order line from one place (and lot). Free stock is kept by a hard `reservation`; what was made
    for the order is the order's own (`owner`).

    `short_qty` was not there; `gone_qty` of what was picked has left with a shipment.
    """

    pick_list = models.ForeignKey(PickList, models.PROTECT, related_name="lines")
    order_line = models.ForeignKey(SalesOrderLine, models.PROTECT, related_name="pick_lines")
    material = models.ForeignKey(Material, models.PROTECT, related_name="+")
    location = models.ForeignKey(Location, models.PROTECT, related_name="+")
    lot = models.ForeignKey(Lot, models.PROTECT, null=True, blank=True, related_name="+")
    owner = models.ForeignKey(SalesOrder, models.PROTECT, null=True, blank=True, related_name="+")
    reservation = models.ForeignKey(Reservation, models.PROTECT, null=True, blank=True, related_name="pick_lines")
    quantity = QuantityField()
    picked_qty = QuantityField(default=0)
    short_qty = QuantityField(default=0)
    gone_qty = QuantityField(default=0)
    picked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="picked_and_short_within_asked",
                condition=Q(quantity__gt=0, picked_qty__gte=0, short_qty__gte=0, gone_qty__gte=0)
                & Q(quantity__gte=F("picked_qty") + F("short_qty"))
                & Q(picked_qty__gte=F("gone_qty")),
            ),
            models.CheckConstraint(
                name="pick_from_order_or_reservation",
                condition=Q(owner__isnull=True, reservation__isnull=False)
                | Q(owner__isnull=False, reservation__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} of {self.material_id}"
