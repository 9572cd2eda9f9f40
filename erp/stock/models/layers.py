"""FIFO: what is left of each receipt in a valuation area, and which move took how much of it."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q

from erp.stock.models.moves import StockMove
from erp.stock.models.values import MaterialValue
from masterdata.models.fields import MoneyField, QuantityField


class ValueLayer(models.Model):
    """What is left of what one move brought into an area valued first in, first out. The oldest layer goes first."""

    area = models.ForeignKey(MaterialValue, models.PROTECT, related_name="layers")
    move = models.ForeignKey(
        StockMove, models.PROTECT, null=True, blank=True, related_name="layers", help_text="Brought it"
    )
    quantity = QuantityField()
    value = MoneyField()

    class Meta:
        ordering = ["area", "id"]
        constraints = [
            models.CheckConstraint(
                name="layer_never_negative",
                condition=Q(quantity__gte=0) & Q(value__gte=0) & (Q(quantity__gt=0) | Q(value=0)),
            )
        ]
        indexes = [models.Index(name="layers_open", fields=["area", "id"], condition=Q(quantity__gt=0))]

    def __str__(self) -> str:
        return f"{self.quantity} worth {self.value}"


class LayerUse(models.Model):
    """The part of a layer that a move took; negative when a reversal gave it back. Immutable."""

    layer = models.ForeignKey(ValueLayer, models.PROTECT, related_name="uses")
    move = models.ForeignKey(StockMove, models.PROTECT, related_name="layer_uses")
    quantity = QuantityField()
    value = MoneyField()

    class Meta:
        ordering = ["id"]
        constraints = [models.CheckConstraint(name="layer_use_of_something", condition=~Q(quantity=0))]
        triggers = [pgtrigger.Protect(name="layer_uses_are_immutable", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.quantity} worth {self.value}"
