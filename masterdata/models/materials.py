"""Materials: what is bought, made, stored and sold."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

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
    substitute_group = models.PositiveBigIntegerField(
        null=True,
        blank=True,
        help_text="Materials of one number may stand in for each other. Kept by the BOM services.",
    )
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["code"]
        indexes = [
            models.Index(name="material_by_name", fields=["name"]),
            models.Index(
                name="materials_that_stand_in",
                fields=["substitute_group"],
                condition=Q(substitute_group__isnull=False),
            ),
        ]
        constraints = [
            models.CheckConstraint(name="standard_cost_not_negative", condition=Q(standard_cost__gte=0)),
            models.CheckConstraint(
                name="dimensioned_material_has_lots", condition=Q(is_dimensioned=False) | Q(tracking="lot")
            ),
            models.CheckConstraint(name="list_price_not_negative", condition=Q(list_price__gte=0)),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


NO_CIRCLE = """
    PERFORM pg_advisory_xact_lock(7, NEW.material_id::int);
    IF EXISTS (
        WITH RECURSIVE above(id) AS (
            SELECT NEW.source_plant_id
            UNION
            SELECT p.source_plant_id FROM masterdata_materialplant p JOIN above a ON a.id = p.plant_id
            WHERE p.material_id = NEW.material_id AND p.source_plant_id IS NOT NULL
        )
        SELECT FROM above WHERE id = NEW.plant_id
    ) THEN
        RAISE EXCEPTION 'That plant gets the material from this one, directly or through others: choose another.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'plants_supply_in_no_circle', COLUMN = 'source_plant';
    END IF;
    RETURN NEW;
"""


class MaterialPlant(models.Model):
    """Planning parameters of a material in one plant.

    `to_order`: netting supplies each order by itself. `to_stock`: material planning merges what is needed into lots.
    Days are working days of the plant's calendar. `scrap_percent` is of the material's own work orders:
    gross = net / (1 - scrap). With a `source_plant` the material comes from there instead of being made or bought.
    """

    class Policy(models.TextChoices):
        TO_ORDER = "to_order", _("To order")
        TO_STOCK = "to_stock", _("To stock")

    class LotRule(models.TextChoices):
        LOT_FOR_LOT = "lot_for_lot", _("What is needed that day")
        MULTIPLE = "multiple", _("Multiple of a lot")
        MINIMUM = "minimum", _("At least a lot")
        PERIOD = "period", _("What is needed in a period")

    material = models.ForeignKey(Material, models.CASCADE, related_name="plants")
    plant = models.ForeignKey(Plant, models.PROTECT, related_name="+")
    policy = models.CharField(max_length=8, choices=Policy, default=Policy.TO_ORDER)
    safety_stock = QuantityField(default=0)
    reorder_point = QuantityField(default=0)
    lead_time_days = models.PositiveSmallIntegerField(default=0, help_text="To make; buying uses the supplier's")
    lot_rule = models.CharField(max_length=11, choices=LotRule, default=LotRule.LOT_FOR_LOT)
    lot_qty = QuantityField(default=0, help_text="The multiple, or the least")
    period_days = models.PositiveSmallIntegerField(default=0, help_text="Days that one lot supplies")
    max_lot = QuantityField(null=True, blank=True, help_text="A larger need becomes several lots")
    scrap_percent = models.DecimalField(max_digits=6, decimal_places=3, default=0)
    safety_time_days = models.PositiveSmallIntegerField(default=0, help_text="How much earlier than needed it comes")
    planning_fence_days = models.PositiveSmallIntegerField(
        default=0, help_text="Work that starts within these days is firm: planning no longer changes it"
    )
    source_plant = models.ForeignKey(Plant, models.PROTECT, null=True, blank=True, related_name="+")
    over_percent = models.DecimalField(
        max_digits=6, decimal_places=3, default=0, db_default=0,
        help_text="How much more than its quantity a work order may make",
    )  # fmt: skip

    class Meta:
        ordering = ["material", "plant"]
        constraints = [
            models.UniqueConstraint(name="one_planning_row_per_material_and_plant", fields=["material", "plant"]),
            models.CheckConstraint(
                name="planning_quantities_not_negative",
                condition=Q(safety_stock__gte=0) & Q(reorder_point__gte=0) & Q(lot_qty__gte=0),
                violation_error_message=_("Quantities of planning can't be below zero."),
            ),
            models.CheckConstraint(
                name="lot_rule_has_its_figure",
                condition=(
                    Q(lot_rule="lot_for_lot")
                    | (Q(lot_rule__in=["multiple", "minimum"]) & Q(lot_qty__gt=0))
                    | (Q(lot_rule="period") & Q(period_days__gt=0))
                ),
                violation_error_message=_("Enter the lot's quantity, or for a period its days."),
            ),
            models.CheckConstraint(
                name="largest_lot_holds_a_lot",
                condition=Q(max_lot__isnull=True) | (Q(max_lot__gt=0) & Q(max_lot__gte=F("lot_qty"))),
                violation_error_message=_("The largest lot can't be below the lot's quantity."),
            ),
            models.CheckConstraint(
                name="planning_scrap_below_hundred",
                condition=Q(scrap_percent__gte=0) & Q(scrap_percent__lt=100),
                violation_error_message=_("Enter a scrap from 0 to below 100 %%."),
            ),
            models.CheckConstraint(
                name="over_percent_within_hundred",
                condition=Q(over_percent__gte=0) & Q(over_percent__lte=100),
                violation_error_message=_("Enter a tolerance from 0 to 100 %%."),
            ),
            models.CheckConstraint(
                name="no_transfer_to_itself",
                condition=Q(source_plant__isnull=True) | ~Q(source_plant=F("plant")),
                violation_error_message=_("Choose another plant than this one."),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="plants_supply_in_no_circle",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("source_plant_id", "plant_id", "material_id"),
                condition=pgtrigger.Q(new__source_plant__isnull=False),
                func=NO_CIRCLE,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.material_id} in {self.plant_id}"
