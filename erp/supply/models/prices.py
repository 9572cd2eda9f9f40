"""What suppliers ask for their materials."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from masterdata.models import Material, Partner, Unit
from masterdata.models.fields import QuantityField, UnitPriceField


class SupplierPrice(models.Model):
    """What a supplier asks per purchase unit, how long it takes, and the least and most it sells (purchase units)."""

    supplier = models.ForeignKey(Partner, models.PROTECT, related_name="supplier_prices")
    material = models.ForeignKey(Material, models.PROTECT, related_name="supplier_prices")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    price = UnitPriceField(help_text="Per purchase unit")
    lead_time_days = models.PositiveSmallIntegerField()
    min_quantity = QuantityField(default=0)
    max_quantity = QuantityField(null=True, blank=True)

    class Meta:
        ordering = ["material", "supplier"]
        constraints = [
            models.UniqueConstraint(name="one_price_per_supplier_and_material", fields=["supplier", "material"]),
            models.CheckConstraint(name="supplier_price_not_negative", condition=Q(price__gte=0)),
        ]

    def __str__(self) -> str:
        return f"{self.price} per {self.unit_id}"
