"""Materials: what is bought, made, stored and sold."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from masterdata.models.fields import CodeField, QuantityField, UnitPriceField
from masterdata.models.money import TaxCode
from masterdata.models.places import Plant
from masterdata.models.units import Unit


class MaterialCategory(models.Model):
    """A group of materials with one valuation method; another one applies to what is on stock once it has run out."""

    class Valuation(models.TextChoices):
        MOVING_AVERAGE = "moving_average", "Moving average"
        FIFO = "fifo", "First in, first out"
        STANDARD = "standard", "Standard cost"

    code = CodeField()
    name = models.CharField(max_length=120)
    valuation = models.CharField(max_length=16, choices=Valuation, default=Valuation.MOVING_AVERAGE)

    class Meta:
        ordering = ["code"]
        verbose_name_plural = "material categories"

    def __str__(self) -> str:
        return self.name


class Material(models.Model):
    """A thing with a code. `make` materials have a BOM and a routing, `buy` materials a supplier price."""

    class Supply(models.TextChoices):
        MAKE = "make", "Make"
        BUY = "buy", "Buy"

    class Tracking(models.TextChoices):
        NONE = "none", "By quantity"
        LOT = "lot", "By lot"
        SERIAL = "serial", "By serial number"

    code = CodeField()
    name = models.CharField(max_length=160)
    category = models.ForeignKey(MaterialCategory, models.PROTECT, related_name="materials")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", help_text="Base unit")
    supply = models.CharField(max_length=4, choices=Supply)
    standard_cost = UnitPriceField(default=0, help_text="Per base unit, in the company's currency")
    list_price = UnitPriceField(default=0)
    tax_code = models.ForeignKey(TaxCode, models.PROTECT, null=True, blank=True, related_name="+")
    colour = models.CharField(max_length=40, blank=True)
    weight_kg = models.DecimalField(max_digits=14, decimal_places=6, null=True, blank=True)
    tracking = models.CharField(max_length=6, choices=Tracking, default=Tracking.NONE)
    is_dimensioned = models.BooleanField(default=False, help_text="Its lots have length and width; cuts leave remnants")
    is_sellable = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    low_level_code = models.PositiveSmallIntegerField(
        default=0, help_text="0 for what no BOM uses; else one more than the deepest parent. Kept by the BOM services."
    )
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["code"]
        indexes = [models.Index(name="material_by_name", fields=["name"])]
        constraints = [
            models.CheckConstraint(name="standard_cost_not_negative", condition=Q(standard_cost__gte=0)),
            models.CheckConstraint(
                name="dimensioned_material_has_lots", condition=Q(is_dimensioned=False) | Q(tracking="lot")
            ),
            models.CheckConstraint(name="list_price_not_negative", condition=Q(list_price__gte=0)),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class MaterialPlant(models.Model):
    """Planning parameters of a material in one plant."""

    material = models.ForeignKey(Material, models.CASCADE, related_name="plants")
    plant = models.ForeignKey(Plant, models.PROTECT, related_name="+")
    safety_stock = QuantityField(default=0)
    reorder_point = QuantityField(default=0)
    lead_time_days = models.PositiveSmallIntegerField(default=0, help_text="To make; buying uses the supplier's")

    class Meta:
        ordering = ["material", "plant"]
        constraints = [
            models.UniqueConstraint(name="one_planning_row_per_material_and_plant", fields=["material", "plant"]),
            models.CheckConstraint(
                name="planning_quantities_not_negative", condition=Q(safety_stock__gte=0) & Q(reorder_point__gte=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.material_id} in {self.plant_id}"
