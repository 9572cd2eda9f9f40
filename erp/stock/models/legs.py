"""The view that quantity and value at any moment are summed from: what moves and changes did to places and areas."""

from __future__ import annotations

from django.db import models

from masterdata.models import Location, Material, Plant
from masterdata.models.fields import MoneyField, QuantityField


class StockLeg(models.Model):
    """One end of a move in stock or quarantine, or a change of value (without a place). Read only: a database view."""

    move_id = models.BigIntegerField(primary_key=True, help_text="Not unique: a move has up to two ends")
    plant = models.ForeignKey(Plant, models.DO_NOTHING, related_name="+")
    material = models.ForeignKey(Material, models.DO_NOTHING, related_name="+")
    owner = models.ForeignKey("erp.SalesOrder", models.DO_NOTHING, null=True, related_name="+")
    location = models.ForeignKey(Location, models.DO_NOTHING, null=True, related_name="+")
    quantity = QuantityField()
    value = MoneyField()
    at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "erp_stockleg"

    def __str__(self) -> str:
        return f"{self.quantity} worth {self.value}"
