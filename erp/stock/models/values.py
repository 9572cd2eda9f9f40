"""What stock is worth, per material and valuation area."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from masterdata.models import Material, Plant
from masterdata.models.fields import MoneyField, QuantityField


class MaterialValue(models.Model):
    """Quantity and value of a material in a valuation area: a plant's free stock, or one order's stock there.

    Moving average is value-first: an issue takes round(value * q / qty), issuing all takes all the value.
    """

    material = models.ForeignKey(Material, models.PROTECT, related_name="values")
    plant = models.ForeignKey(Plant, models.PROTECT, related_name="+")
    sales_order = models.ForeignKey("erp.SalesOrder", models.PROTECT, null=True, blank=True, related_name="+")
    quantity = QuantityField(default=0)
    value = MoneyField(default=0)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                name="one_value_per_material_and_area",
                fields=["material", "plant", "sales_order"],
                nulls_distinct=False,
            ),
            models.CheckConstraint(name="valued_quantity_not_negative", condition=Q(quantity__gte=0)),
            models.CheckConstraint(
                name="no_quantity_no_value", condition=Q(value__gte=0) & (Q(quantity__gt=0) | Q(value=0))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} worth {self.value}"
