"""What suppliers ask for their materials, and how exactly they have to deliver."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.fields import Field

from masterdata.models import Material, Partner, Unit
from masterdata.models.fields import QuantityField, UnitPriceField


class _Validity(Func):
    """daterange(from, until, '[]'); an empty end is open.

    One that ends before it begins counts as its first day: another constraint refuses it, in words.
    """

    output_field: Field = models.TextField()

    def as_sql(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        (begins, first), (ends, last) = (compiler.compile(source) for source in self.get_source_expressions())
        begins, ends = f"({begins})::date", f"({ends})::date"
        sql = f"DATERANGE({begins}, CASE WHEN {ends} < {begins} THEN {begins} ELSE {ends} END, '[]')"
        return sql, [*first, *last, *first, *first, *last]


class SupplierPrice(models.Model):
    """What a supplier asks per purchase unit, how long it takes, and the least and most it sells (purchase units).

    A price holds from `from_quantity` purchase units on and on the days from `valid_from` to `valid_until`, both
    included; what is ordered comes in whole packs of `pack_quantity`.
    """

    supplier = models.ForeignKey(Partner, models.PROTECT, related_name="supplier_prices")
    material = models.ForeignKey(Material, models.PROTECT, related_name="supplier_prices")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    price = UnitPriceField(help_text="Per purchase unit")
    lead_time_days = models.PositiveSmallIntegerField()
    min_quantity = QuantityField(default=0)
    max_quantity = QuantityField(null=True, blank=True)
    from_quantity = QuantityField(default=0, help_text="Purchase units from which this price holds")
    pack_quantity = QuantityField(default=1, help_text="Purchase units in a pack; orders are whole packs")
    valid_from = models.DateField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True)
    supplier_article = models.CharField(max_length=60, blank=True, help_text="The supplier's own number for it")
    is_subcontract = models.BooleanField(
        default=False, db_default=False, help_text="We supply what the BOM names; the price is the supplier's fee"
    )

    class Meta:
        ordering = ["material", "supplier", "from_quantity", "valid_from"]
        constraints = [
            ExclusionConstraint(
                name="one_supplier_price_at_a_time",
                expressions=[
                    ("supplier", RangeOperators.EQUAL),
                    ("material", RangeOperators.EQUAL),
                    ("from_quantity", RangeOperators.EQUAL),
                    (_Validity(F("valid_from"), F("valid_until")), RangeOperators.OVERLAPS),
                ],
                violation_error_message=(
                    "The supplier has a price for this material, quantity and time already: change that one, "
                    "or end it the day before."
                ),
            ),
            models.CheckConstraint(
                name="supplier_price_not_negative",
                condition=Q(price__gte=0),
                violation_error_message="A price can't be below zero.",
            ),
            models.CheckConstraint(
                name="supplier_price_quantities_fit",
                condition=Q(min_quantity__gte=0, from_quantity__gte=0, pack_quantity__gt=0)
                & (Q(max_quantity=None) | Q(max_quantity__gte=F("min_quantity"), max_quantity__gt=0)),
                violation_error_message="A pack is above zero, no quantity below it, the most not below the least.",
            ),
            models.CheckConstraint(
                name="supplier_price_ends_after_it_begins",
                condition=Q(valid_from=None) | Q(valid_until=None) | Q(valid_until__gte=F("valid_from")),
                violation_error_message="A price ends on the day that it begins, or later.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.price} per {self.unit_id}"


class DeliveryTolerance(models.Model):
    """How much more or less than ordered a supplier may bring, in percent; of one material, or (empty) of all."""

    supplier = models.ForeignKey(Partner, models.PROTECT, related_name="delivery_tolerances")
    material = models.ForeignKey(Material, models.PROTECT, null=True, blank=True, related_name="+")
    over_percent = models.DecimalField(max_digits=6, decimal_places=3, default=0, help_text="More that is accepted")
    under_percent = models.DecimalField(
        max_digits=6, decimal_places=3, default=0, help_text="Less that closes the line by itself"
    )

    class Meta:
        ordering = ["supplier", "material"]
        constraints = [
            models.UniqueConstraint(
                name="one_tolerance_per_supplier_and_material", fields=["supplier", "material"], nulls_distinct=False
            ),
            models.CheckConstraint(
                name="tolerance_within_reason",
                condition=Q(over_percent__gte=0, over_percent__lte=100, under_percent__gte=0, under_percent__lt=100),
            ),
        ]

    def __str__(self) -> str:
        return f"+{self.over_percent} -{self.under_percent} %"
