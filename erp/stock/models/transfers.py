"""Goods between two plants of a company: sent, in transit, arrived, or lost on the way."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from erp.stock.models.lots import Lot
from masterdata.models import Location, Material, Plant
from masterdata.models.fields import CodeField, MoneyField, QuantityField


class Transfer(models.Model):
    """One journey. Goods that have left and not arrived are in transit, at the value that they left with."""

    number = CodeField()
    plant = models.ForeignKey(Plant, models.PROTECT, related_name="+", help_text="Sends")
    to_plant = models.ForeignKey(Plant, models.PROTECT, related_name="+")
    note = models.CharField(max_length=200, blank=True)
    expected_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True, help_text="Everything has arrived or is given up")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="transfer_between_two_plants", condition=~Q(plant=F("to_plant"))),
        ]

    def __str__(self) -> str:
        return self.number


class TransferLine(models.Model):
    """A material (and lot) of the journey; quantities in base units, values in the company's currency."""

    transfer = models.ForeignKey(Transfer, models.PROTECT, related_name="lines")
    line_no = models.PositiveIntegerField()
    material = models.ForeignKey(Material, models.PROTECT, related_name="+")
    lot = models.ForeignKey(Lot, models.PROTECT, null=True, blank=True, related_name="+")
    source = models.ForeignKey(Location, models.PROTECT, related_name="+")
    quantity = QuantityField()
    value = MoneyField()
    arrived_qty = QuantityField(default=0)
    arrived_value = MoneyField(default=0)
    lost_qty = QuantityField(default=0)
    lost_value = MoneyField(default=0)

    class Meta:
        ordering = ["transfer", "line_no"]
        constraints = [
            models.UniqueConstraint(name="transfer_line_number_unique", fields=["transfer", "line_no"]),
            models.CheckConstraint(
                name="arrived_and_lost_within_sent",
                condition=Q(quantity__gt=0, arrived_qty__gte=0, lost_qty__gte=0, value__gte=0)
                & Q(quantity__gte=F("arrived_qty") + F("lost_qty"))
                & Q(value__gte=F("arrived_value") + F("lost_value")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.transfer_id}/{self.line_no}"
