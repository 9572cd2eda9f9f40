"""BOM and routing versions: draft, then frozen for ever."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q

from masterdata.models.fields import QuantityField
from masterdata.models.materials import Material
from masterdata.models.resources import WorkCentre
from masterdata.models.units import Unit


class VersionState(models.TextChoices):
    DRAFT = "draft", "Draft"
    FROZEN = "frozen", "Frozen"
    RETIRED = "retired", "Retired"


class Bom(models.Model):
    """What one `base_qty` of a material is made of. The frozen version is in force; there is at most one."""

    material = models.ForeignKey(Material, models.PROTECT, related_name="boms")
    version_no = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=8, choices=VersionState, default=VersionState.DRAFT)
    base_qty = QuantityField(default=1)
    frozen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["material", "-version_no"]
        constraints = [
            models.UniqueConstraint(name="bom_version_unique", fields=["material", "version_no"]),
            models.UniqueConstraint(
                name="one_frozen_bom_per_material", fields=["material"], condition=Q(state="frozen")
            ),
            models.CheckConstraint(name="bom_base_quantity_positive", condition=Q(base_qty__gt=0)),
        ]

    def __str__(self) -> str:
        return f"BOM {self.material_id} version {self.version_no}"


FROZEN_LINE = """
    IF EXISTS (SELECT 1 FROM {table} WHERE id = {row}.{column} AND state <> 'draft') THEN
        RAISE EXCEPTION 'frozen: make a new version instead' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN {row};
"""


class BomLine(models.Model):
    """`quantity` of a component (in the component's base unit) per `base_qty` of the parent, net of scrap."""

    bom = models.ForeignKey(Bom, models.CASCADE, related_name="lines")
    line_no = models.PositiveIntegerField()
    component = models.ForeignKey(Material, models.PROTECT, related_name="used_in")
    quantity = QuantityField()
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    scrap_percent = models.DecimalField(max_digits=6, decimal_places=3, default=0)
    operation_sequence = models.PositiveIntegerField(
        null=True, blank=True, help_text="Routing operation that uses it; empty: the first"
    )
    is_scanned = models.BooleanField(
        default=False, db_default=False, help_text="Issued by scan; else taken with the reported pieces"
    )

    class Meta:
        ordering = ["bom", "line_no"]
        constraints = [
            models.UniqueConstraint(name="bom_line_number_unique", fields=["bom", "line_no"]),
            models.CheckConstraint(name="bom_quantity_positive", condition=Q(quantity__gt=0)),
            models.CheckConstraint(
                name="bom_scrap_below_hundred", condition=Q(scrap_percent__gte=0) & Q(scrap_percent__lt=100)
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="frozen_bom_keeps_lines",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func=FROZEN_LINE.format(table="masterdata_bom", row="NEW", column="bom_id"),
            ),
            pgtrigger.Trigger(
                name="frozen_bom_loses_no_lines",
                when=pgtrigger.Before,
                operation=pgtrigger.Delete,
                func=FROZEN_LINE.format(table="masterdata_bom", row="OLD", column="bom_id"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line_no}: {self.quantity} of {self.component_id}"


class Routing(models.Model):
    """How a material is made in one plant's work centres. The frozen version is in force; at most one a plant."""

    material = models.ForeignKey(Material, models.PROTECT, related_name="routings")
    plant = models.ForeignKey("masterdata.Plant", models.PROTECT, related_name="+")
    version_no = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=8, choices=VersionState, default=VersionState.DRAFT)
    frozen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["material", "plant", "-version_no"]
        constraints = [
            models.UniqueConstraint(name="routing_version_unique", fields=["material", "plant", "version_no"]),
            models.UniqueConstraint(
                name="one_frozen_routing_per_material_and_plant",
                fields=["material", "plant"],
                condition=Q(state="frozen"),
            ),
        ]

    def __str__(self) -> str:
        return f"Routing {self.material_id} version {self.version_no}"


class RoutingOperation(models.Model):
    """One step: fixed setup and run time per base unit, in minutes, on any machine of the work centre.

    Two operations of one `setup_family` on a machine need no setup between them.
    """

    routing = models.ForeignKey(Routing, models.CASCADE, related_name="operations")
    sequence = models.PositiveIntegerField()
    name = models.CharField(max_length=80)
    work_centre = models.ForeignKey(WorkCentre, models.PROTECT, related_name="+")
    setup_min = models.DecimalField(max_digits=10, decimal_places=3, default=0)
    run_min_per_unit = models.DecimalField(max_digits=12, decimal_places=6)
    setup_family = models.CharField(max_length=40, blank=True)
    is_splittable = models.BooleanField(default=True, help_text="May pause over breaks and nights")

    class Meta:
        ordering = ["routing", "sequence"]
        constraints = [
            models.UniqueConstraint(name="routing_sequence_unique", fields=["routing", "sequence"]),
            models.CheckConstraint(
                name="routing_times_not_negative", condition=Q(setup_min__gte=0) & Q(run_min_per_unit__gte=0)
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="frozen_routing_keeps_operations",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func=FROZEN_LINE.format(table="masterdata_routing", row="NEW", column="routing_id"),
            ),
            pgtrigger.Trigger(
                name="frozen_routing_loses_no_operations",
                when=pgtrigger.Before,
                operation=pgtrigger.Delete,
                func=FROZEN_LINE.format(table="masterdata_routing", row="OLD", column="routing_id"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sequence} {self.name}"
