"""What stock is worth, per material and valuation area."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from masterdata.models import Material, MaterialCategory, Plant
from masterdata.models.fields import MoneyField, QuantityField, UnitPriceField


class MaterialValue(models.Model):
    """Quantity and value of a material in a valuation area: a plant's free stock, or one order's stock there.

    `method` is what it is valued by: its category's when it was last filled from nothing. At standard cost the value is
    round(quantity * standard_price) at any time.
    """

    Method = MaterialCategory.Valuation

    material = models.ForeignKey(Material, models.PROTECT, related_name="values")
    plant = models.ForeignKey(Plant, models.PROTECT, related_name="+")
    sales_order = models.ForeignKey("erp.SalesOrder", models.PROTECT, null=True, blank=True, related_name="+")
    quantity = QuantityField(default=0)
    value = MoneyField(default=0)
    method = models.CharField(max_length=16, choices=Method, default=Method.MOVING_AVERAGE)
    standard_price = UnitPriceField(default=0, help_text="Per base unit; only at standard cost")
    fee = MoneyField(default=0, db_default=0, help_text="How much of the value subcontractors asked for their work")

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
            models.CheckConstraint(name="fee_within_value", condition=Q(fee__gte=0, fee__lte=F("value"))),
            models.CheckConstraint(
                name="order_stock_at_moving_average", condition=Q(sales_order=None) | Q(method="moving_average")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} worth {self.value}"
