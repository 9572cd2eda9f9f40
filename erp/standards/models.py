"""Versions of standard costs, what each assumes otherwise, and what each material costs in it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from masterdata.models import Material, Plant, User, WorkCentre
from masterdata.models.fields import QuantityField, UnitPriceField

ELEMENTS = ("material", "labour", "machine", "overhead", "subcontract")


class StandardVersion(models.Model):
    """Standard costs of a plant's materials, rolled up by its routings: draft, then released (they are in force)."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        RELEASED = "released", _("Released")

    class Basis(models.TextChoices):
        STANDARD = "standard", _("The standard costs in force")
        AVERAGE = "average", _("What stock is worth now")

    plant = models.ForeignKey(Plant, models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    basis = models.CharField(max_length=8, choices=Basis, default=Basis.STANDARD, help_text="Of what is bought")
    lot_qty = QuantityField(default=1, help_text="Pieces that share a setup, where planning names no lot")
    valid_from = models.DateField()
    made_at = models.DateTimeField(default=timezone.now)
    rolled_at = models.DateTimeField(null=True, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)
    released_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="standard_version_valid",
                condition=Q(lot_qty__gt=0)
                & (Q(state="draft", released_at__isnull=True) | Q(state="released", released_at__isnull=False)),
            )
        ]

    def __str__(self) -> str:
        return self.name


class StandardChange(models.Model):
    """What a version assumes otherwise: a price of a material, an hour of a work centre, scrap of a component."""

    class Kind(models.TextChoices):
        PRICE = "price", _("Price of a material")
        LABOUR = "labour", _("Labour hour of a work centre")
        MACHINE = "machine", _("Machine hour of a work centre")
        SCRAP = "scrap", _("Scrap of a component, per cent")

    version = models.ForeignKey(StandardVersion, models.CASCADE, related_name="changes")
    kind = models.CharField(max_length=7, choices=Kind)
    material = models.ForeignKey(Material, models.PROTECT, null=True, blank=True, related_name="+")
    work_centre = models.ForeignKey(WorkCentre, models.PROTECT, null=True, blank=True, related_name="+")
    value = UnitPriceField()

    class Meta:
        ordering = ["version", "id"]
        constraints = [
            models.CheckConstraint(
                name="standard_change_names_its_thing",
                condition=Q(kind__in=["price", "scrap"], material__isnull=False, work_centre__isnull=True)
                | Q(kind__in=["labour", "machine"], material__isnull=True, work_centre__isnull=False),
            ),
            models.CheckConstraint(name="standard_change_not_negative", condition=Q(value__gte=0)),
            models.UniqueConstraint(
                name="one_change_of_a_thing",
                fields=["version", "kind", "material", "work_centre"],
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"


class StandardCost(models.Model):
    """What one base unit costs in a version: `own_...` is added on its own level, the others with all levels below.

    `present` is the material's standard cost when the version was rolled up.
    """

    version = models.ForeignKey(StandardVersion, models.CASCADE, related_name="costs")
    material = models.ForeignKey(Material, models.PROTECT, related_name="+")
    level = models.PositiveIntegerField()
    own_material = UnitPriceField(default=0)
    own_labour = UnitPriceField(default=0)
    own_machine = UnitPriceField(default=0)
    own_overhead = UnitPriceField(default=0)
    own_subcontract = UnitPriceField(default=0, db_default=0)
    material_cost = UnitPriceField(default=0)
    labour_cost = UnitPriceField(default=0)
    machine_cost = UnitPriceField(default=0)
    overhead_cost = UnitPriceField(default=0)
    subcontract_cost = UnitPriceField(default=0, db_default=0)
    total = UnitPriceField(default=0)
    present = UnitPriceField(default=0)

    class Meta:
        ordering = ["version", "level", "material"]
        constraints = [
            models.UniqueConstraint(name="one_standard_cost_a_material", fields=["version", "material"]),
            models.CheckConstraint(
                name="standard_cost_is_its_elements",
                condition=Q(
                    total=models.F("material_cost")
                    + models.F("labour_cost")
                    + models.F("machine_cost")
                    + models.F("overhead_cost")
                    + models.F("subcontract_cost")
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.material_id}: {self.total}"
