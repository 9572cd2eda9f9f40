"""Units of measure and conversions."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from masterdata.models.fields import CodeField, QuantityField


class Unit(models.Model):
    """A unit; quantities in it round up to `rounding` (1 for pieces, 0.001 for kilograms)."""

    code = CodeField(max_length=12)
    name = models.CharField(max_length=60)
    rounding = QuantityField(default=1)

    class Meta:
        ordering = ["code"]
        constraints = [models.CheckConstraint(name="unit_rounding_positive", condition=Q(rounding__gt=0))]

    def __str__(self) -> str:
        return self.code


class UnitConversion(models.Model):
    """How many base units of a material one `unit` holds; without a material it holds for all materials of `base`."""

    material = models.ForeignKey(
        "masterdata.Material", models.CASCADE, null=True, blank=True, related_name="unit_conversions"
    )
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    base = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+")
    base_units_per_unit = QuantityField()

    class Meta:
        ordering = ["unit"]
        constraints = [
            models.UniqueConstraint(
                name="one_conversion_per_unit", fields=["material", "unit", "base"], nulls_distinct=False
            ),
            models.CheckConstraint(name="conversion_positive", condition=Q(base_units_per_unit__gt=0)),
            models.CheckConstraint(
                name="conversion_for_material_or_base", condition=Q(material__isnull=False) ^ Q(base__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"1 {self.unit_id} = {self.base_units_per_unit}"
